-- Every model as logs name it, beside itself and whatever answers to it by `prices`: two names of one model meet there.
SELECT model, model AS serves FROM requests GROUP BY model
UNION
SELECT model, serves FROM prices WHERE serves IS NOT NULL

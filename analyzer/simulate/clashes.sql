-- How many flows have the number of another one: none, or the numbers are drawn again with another salt.
SELECT count(*) - count(DISTINCT flow)
FROM (
    SELECT DISTINCT flow, endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known,
        cache_basis, route
    FROM flows
)

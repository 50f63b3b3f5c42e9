-- What was called and priced, in the words of the log, and what answered: each of them is a part of some line.
SELECT DISTINCT model, serves, provider, service_tier
FROM entries
WHERE measured
ORDER BY ALL

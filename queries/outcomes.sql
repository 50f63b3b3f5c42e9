-- outcomes.sql
-- Question: How often do calls of each endpoint fail, by model, where the log knows?
-- Reads:    calls
-- Returns:  endpoint  VARCHAR  NULL when the log names none
--           model     VARCHAR  as logged
--           requests  BIGINT   calls whose log tells how they ended
--           failed    BIGINT   of them those that ended in an error
-- Grain:    one row per (endpoint, model)
--
-- What failed means is said in base/calls.sql.
SELECT
    endpoint,
    model,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(calls) FILTER (WHERE outcome = 'failed'), 0) AS BIGINT) AS failed
FROM calls
WHERE outcome IS NOT NULL
GROUP BY endpoint, model
ORDER BY endpoint, model

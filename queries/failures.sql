-- failures.sql
-- Question: Which calls have no usage, and how did they end?
-- Reads:    calls
-- Returns:  endpoint VARCHAR  NULL when the log names none
--           model    VARCHAR  as logged
--           status   VARCHAR  as logged; NULL when the log does not say
--           requests BIGINT   calls without usage: streams that were not asked for it, and failures
-- Grain:    one row per (endpoint, model, status)
SELECT
    endpoint,
    model,
    status,
    CAST(sum(calls) AS BIGINT) AS requests
FROM calls
WHERE NOT measured
GROUP BY endpoint, model, status
ORDER BY requests DESC, endpoint, model, status

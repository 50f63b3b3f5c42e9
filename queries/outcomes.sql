-- outcomes.sql
-- Question: How often do calls of each endpoint fail, by model, where the log knows?
-- Reads:    calls
-- Returns:  endpoint  VARCHAR  NULL when the log names none
--           model     VARCHAR  as logged
--           requests  BIGINT   calls whose log tells how they ended
--           failed    BIGINT   of them those that ended in an error
-- Grain:    one row per (endpoint, model)
--
-- Failed is a status of 400 or more, or one that speaks of an error, a failure, a time-out or a cancellation.
SELECT
    endpoint,
    model,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(calls) FILTER (
        WHERE TRY_CAST(status AS INTEGER) >= 400 OR regexp_matches(lower(status), 'error|fail|timeout|timed out|cancel|exception')
    ), 0) AS BIGINT) AS failed
FROM calls
WHERE status IS NOT NULL
GROUP BY endpoint, model
ORDER BY endpoint, model

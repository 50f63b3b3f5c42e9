-- skipped_reasons.sql
-- Question: Which records are no calls of a provider, and why not?
-- Reads:    skipped, sources
-- Returns:  path    VARCHAR  the log, as it was named
--           reason  VARCHAR  what they are instead, by the rule of their format
--           records BIGINT   records skipped for it
-- Grain:    one row per (path, reason)
SELECT
    s.path,
    k.reason,
    CAST(sum(k.records) AS BIGINT) AS records
FROM skipped AS k
JOIN sources AS s ON s.source_id = k.source_id
GROUP BY s.path, k.reason
ORDER BY s.path, k.reason

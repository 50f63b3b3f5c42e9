-- rejected_reasons.sql
-- Question: For what reasons were records rejected, and where is the first of each?
-- Reads:    rejected, sources
-- Returns:  path    VARCHAR  the log, as it was named
--           reason  VARCHAR  what is wrong
--           records BIGINT   records rejected for it
--           first   BIGINT   the first one's line (JSON) or row below the header (CSV)
-- Grain:    one row per (path, reason)
SELECT
    s.path,
    r.reason,
    count(*) AS records,
    min(r.record) AS first
FROM rejected AS r
JOIN sources AS s ON s.source_id = r.source_id
GROUP BY s.path, r.reason
ORDER BY s.path, first, r.reason

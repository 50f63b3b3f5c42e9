-- rejected.sql
-- Question: Which records could not be understood, where are they, and why?
-- Reads:    rejected, sources
-- Returns:  path   VARCHAR  the log, as it was named
--           record BIGINT   its line (JSON) or its row below the header (CSV)
--           reason VARCHAR  what is wrong with it
-- Grain:    one row per (path, record)
SELECT
    s.path,
    r.record,
    r.reason
FROM rejected AS r
JOIN sources AS s ON s.source_id = r.source_id
ORDER BY s.path, r.record, r.reason

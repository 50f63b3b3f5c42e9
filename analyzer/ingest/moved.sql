-- Count records of sources as requests that were duplicates, or, where negative, the other way round.
UPDATE sources AS s
SET requests = s.requests + m.records, duplicates = s.duplicates - m.records
FROM (SELECT unnest(CAST($ids AS INTEGER[])) AS source_id, unnest(CAST($records AS BIGINT[])) AS records) AS m
WHERE m.source_id = s.source_id

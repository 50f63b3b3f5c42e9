-- Ids that the new sources tell again, among themselves or of requests that the ledger holds. Hashes of them are compared
-- first: they take a fraction of the memory, and mostly none is met again. Those that are met are compared as they stand.
CREATE OR REPLACE TEMP TABLE repeats AS
WITH fresh AS (
    SELECT request_id, hash(request_id) AS mark
    FROM requests
    WHERE source_id >= getvariable('first_source') AND fate IS NULL AND request_id IS NOT NULL
), twice AS (
    SELECT mark FROM fresh GROUP BY mark HAVING count(*) > 1
), met AS MATERIALIZED (
    -- The new ones are what is kept in memory, and those of the ledger, however many, pass by.
    SELECT request_id, mark
    FROM (SELECT request_id, hash(request_id) AS mark FROM requests WHERE source_id < getvariable('first_source') AND request_id IS NOT NULL)
    WHERE mark IN (SELECT mark FROM fresh)
)
SELECT request_id
FROM fresh
WHERE mark IN (SELECT mark FROM twice)
GROUP BY request_id
HAVING count(*) > 1
UNION
SELECT request_id
FROM fresh
WHERE mark IN (SELECT mark FROM met) AND request_id IN (SELECT request_id FROM met)

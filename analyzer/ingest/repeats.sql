-- Ids that the new sources tell again, among themselves or of requests that the ledger holds.
CREATE OR REPLACE TEMP TABLE repeats AS
SELECT request_id
FROM requests
WHERE source_id >= getvariable('first_source') AND fate IS NULL AND request_id IS NOT NULL
GROUP BY request_id
HAVING count(*) > 1
UNION
SELECT request_id
FROM requests AS told
WHERE source_id >= getvariable('first_source') AND fate IS NULL
  AND EXISTS (SELECT 1 FROM requests AS held WHERE held.source_id < getvariable('first_source') AND held.request_id = told.request_id)

-- Logs that were read in one go: each is a whole by itself.
INSERT INTO units
SELECT source_id, source_id, false
FROM logs
WHERE continues IS NULL AND fingerprint NOT IN (SELECT continues FROM logs WHERE continues IS NOT NULL)

-- Sources of logs that have grown: beginnings, and what goes on from them.
SELECT source_id, fingerprint, continues
FROM logs
WHERE continues IS NOT NULL OR fingerprint IN (SELECT continues FROM logs WHERE continues IS NOT NULL)

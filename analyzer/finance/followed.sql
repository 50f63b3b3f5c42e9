-- Whether usage that begins where a page of an export ends is there, of an export of the same kind.
SELECT count(*) > 0
FROM requests AS r
JOIN sources AS s ON s.source_id = r.source_id
WHERE r.bucket_end IS NOT NULL AND r.started_at = $after AND s.format IN (SELECT format FROM sources WHERE path = $path)

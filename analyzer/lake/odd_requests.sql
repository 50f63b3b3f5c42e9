-- The requests that odd records became, with their log's number.
SELECT {columns}
FROM requests AS r
JOIN sources AS s ON s.source_id = r.source_id
JOIN odd_logs USING (path)

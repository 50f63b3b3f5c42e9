-- The table with each call once. Only rows whose ids are repeated are sorted.
SELECT {columns}
FROM requests_read AS r
LEFT JOIN requests_repeated AS o ON o.request_id = r.request_id
WHERE o.request_id IS NULL
UNION ALL
SELECT {columns}
FROM requests_ranked AS r
WHERE place = 1

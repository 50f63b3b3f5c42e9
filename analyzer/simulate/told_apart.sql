-- How many requests have prefix blocks, and by how many names they go.
SELECT count(DISTINCT request_id) AS named, count(*) AS requests
FROM stretches
WHERE cache_basis = 'blocks'

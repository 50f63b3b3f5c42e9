-- Which instant prices a row of an export: the start of the first period within its bucket, in either price list, whose
-- price equals the row's own; else the bucket's start, and the row is not certain.
SELECT
    r.rowid AS row_id,
    coalesce(min(greatest(r.started_at, l.from_instant)), r.started_at) AS instant,
    min(l.from_instant) IS NOT NULL AS certain
FROM requests AS r
LEFT JOIN price_lists AS l
    ON l.model = r.model AND l.provider IS NOT DISTINCT FROM r.provider AND l.service_tier IS NOT DISTINCT FROM r.service_tier
    AND l.from_instant < r.bucket_end AND r.started_at < l.to_instant
    AND coalesce(r.stated_input, l.input) = l.input
    AND coalesce(r.stated_cache_read, l.cache_read) = l.cache_read
    AND coalesce(r.stated_output, l.output) = l.output
    AND coalesce(r.stated_input, r.stated_cache_read, r.stated_output) IS NOT NULL
WHERE r.bucket_end IS NOT NULL
GROUP BY r.rowid, r.started_at

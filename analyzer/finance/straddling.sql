-- Requests that begin in one bucket of a bill and end in another: the two clocks count them in different ones.
SELECT CAST(coalesce(sum(r.calls), 0) AS BIGINT) AS straddling
FROM requests AS r
JOIN bill_buckets AS b ON r.started_at >= b.from_instant AND r.started_at < b.to_instant
WHERE r.bucket_end IS NULL AND r.completed_at >= b.to_instant

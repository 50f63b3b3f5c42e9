-- Requests that begin in one bucket of a bill and end in another, by what was called: the two clocks count them in different ones.
SELECT b.from_instant, b.to_instant, r.model, r.provider, r.service_tier, CAST(sum(r.calls) AS BIGINT) AS requests
FROM requests AS r
JOIN bill_buckets AS b ON r.started_at >= b.from_instant AND r.started_at < b.to_instant
WHERE r.bucket_end IS NULL AND r.completed_at >= b.to_instant
GROUP BY b.from_instant, b.to_instant, r.model, r.provider, r.service_tier
ORDER BY b.from_instant, b.to_instant, r.model, r.provider, r.service_tier

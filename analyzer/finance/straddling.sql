-- Requests that begin in one bucket of time and end in another, at least one of them a bill's (`bill_buckets`), by what was
-- called: the two clocks count them in different ones. Those that begin in a bucket, those that end in one, and, less than
-- nothing, those that do both, which the first two count twice.
WITH begun AS (
    SELECT b.from_instant, b.to_instant, r.model, r.provider, r.service_tier, r.calls, r.completed_at
    FROM requests AS r
    JOIN bill_buckets AS b ON r.started_at >= b.from_instant AND r.started_at < b.to_instant
    WHERE r.bucket_end IS NULL AND r.completed_at >= b.to_instant
), ended AS (
    SELECT b.from_instant, b.to_instant, r.model, r.provider, r.service_tier, r.calls
    FROM requests AS r
    JOIN bill_buckets AS b ON r.completed_at >= b.from_instant AND r.completed_at < b.to_instant
    WHERE r.bucket_end IS NULL AND r.started_at < b.from_instant
), edges AS (
    SELECT from_instant, to_instant, CAST(NULL AS TIMESTAMP) AS ends_from, CAST(NULL AS TIMESTAMP) AS ends_to,
        model, provider, service_tier, calls
    FROM begun
    UNION ALL
    SELECT from_instant, to_instant, CAST(NULL AS TIMESTAMP), CAST(NULL AS TIMESTAMP), model, provider, service_tier, calls
    FROM ended
    UNION ALL
    SELECT s.from_instant, s.to_instant, b.from_instant, b.to_instant, s.model, s.provider, s.service_tier, -s.calls
    FROM begun AS s
    JOIN bill_buckets AS b ON s.completed_at >= b.from_instant AND s.completed_at < b.to_instant
)
SELECT from_instant, to_instant, ends_from, ends_to, model, provider, service_tier, CAST(sum(calls) AS BIGINT) AS requests
FROM edges
GROUP BY from_instant, to_instant, ends_from, ends_to, model, provider, service_tier
ORDER BY from_instant, to_instant, ends_from, ends_to, model, provider, service_tier

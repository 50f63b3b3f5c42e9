-- The ledger's requests that no bucket of a bill covers: they are in no comparison.
SELECT CAST(coalesce(sum(r.calls), 0) AS BIGINT) AS outside
FROM requests AS r
LEFT JOIN bill_buckets AS b ON r.started_at >= b.from_instant AND r.started_at < b.to_instant
WHERE r.bucket_end IS NULL AND b.from_instant IS NULL

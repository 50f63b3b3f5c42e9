-- The ledger's requests that no bucket of a bill covers: they are in no comparison.
SELECT CAST(coalesce(sum(r.calls), 0) AS BIGINT) AS outside
FROM requests AS r
WHERE r.bucket_end IS NULL
  AND NOT EXISTS (SELECT 1 FROM bill_buckets AS b WHERE r.started_at >= b.from_instant AND r.started_at < b.to_instant)

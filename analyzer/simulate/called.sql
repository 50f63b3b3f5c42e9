-- What was called, and on which days: what prices are laid out for. Of requests that stand elsewhere this is all that the ledger
-- here holds; they are counted and summed there.
SELECT model, provider, service_tier, date_trunc('day', started_at) AS started_at, date_trunc('day', completed_at) AS completed_at
FROM requests
WHERE bucket_end IS NULL
GROUP BY model, provider, service_tier, date_trunc('day', started_at), date_trunc('day', completed_at)

-- The ledger's requests by what was called, whenever it was: what a bill is not compared with is what is left of them.
SELECT model, provider, service_tier, CAST(sum(calls) AS BIGINT) AS requests
FROM requests
WHERE bucket_end IS NULL
GROUP BY model, provider, service_tier
ORDER BY model, provider, service_tier

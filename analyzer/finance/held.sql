-- The ledger's requests by what was called, whenever it was: what a bill is not compared with is what is left of them. Rows of
-- usage exports stand for calls that nobody logged one by one: they are the provider's own word.
SELECT
    model, provider, service_tier,
    CAST(coalesce(sum(calls) FILTER (WHERE bucket_end IS NULL), 0) AS BIGINT) AS requests,
    CAST(coalesce(sum(calls) FILTER (WHERE bucket_end IS NOT NULL), 0) AS BIGINT) AS exported
FROM requests
GROUP BY model, provider, service_tier
ORDER BY model, provider, service_tier

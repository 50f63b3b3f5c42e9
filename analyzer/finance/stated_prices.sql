-- Prices that rows of usage exports state: the first of them, which tell in which currency they are.
SELECT DISTINCT
    started_at AS from_instant,
    bucket_end AS to_instant,
    model,
    provider,
    service_tier,
    input_from,
    stated_cache_read AS p_hits,
    stated_input AS p_misses,
    stated_output AS p_output
FROM requests
WHERE bucket_end IS NOT NULL AND coalesce(stated_cache_read, stated_input, stated_output) IS NOT NULL
ORDER BY ALL
LIMIT 200

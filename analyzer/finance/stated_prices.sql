-- Prices that rows of usage exports state, each once, with the first bucket that it is stated of: they tell in which currencies
-- exports are.
SELECT
    min(started_at) AS from_instant,
    arg_min(bucket_end, {'start': started_at, 'end': bucket_end}) AS to_instant,
    model,
    provider,
    service_tier,
    input_from,
    stated_cache_read AS p_hits,
    stated_input AS p_misses,
    stated_output AS p_output
FROM requests
WHERE bucket_end IS NOT NULL AND coalesce(stated_cache_read, stated_input, stated_output) IS NOT NULL
GROUP BY ALL
ORDER BY ALL
LIMIT 200

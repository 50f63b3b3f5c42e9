-- Rows of usage exports: what the provider says was used in each bucket, and at which prices. One row a bucket, model, key
-- and set of prices. Prices are units of 1e-15 of the export's currency per token; a bill that states only money has none,
-- one that states only tokens has no money either. What a refused line told, or none tells, is unread: it is no 0. An export
-- that lists single calls is put into hours.
SELECT
    CASE WHEN bucket_end IS NULL THEN date_trunc('hour', coalesce(completed_at, started_at)) ELSE started_at END AS from_instant,
    coalesce(bucket_end, date_trunc('hour', coalesce(completed_at, started_at)) + INTERVAL 1 HOUR) AS to_instant,
    model,
    provider,
    service_tier,
    api_key_name,
    input_from,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(sum(coalesce(cache_read_tokens, 0)) AS BIGINT) AS hits,
    CAST(coalesce(sum(input_tokens - coalesce(cache_read_tokens, 0) - coalesce(cache_write_tokens, 0)), 0) AS BIGINT) AS misses,
    CAST(sum(coalesce(cache_write_tokens, 0)) AS BIGINT) AS writes,
    CAST(sum(coalesce(cache_write_1h_tokens, 0)) AS BIGINT) AS writes_1h,
    CAST(coalesce(sum(output_tokens), 0) AS BIGINT) AS output,
    stated_cache_read AS p_hits,
    stated_input AS p_misses,
    stated_output AS p_output,
    sum(stated_cost) AS stated,
    -- Money that it has a place for, in words that are no number; of a single call money is all that a bill tells.
    bool_or(stated_cost IS NULL AND (bucket_end IS NULL OR stated_currency IS NOT NULL)) AS money_unread,
    bool_or(input_tokens IS NULL) AS input_unread,
    bool_or(output_tokens IS NULL) AS output_unread,
    bool_or(cache_read_tokens IS NOT NULL) AS tells_hits,
    bool_or(cache_write_tokens IS NOT NULL) AS tells_writes,
    list(apart) FILTER (WHERE apart IS NOT NULL) AS apart
FROM requests
WHERE source_id IN (SELECT source_id FROM requests WHERE bucket_end IS NOT NULL OR stated_cost IS NOT NULL)
GROUP BY ALL
ORDER BY ALL

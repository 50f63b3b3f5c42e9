-- The ledger's requests in the buckets of a bill (`bill_buckets`), by the clock that `clock` names: how many there are of
-- each model, seller and key at each price (`prices`), and their tokens. Unmeasured calls have none; the bill may know of them.
WITH timed AS (
    SELECT *, CASE getvariable('clock') WHEN 'start' THEN started_at ELSE coalesce(completed_at, started_at) END AS instant,
        -- As everywhere: of a row that sums calls up it is not known how much one of them read.
        CASE WHEN calls = 1 THEN coalesce(input_tokens, 0) ELSE 0 END AS size
    FROM requests
    WHERE bucket_end IS NULL
), placed AS (
    SELECT b.from_instant, b.to_instant, t.*
    FROM timed AS t
    JOIN bill_buckets AS b ON t.instant >= b.from_instant AND t.instant < b.to_instant
)
SELECT
    t.from_instant,
    t.to_instant,
    t.model,
    coalesce(p.serves, t.model) AS serves,
    t.provider,
    t.service_tier,
    t.api_key_name,
    CAST(sum(t.calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(t.cache_read_tokens), 0) AS BIGINT) AS hits,
    CAST(coalesce(sum(t.input_tokens - coalesce(t.cache_read_tokens, 0) - coalesce(t.cache_write_tokens, 0)), 0) AS BIGINT) AS misses,
    CAST(coalesce(sum(t.cache_write_tokens), 0) AS BIGINT) AS writes,
    CAST(coalesce(sum(t.output_tokens), 0) AS BIGINT) AS output,
    p.cache_read AS p_hits,
    p.input AS p_misses,
    p.output AS p_output,
    -- What is neither hit, miss nor output: writes to the cache, the price of a request itself, and what audio, images and
    -- searches add.
    sum(CAST(coalesce(t.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
        + CAST(coalesce(t.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
        + CAST(t.calls AS HUGEINT) * p.request
        + CASE WHEN t.apart IS NULL THEN 0 ELSE
            CAST(coalesce(t.apart['input_audio'], 0) AS HUGEINT) * coalesce(p.apart['input_audio'], 0)
            + CAST(coalesce(t.apart['cache_read_audio'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_audio'], 0)
            + CAST(coalesce(t.apart['input_image'], 0) AS HUGEINT) * coalesce(p.apart['input_image'], 0)
            + CAST(coalesce(t.apart['cache_read_image'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_image'], 0)
            + CAST(coalesce(t.apart['output_audio'], 0) AS HUGEINT) * coalesce(p.apart['output_audio'], 0)
            + CAST(coalesce(t.apart['output_image'], 0) AS HUGEINT) * coalesce(p.apart['output_image'], 0)
            + CAST(coalesce(t.apart['search'], 0) AS HUGEINT) * coalesce(p.apart['search'], 0)
            + CAST(coalesce(t.apart['fetch'], 0) AS HUGEINT) * coalesce(p.apart['fetch'], 0)
            + CAST(coalesce(t.apart['file_search'], 0) AS HUGEINT) * coalesce(p.apart['file_search'], 0) END) AS beside
FROM placed AS t
LEFT JOIN prices AS p
    ON p.model = t.model AND p.hour = date_trunc('hour', t.instant) AND p.from_instant <= t.instant AND t.instant < p.to_instant
    AND p.provider IS NOT DISTINCT FROM t.provider AND p.service_tier IS NOT DISTINCT FROM t.service_tier
    AND p.input_from <= t.size AND t.size < p.input_to
GROUP BY t.from_instant, t.to_instant, t.model, p.serves, t.provider, t.service_tier, t.api_key_name, p.cache_read, p.input, p.output
ORDER BY from_instant, to_instant, model, serves, provider, service_tier, api_key_name, p_hits, p_misses, p_output

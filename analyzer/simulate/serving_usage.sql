-- Usage with the prices that it has as it was served, and would have on Flash and on Pro at the same moment. What some lists
-- bill apart from text (`serving_extras`) has rows of its own: of these nothing counts but what they add, `..._more`, and what
-- hits add to it where all of the input is one, `..._hit_more`.
CREATE OR REPLACE TEMP TABLE serving_usage AS
SELECT
    u.*,
    coalesce(w.serves, u.model) AS serves,
    split_part(u.kind, '_', 1) AS class,
    p.input AS p_input, p.cache_read AS p_cache_read, p.output AS p_output,
    u.cache_write_tokens * p.cache_write + u.cache_write_1h_tokens * (p.cache_write_1h - p.cache_write) AS p_writes,
    u.requests * CAST(p.request AS HUGEINT) AS p_requests,
    f.serves AS flash_serves, f.input AS flash_input, f.cache_read AS flash_cache_read, f.output AS flash_output,
    CASE q.input WHEN getvariable('probe_flash') THEN 'flash' WHEN getvariable('probe_pro') THEN 'pro' ELSE 'other' END AS priced_as,
    -- Where writes are not billed apart they are misses, at an own price, too.
    q.input IN (getvariable('probe_flash'), getvariable('probe_pro')) AND p.cache_write = p.input AS writes_miss,
    t.serves AS pro_serves, t.input AS pro_input, t.cache_read AS pro_cache_read, t.output AS pro_output,
    u.amount * coalesce(p.apart[u.kind], 0) AS p_more, u.amount * coalesce(p.apart[u.hit_kind], 0) AS p_hit_more,
    u.amount * coalesce(f.apart[u.kind], 0) AS flash_more, u.amount * coalesce(f.apart[u.hit_kind], 0) AS flash_hit_more,
    u.amount * coalesce(t.apart[u.kind], 0) AS pro_more, u.amount * coalesce(t.apart[u.hit_kind], 0) AS pro_hit_more
FROM (
    SELECT
        endpoint, model, provider, service_tier, moment, size, measured, requests, input_tokens,
        coalesce(cache_read_tokens, 0) AS cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens,
        CAST(NULL AS VARCHAR) AS kind, CAST(NULL AS VARCHAR) AS hit_kind, CAST(0 AS HUGEINT) AS amount
    FROM usage
    UNION ALL
    SELECT
        endpoint, model, provider, service_tier, moment, size, measured, 0, 0, 0, 0, 0, 0,
        kind, CASE WHEN starts_with(kind, 'input_') THEN replace(kind, 'input_', 'cache_read_') END, amount
    FROM serving_extras
) AS u
LEFT JOIN prices AS p
    ON p.model = u.model AND p.hour = date_trunc('hour', u.moment) AND p.from_instant <= u.moment AND u.moment < p.to_instant
    AND p.provider IS NOT DISTINCT FROM u.provider AND p.service_tier IS NOT DISTINCT FROM u.service_tier
    AND p.input_from <= u.size AND u.size < p.input_to
LEFT JOIN probed AS q
    ON q.model = u.model AND q.hour = date_trunc('hour', u.moment) AND q.from_instant <= u.moment AND u.moment < q.to_instant
    AND q.provider IS NOT DISTINCT FROM u.provider AND q.service_tier IS NOT DISTINCT FROM u.service_tier
    AND q.input_from <= u.size AND u.size < q.input_to
LEFT JOIN families AS f
    ON f.model = 'flash' AND f.hour = date_trunc('hour', u.moment) AND f.from_instant <= u.moment AND u.moment < f.to_instant
    AND f.input_from <= u.size AND u.size < f.input_to
LEFT JOIN families AS t
    ON t.model = 'pro' AND t.hour = date_trunc('hour', u.moment) AND t.from_instant <= u.moment AND u.moment < t.to_instant
    AND t.input_from <= u.size AND u.size < t.input_to
-- Which model it was does not hang on whether it has a price.
LEFT JOIN served AS w
    ON w.name = u.model AND w.provider IS NOT DISTINCT FROM u.provider AND w.service_tier IS NOT DISTINCT FROM u.service_tier
    AND w.from_instant <= u.moment AND u.moment < w.to_instant
WHERE u.measured

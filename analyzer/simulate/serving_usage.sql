-- Usage with the prices that it has as it was served, and would have on Flash and on Pro at the same moment.
CREATE OR REPLACE TEMP TABLE serving_usage AS
SELECT
    u.* REPLACE (coalesce(u.cache_read_tokens, 0) AS cache_read_tokens),
    coalesce(w.serves, u.model) AS serves,
    p.input AS p_input, p.cache_read AS p_cache_read, p.output AS p_output,
    u.cache_write_tokens * p.cache_write + u.cache_write_1h_tokens * (p.cache_write_1h - p.cache_write) AS p_writes,
    u.requests * CAST(p.request AS HUGEINT) AS p_requests,
    f.serves AS flash_serves, f.input AS flash_input, f.cache_read AS flash_cache_read, f.output AS flash_output,
    CASE q.input WHEN getvariable('probe_flash') THEN 'flash' WHEN getvariable('probe_pro') THEN 'pro' ELSE 'other' END AS priced_as,
    -- Where writes are not billed apart they are misses, at an own price, too.
    q.input IN (getvariable('probe_flash'), getvariable('probe_pro')) AND p.cache_write = p.input AS writes_miss,
    t.serves AS pro_serves, t.input AS pro_input, t.cache_read AS pro_cache_read, t.output AS pro_output
FROM usage AS u
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

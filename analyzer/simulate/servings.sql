-- What each endpoint's usage costs as it was served, all on Flash and all on Pro, in parts that are linear in what a reader
-- may change: the share of Pro, the hit rate, the length of outputs, the prices.
--
-- An own price of a family holds for what is routed to it and for what was logged under another word for it: `priced_as`
-- tells them apart from the others. A target has no price of its own for cache writes: what another provider
-- bills as a write is a miss there. What is billed apart from text belongs to the part that it changes with; searches and
-- fetches to that of requests.
WITH lines AS (
    SELECT
        endpoint,
        'logged' AS serving,
        priced_as,
        false AS moved,
        true AS compared,
        input_tokens - cache_read_tokens - CASE WHEN writes_miss THEN 0 ELSE cache_write_tokens END AS miss_tokens,
        cache_read_tokens AS hit_tokens,
        input_tokens,
        output_tokens,
        p_input AS input, p_cache_read AS cache_read, p_output AS output, CASE WHEN writes_miss THEN 0 ELSE p_writes END AS write_cost, p_requests AS request_cost,
        class, p_more AS more, p_hit_more AS hit_more
    FROM serving_usage
    WHERE p_input IS NOT NULL
    UNION ALL
    SELECT
        endpoint, 'flash', 'flash', flash_serves <> serves, p_input IS NOT NULL,
        input_tokens - cache_read_tokens, cache_read_tokens, input_tokens, output_tokens,
        flash_input, flash_cache_read, flash_output, 0, 0, class, flash_more, flash_hit_more
    FROM serving_usage
    WHERE flash_input IS NOT NULL
    UNION ALL
    SELECT
        endpoint, 'pro', 'pro', pro_serves <> serves, p_input IS NOT NULL,
        input_tokens - cache_read_tokens, cache_read_tokens, input_tokens, output_tokens,
        pro_input, pro_cache_read, pro_output, 0, 0, class, pro_more, pro_hit_more
    FROM serving_usage
    WHERE pro_input IS NOT NULL
)
SELECT
    endpoint,
    serving,
    priced_as,
    moved,
    compared,
    CAST(sum(miss_tokens) AS HUGEINT) AS miss_tokens,
    CAST(sum(hit_tokens) AS HUGEINT) AS hit_tokens,
    CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
    CAST(sum(miss_tokens * input + CASE WHEN class = 'input' THEN more ELSE 0 END) AS HUGEINT) AS miss_cost,
    CAST(sum(hit_tokens * cache_read + CASE WHEN class = 'cache' THEN more ELSE 0 END) AS HUGEINT) AS hit_cost,
    CAST(sum(input_tokens * input + CASE WHEN class = 'input' THEN more ELSE 0 END) AS HUGEINT) AS all_missed_cost,
    CAST(sum(input_tokens * cache_read + CASE WHEN class = 'input' THEN more + hit_more ELSE 0 END) AS HUGEINT) AS all_hit_cost,
    CAST(sum(output_tokens * output + CASE WHEN class = 'output' THEN more ELSE 0 END) AS HUGEINT) AS output_cost,
    CAST(sum(write_cost) AS HUGEINT) AS write_cost,
    CAST(sum(request_cost + CASE WHEN class NOT IN ('input', 'cache', 'output') THEN more ELSE 0 END) AS HUGEINT) AS request_cost
FROM lines
GROUP BY endpoint, serving, priced_as, moved, compared
ORDER BY endpoint, serving, priced_as, moved, compared

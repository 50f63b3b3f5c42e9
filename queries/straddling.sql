-- straddling.sql
-- Question: Which requests began and ended in windows of different prices, and what would the other clock make of them?
-- Reads:    requests, prices, odd_hours
-- Returns:  model              VARCHAR        as logged
--           requests           BIGINT         calls that would cost something else by their other clock
--           cost_by_completion DECIMAL(38,15) their cost by the price at their completion
--           cost_by_start      DECIMAL(38,15) their cost by the price at their start
-- Grain:    one row per model
-- Settings: since, until
WITH candidates AS (
    SELECT *, CASE WHEN calls = 1 THEN input_tokens ELSE coalesce(input_from, 0) END AS size  -- as `calls` has it
    FROM requests
    WHERE bucket_end IS NULL AND completed_at > started_at AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
      -- Mostly one price holds for a whole hour: then only those that end in another hour are looked at.
      AND (date_trunc('hour', started_at) <> date_trunc('hour', completed_at)
           OR date_trunc('hour', started_at) IN (SELECT hour FROM odd_hours))
      AND completed_at >= coalesce(getvariable('since'), TIMESTAMP '0001-01-01')
      AND started_at < coalesce(getvariable('until'), TIMESTAMP '9999-01-01')
), both_ways AS (
    SELECT r.*, p.apart AS apart_by_completion, s.apart AS apart_by_start,
        CAST(r.input_tokens - coalesce(r.cache_read_tokens, 0) - coalesce(r.cache_write_tokens, 0) AS HUGEINT) * p.input
            + CAST(coalesce(r.cache_read_tokens, 0) AS HUGEINT) * p.cache_read
            + CAST(coalesce(r.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
            + CAST(coalesce(r.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
            + CAST(r.output_tokens AS HUGEINT) * p.output + CAST(r.calls AS HUGEINT) * p.request AS by_completion,
        CAST(r.input_tokens - coalesce(r.cache_read_tokens, 0) - coalesce(r.cache_write_tokens, 0) AS HUGEINT) * s.input
            + CAST(coalesce(r.cache_read_tokens, 0) AS HUGEINT) * s.cache_read
            + CAST(coalesce(r.cache_write_tokens, 0) AS HUGEINT) * s.cache_write
            + CAST(coalesce(r.cache_write_1h_tokens, 0) AS HUGEINT) * (s.cache_write_1h - s.cache_write)
            + CAST(r.output_tokens AS HUGEINT) * s.output + CAST(r.calls AS HUGEINT) * s.request AS by_start
    FROM candidates AS r
    JOIN prices AS p
        ON p.model = r.model AND p.hour = date_trunc('hour', r.completed_at) AND p.from_instant <= r.completed_at AND r.completed_at < p.to_instant
        AND p.provider IS NOT DISTINCT FROM r.provider AND p.service_tier IS NOT DISTINCT FROM r.service_tier
        AND p.input_from <= r.size AND r.size < p.input_to
    JOIN prices AS s
        ON s.model = r.model AND s.hour = date_trunc('hour', r.started_at) AND s.from_instant <= r.started_at AND r.started_at < s.to_instant
        AND s.provider IS NOT DISTINCT FROM r.provider AND s.service_tier IS NOT DISTINCT FROM r.service_tier
        AND s.input_from <= r.size AND r.size < s.input_to
), compared AS (
    SELECT model, calls,
        by_completion + CASE WHEN apart IS NULL THEN 0 ELSE
            CAST(coalesce(apart['input_audio'], 0) AS HUGEINT) * coalesce(apart_by_completion['input_audio'], 0)
            + CAST(coalesce(apart['cache_read_audio'], 0) AS HUGEINT) * coalesce(apart_by_completion['cache_read_audio'], 0)
            + CAST(coalesce(apart['input_image'], 0) AS HUGEINT) * coalesce(apart_by_completion['input_image'], 0)
            + CAST(coalesce(apart['cache_read_image'], 0) AS HUGEINT) * coalesce(apart_by_completion['cache_read_image'], 0)
            + CAST(coalesce(apart['output_audio'], 0) AS HUGEINT) * coalesce(apart_by_completion['output_audio'], 0)
            + CAST(coalesce(apart['output_image'], 0) AS HUGEINT) * coalesce(apart_by_completion['output_image'], 0)
            + CAST(coalesce(apart['search'], 0) AS HUGEINT) * coalesce(apart_by_completion['search'], 0)
            + CAST(coalesce(apart['fetch'], 0) AS HUGEINT) * coalesce(apart_by_completion['fetch'], 0)
            + CAST(coalesce(apart['file_search'], 0) AS HUGEINT) * coalesce(apart_by_completion['file_search'], 0) END AS by_completion,
        by_start + CASE WHEN apart IS NULL THEN 0 ELSE
            CAST(coalesce(apart['input_audio'], 0) AS HUGEINT) * coalesce(apart_by_start['input_audio'], 0)
            + CAST(coalesce(apart['cache_read_audio'], 0) AS HUGEINT) * coalesce(apart_by_start['cache_read_audio'], 0)
            + CAST(coalesce(apart['input_image'], 0) AS HUGEINT) * coalesce(apart_by_start['input_image'], 0)
            + CAST(coalesce(apart['cache_read_image'], 0) AS HUGEINT) * coalesce(apart_by_start['cache_read_image'], 0)
            + CAST(coalesce(apart['output_audio'], 0) AS HUGEINT) * coalesce(apart_by_start['output_audio'], 0)
            + CAST(coalesce(apart['output_image'], 0) AS HUGEINT) * coalesce(apart_by_start['output_image'], 0)
            + CAST(coalesce(apart['search'], 0) AS HUGEINT) * coalesce(apart_by_start['search'], 0)
            + CAST(coalesce(apart['fetch'], 0) AS HUGEINT) * coalesce(apart_by_start['fetch'], 0)
            + CAST(coalesce(apart['file_search'], 0) AS HUGEINT) * coalesce(apart_by_start['file_search'], 0) END AS by_start
    FROM both_ways
)
SELECT
    model,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(sum(by_completion) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost_by_completion,
    CAST(sum(by_start) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost_by_start
FROM compared
WHERE by_completion <> by_start
GROUP BY model
ORDER BY requests DESC, model

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
    SELECT rowid AS row_id, *
    FROM requests
    WHERE bucket_end IS NULL AND completed_at > started_at AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL
      -- Mostly one price holds for a whole hour: then only those that end in another hour are looked at.
      AND (date_trunc('hour', started_at) <> date_trunc('hour', completed_at)
           OR date_trunc('hour', started_at) IN (SELECT hour FROM odd_hours))
      AND completed_at >= coalesce(getvariable('since'), TIMESTAMP '0001-01-01')
      AND started_at < coalesce(getvariable('until'), TIMESTAMP '9999-01-01')
), both_ways AS (
    SELECT *, unnest([started_at, completed_at]) AS instant, unnest(['start', 'completion']) AS clock
    FROM candidates
), priced AS (
    SELECT r.row_id, r.model, r.calls, r.clock,
        CAST(r.input_tokens - coalesce(r.cache_read_tokens, 0) - coalesce(r.cache_write_tokens, 0) AS HUGEINT) * p.input
            + CAST(coalesce(r.cache_read_tokens, 0) AS HUGEINT) * p.cache_read
            + CAST(coalesce(r.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
            + CAST(coalesce(r.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
            + CAST(r.output_tokens AS HUGEINT) * p.output + CAST(r.calls AS HUGEINT) * p.request
            + CASE WHEN r.apart IS NULL THEN 0 ELSE coalesce(list_sum(list_transform(map_entries(r.apart),
                lambda one: CAST(one.value AS HUGEINT) * coalesce(p.apart[one.key], 0))), 0) END AS cost
    FROM both_ways AS r
    JOIN prices AS p
        ON p.model = r.model AND p.hour = date_trunc('hour', r.instant) AND p.from_instant <= r.instant AND r.instant < p.to_instant
        AND p.provider IS NOT DISTINCT FROM r.provider AND p.service_tier IS NOT DISTINCT FROM r.service_tier
        AND p.input_from <= r.input_tokens AND r.input_tokens < p.input_to
), compared AS (
    SELECT row_id, model, calls,
        max(cost) FILTER (WHERE clock = 'completion') AS by_completion,
        max(cost) FILTER (WHERE clock = 'start') AS by_start
    FROM priced
    GROUP BY row_id, model, calls
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

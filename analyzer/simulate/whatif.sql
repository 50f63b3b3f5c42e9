-- What the calls would have cost under one scenario, by endpoint. Reality is the scenario that routes nothing.
-- The slot is the model or family that a call is routed to, an expression; NULL leaves it where it was.
--
-- A call moves when another model would serve it, by the identity timeline. Three costs, alike but for the cache:
--   low   transferred: every call keeps its hits (an unknown split is all hits)
--   high  cold: every call misses whose domain contains one that moved
--   cost  a domain that is split between models by the move is cold, any other keeps its hits
WITH routed AS (
    SELECT *, {target} AS target
    FROM calls
), placed AS (
    SELECT
        r.*,
        CASE WHEN r.target IS NULL THEN l.input ELSE t.input END AS p_input,
        CASE WHEN r.target IS NULL THEN l.cache_read ELSE t.cache_read END AS p_cache_read,
        CASE WHEN r.target IS NULL THEN l.cache_write ELSE t.cache_write END AS p_cache_write,
        CASE WHEN r.target IS NULL THEN l.cache_write_1h ELSE t.cache_write_1h END AS p_cache_write_1h,
        CASE WHEN r.target IS NULL THEN l.output ELSE t.output END AS p_output,
        CASE WHEN r.target IS NULL THEN l.request ELSE t.request END AS p_request,
        CASE WHEN r.target IS NULL THEN false ELSE coalesce(t.before_first, false) END AS before_first,
        CASE WHEN r.target IS NULL THEN coalesce(l.serves, r.model) ELSE coalesce(t.serves, r.target) END AS serves,
        r.target IS NOT NULL AND coalesce(t.serves, r.target) <> coalesce(l.serves, r.model) AS moved,
        c.input IS NOT NULL AS actually_priced,
        CAST(r.input_tokens - coalesce(r.cache_read_tokens, 0) - coalesce(r.cache_write_tokens, 0) AS HUGEINT) * c.input
            + CAST(coalesce(r.cache_read_tokens, 0) AS HUGEINT) * c.cache_read
            + CAST(coalesce(r.cache_write_tokens, 0) AS HUGEINT) * c.cache_write
            + CAST(coalesce(r.cache_write_1h_tokens, 0) AS HUGEINT) * (c.cache_write_1h - c.cache_write)
            + CAST(r.output_tokens AS HUGEINT) * c.output + CAST(r.calls AS HUGEINT) * c.request AS actual_cost
    FROM routed AS r
    LEFT JOIN logged AS l
        ON l.model = r.model AND l.hour = date_trunc('hour', r.instant) AND l.from_instant <= r.instant AND r.instant < l.to_instant
        AND l.provider IS NOT DISTINCT FROM r.provider AND l.service_tier IS NOT DISTINCT FROM r.service_tier
        AND l.input_from <= r.size AND r.size < l.input_to
    LEFT JOIN targets AS t
        ON t.model = r.target AND t.hour = date_trunc('hour', r.instant) AND t.from_instant <= r.instant AND r.instant < t.to_instant
        AND t.input_from <= r.size AND r.size < t.input_to
    LEFT JOIN prices AS c
        ON c.model = r.model AND c.hour = date_trunc('hour', r.instant) AND c.from_instant <= r.instant AND r.instant < c.to_instant
        AND c.provider IS NOT DISTINCT FROM r.provider AND c.service_tier IS NOT DISTINCT FROM r.service_tier
        AND c.input_from <= r.size AND r.size < c.input_to
), domains AS (
    SELECT domain AS key, bool_or(moved) AS touched, bool_or(moved) AND min(serves) <> max(serves) AS split
    FROM placed
    GROUP BY domain
), cached AS (
    SELECT p.*,
        coalesce(cache_read_tokens, input_tokens - coalesce(cache_write_tokens, 0)) AS hits_low,
        CASE WHEN d.touched THEN 0 ELSE coalesce(cache_read_tokens, 0) END AS hits_high,
        CASE getvariable('cache')
            WHEN 'transferred' THEN coalesce(cache_read_tokens, 0)
            WHEN 'cold' THEN CASE WHEN d.touched THEN 0 ELSE coalesce(cache_read_tokens, 0) END
            ELSE CASE WHEN d.split THEN 0 ELSE coalesce(cache_read_tokens, 0) END END AS hits,
        coalesce(cache_write_tokens, 0) AS writes,
        -- What every one of the three costs holds besides tokens that were read.
        CAST(coalesce(cache_write_tokens, 0) AS HUGEINT) * p_cache_write
            + CAST(coalesce(cache_write_1h_tokens, 0) AS HUGEINT) * (p_cache_write_1h - p_cache_write)
            + CAST(output_tokens AS HUGEINT) * p_output + CAST(calls AS HUGEINT) * p_request AS beside,
        measured AND p_input IS NOT NULL AS priced
    FROM placed AS p
    JOIN domains AS d ON d.key = p.domain
), charged AS (
    SELECT *,
        CAST(input_tokens - hits - writes AS HUGEINT) * p_input + CAST(hits AS HUGEINT) * p_cache_read + beside AS cost,
        CAST(input_tokens - hits_low - writes AS HUGEINT) * p_input + CAST(hits_low AS HUGEINT) * p_cache_read + beside AS low,
        CAST(input_tokens - hits_high - writes AS HUGEINT) * p_input + CAST(hits_high AS HUGEINT) * p_cache_read + beside AS high
    FROM cached
)
SELECT
    endpoint,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(calls) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(calls) FILTER (WHERE priced AND actually_priced), 0) AS BIGINT) AS compared_requests,
    CAST(coalesce(sum(calls) FILTER (WHERE priced AND before_first), 0) AS BIGINT) AS before_first_price,
    CAST(coalesce(sum(calls) FILTER (WHERE moved), 0) AS BIGINT) AS moved,
    CAST(coalesce(sum(calls) FILTER (WHERE session_id IS NOT NULL), 0) AS BIGINT) AS in_sessions,
    sum(cost) FILTER (WHERE priced) AS cost,
    sum(low) FILTER (WHERE priced) AS low,
    sum(high) FILTER (WHERE priced) AS high,
    sum(cost) FILTER (WHERE priced AND actually_priced) AS compared_cost,
    sum(actual_cost) FILTER (WHERE priced AND actually_priced) AS compared_actual
FROM charged
GROUP BY endpoint
ORDER BY endpoint

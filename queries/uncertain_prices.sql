-- uncertain_prices.sql
-- Question: Which calls of usage exports have a price that may be another one's within their bucket?
-- Reads:    calls, charges, prices
-- Returns:  model    VARCHAR        as logged
--           requests BIGINT         calls priced as of their bucket's start, for want of anything better
--           cost     DECIMAL(38,15) their cost by that price
-- Grain:    one row per model
--
-- A row of an export takes the period within its bucket that has the row's own price. Here is what has none: rows whose own
-- price is in no period, and rows without a price of their own whose bucket is longer than one price holds.
WITH doubtful AS (
    SELECT
        c.row_id, c.started_at, c.bucket_end, c.model, c.provider, c.service_tier, c.calls, c.p_miss, c.p_read, c.p_output, c.cost,
        coalesce(k.stated_input, k.stated_cache_read, k.stated_output) IS NOT NULL AS states_its_own
    FROM charges AS c
    JOIN calls AS k ON k.row_id = c.row_id
    WHERE NOT c.certain AND c.bucket_end IS NOT NULL AND c.priced
), changing AS (
    SELECT DISTINCT d.row_id
    FROM doubtful AS d
    JOIN prices AS p
        ON p.model = d.model AND p.provider IS NOT DISTINCT FROM d.provider AND p.service_tier IS NOT DISTINCT FROM d.service_tier
        AND p.from_instant < d.bucket_end AND d.started_at < p.to_instant AND p.input_from = 0
    WHERE p.input <> d.p_miss OR p.cache_read <> d.p_read OR p.output <> d.p_output
)
SELECT
    model,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(sum(cost) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost
FROM doubtful
WHERE states_its_own OR row_id IN (SELECT row_id FROM changing)
GROUP BY model
ORDER BY requests DESC, model

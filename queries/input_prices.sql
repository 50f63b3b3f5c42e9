-- input_prices.sql
-- Question: What did input cost after cache hits, and what would it have cost at list price without a cache?
-- Reads:    usage, prices
-- Returns:  endpoint     VARCHAR         NULL when the log names none
--           input_tokens BIGINT          tokens of the priced calls, cached or not
--           input_cost   DECIMAL(38,15)  of misses, hits and writes, exact, in the currency of the price list
--           list_cost    DECIMAL(38,15)  of the same tokens, had every one missed the cache
-- Grain:    one row per endpoint
--
-- The effective price of input is input_cost / input_tokens; the list price that it is held against, list_cost /
-- input_tokens, is weighted by the same tokens. Without a known cache split all input counts as missed.
WITH priced AS (
    SELECT
        u.endpoint,
        u.input_tokens,
        (u.input_tokens - coalesce(u.cache_read_tokens, 0) - u.cache_write_tokens) * p.input + coalesce(u.cache_read_tokens, 0) * p.cache_read
            + u.cache_write_tokens * p.cache_write + u.cache_write_1h_tokens * (p.cache_write_1h - p.cache_write) AS paid,
        u.input_tokens * p.input AS listed
    FROM usage AS u
    JOIN prices AS p
        ON p.model = u.model AND p.hour = date_trunc('hour', u.moment) AND p.from_instant <= u.moment AND u.moment < p.to_instant
        AND p.provider IS NOT DISTINCT FROM u.provider AND p.service_tier IS NOT DISTINCT FROM u.service_tier
        AND p.input_from <= u.size AND u.size < p.input_to
    WHERE u.measured AND p.input IS NOT NULL
)
SELECT
    endpoint,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(paid) AS DECIMAL(38, 0)) * 0.000000000000001 AS input_cost,
    CAST(sum(listed) AS DECIMAL(38, 0)) * 0.000000000000001 AS list_cost
FROM priced
GROUP BY endpoint
ORDER BY endpoint

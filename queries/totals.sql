-- totals.sql
-- Question: What was used and spent in all?
-- Reads:    costs
-- Returns:  requests           BIGINT          calls
--           input_tokens       BIGINT          tokens read, cached or not; NULL when no call's are known
--           cache_read_tokens  BIGINT          tokens served from the cache; NULL when no log tells
--           cache_write_tokens BIGINT          tokens written to the cache, where billed
--           output_tokens      BIGINT          tokens billed as output; NULL when no call's are known
--           reasoning_tokens   BIGINT          the part of them spent on reasoning; NULL when no log tells
--           cache_hit_rate     DOUBLE          0 to 1, token-weighted, where the split is known; NULL when it never is
--           priced             BIGINT          calls with a cost
--           unpriced           BIGINT          calls with usage that no price covers; not in the cost
--           cost               DECIMAL(38,15)  exact, in the currency of the price list; NULL when nothing is priced
-- Grain:    one row
SELECT
    CAST(coalesce(sum(requests), 0) AS BIGINT) AS requests,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(cache_read_tokens) AS BIGINT) AS cache_read_tokens,
    CAST(sum(cache_write_tokens) AS BIGINT) AS cache_write_tokens,
    CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
    CAST(sum(cache_read_tokens) AS DOUBLE) / nullif(CAST(sum(known_input_tokens) AS DOUBLE), 0) AS cache_hit_rate,
    CAST(coalesce(sum(priced), 0) AS BIGINT) AS priced,
    CAST(coalesce(sum(unpriced), 0) AS BIGINT) AS unpriced,
    CAST(sum(cost) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost
FROM costs

-- usage.sql
-- Question: What was used, in stretches of time and sizes of input within which no price changes?
-- Reads:    stretches
-- Returns:  endpoint              VARCHAR    endpoint
--           model                 VARCHAR    as logged
--           provider              VARCHAR    who served it, as logged
--           service_tier          VARCHAR    as logged
--           moment                TIMESTAMP  UTC: the hour, or the minute in an hour within which a price changes
--           hour                  TIMESTAMP  start of the hour in the reporting zone
--           size                  BIGINT     least input of requests of this size, where a price depends on it; else 0
--           measured              BOOLEAN    input and output are both known
--           split_known           BOOLEAN    so is what of the input came from the cache
--           requests              BIGINT     calls
--           input_tokens          HUGEINT    tokens; NULL when no call's are known
--           cache_read_tokens     HUGEINT    likewise
--           cache_write_tokens    HUGEINT    likewise; 0 when the input is known, and nobody tells of writes
--           cache_write_1h_tokens HUGEINT    the part of those written for an hour
--           output_tokens         HUGEINT    tokens; NULL when no call's are known
--           reasoning_tokens      HUGEINT    likewise
-- Grain:    one row per (endpoint, model, provider, service_tier, moment, hour, size, measured, split_known)
--
-- Money is linear in tokens where the price is one: sums are priced, not requests. That is most of the speed.
SELECT
    endpoint,
    model,
    provider,
    service_tier,
    moment,
    hour,
    size,
    measured,
    split_known,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(sum(input_tokens) AS HUGEINT) AS input_tokens,
    CAST(sum(cache_read_tokens) AS HUGEINT) AS cache_read_tokens,
    CAST(CASE WHEN sum(input_tokens) IS NULL THEN sum(cache_write_tokens) ELSE coalesce(sum(cache_write_tokens), 0) END
        AS HUGEINT) AS cache_write_tokens,
    CAST(coalesce(sum(cache_write_1h_tokens), 0) AS HUGEINT) AS cache_write_1h_tokens,
    CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS HUGEINT) AS reasoning_tokens
FROM stretches
GROUP BY endpoint, model, provider, service_tier, moment, hour, size, measured, split_known

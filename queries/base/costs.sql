-- costs.sql
-- Question: What was used and spent in each hour?
-- Reads:    charges
-- Returns:  endpoint           VARCHAR      endpoint
--           model              VARCHAR      as logged
--           hour               TIMESTAMP    start of the hour in the reporting zone
--           window             VARCHAR      price window; NULL when unpriced
--           requests           BIGINT       calls
--           measured           BIGINT       calls with known usage
--           priced             BIGINT       calls with a cost
--           unpriced           BIGINT       calls with usage that no price covers
--           cache_unknown      BIGINT       calls with usage whose cache split is not known
--           uncertain          BIGINT       calls on the day of a price change whose hour is not known
--           input_tokens       HUGEINT      tokens
--           known_input_tokens HUGEINT      tokens of the calls whose cache split is known: what a hit rate divides by
--           cache_read_tokens  HUGEINT      tokens
--           cache_write_tokens HUGEINT      tokens
--           output_tokens      HUGEINT      tokens
--           reasoning_tokens   HUGEINT      tokens
--           cost               HUGEINT      units of 1e-15 of the currency; NULL when nothing is priced
--           cost_low           HUGEINT      the same, with an unknown cache split taken as all hits
-- Grain:    one row per (endpoint, model, hour, window)
SELECT
    endpoint,
    model,
    date_trunc('hour', local) AS hour,
    "window",
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(calls) FILTER (WHERE measured), 0) AS BIGINT) AS measured,
    CAST(coalesce(sum(calls) FILTER (WHERE priced), 0) AS BIGINT) AS priced,
    CAST(coalesce(sum(calls) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(calls) FILTER (WHERE measured AND cache_read_tokens IS NULL), 0) AS BIGINT) AS cache_unknown,
    CAST(coalesce(sum(calls) FILTER (WHERE on_uncertain_day), 0) AS BIGINT) AS uncertain,
    coalesce(sum(input_tokens), 0) AS input_tokens,
    coalesce(sum(input_tokens) FILTER (WHERE cache_read_tokens IS NOT NULL), 0) AS known_input_tokens,
    coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens,
    coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens,
    coalesce(sum(output_tokens), 0) AS output_tokens,
    coalesce(sum(reasoning_tokens), 0) AS reasoning_tokens,
    sum(cost) AS cost,
    sum(cost_low) AS cost_low
FROM charges
GROUP BY endpoint, model, date_trunc('hour', local), "window"

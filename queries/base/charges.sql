-- charges.sql
-- Question: What did each request cost?
-- Reads:    calls, prices
-- Returns:  endpoint           VARCHAR      endpoint
--           model              VARCHAR      as logged
--           provider           VARCHAR      who served it, as logged
--           service_tier       VARCHAR      as logged
--           calls              BIGINT       calls that the row stands for
--           instant            TIMESTAMP    UTC
--           local              TIMESTAMP    reporting zone
--           window             VARCHAR      all, standard, off-peak or peak; NULL when unpriced
--           serves             VARCHAR      the model that answered, by the identity timeline
--           input_tokens       BIGINT       tokens
--           cache_read_tokens  BIGINT       tokens
--           cache_write_tokens BIGINT       tokens
--           output_tokens      BIGINT       tokens
--           reasoning_tokens   BIGINT       tokens
--           measured           BOOLEAN      input and output are both known
--           priced             BOOLEAN      measured, and a price is known
--           on_uncertain_day   BOOLEAN      on the day of a change whose hour is not known
--           cost               HUGEINT      units of 1e-15 of the currency; NULL when not priced
--           cost_low           HUGEINT      the same, with an unknown cache split taken as all hits
-- Grain:    one row per request
--
-- The one place where tokens meet prices for what was: cost = misses x input + hits x cache_read + writes x cache_write
-- (those for an hour x cache_write_1h) + output x output + the price of the request itself + what audio, images and searches
-- cost more than the text that they were counted as. An unknown cache split costs as all misses. Of a model whose price depends on how much was read, the row for this input holds.
SELECT
    c.endpoint,
    c.model,
    c.provider,
    c.service_tier,
    c.calls,
    c.instant,
    c.local,
    p."window",
    coalesce(p.serves, c.model) AS serves,
    c.input_tokens,
    c.cache_read_tokens,
    c.cache_write_tokens,
    c.output_tokens,
    c.reasoning_tokens,
    c.measured,
    c.measured AND p.input IS NOT NULL AS priced,
    coalesce(p.on_uncertain_day, false) AS on_uncertain_day,
    CASE WHEN c.measured THEN
        CAST(c.input_tokens - coalesce(c.cache_read_tokens, 0) - coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.input
        + CAST(coalesce(c.cache_read_tokens, 0) AS HUGEINT) * p.cache_read
        + CAST(coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
        + CAST(coalesce(c.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
        + CAST(c.output_tokens AS HUGEINT) * p.output + CAST(c.calls AS HUGEINT) * p.request
        + CASE WHEN c.apart IS NULL THEN 0 ELSE coalesce(list_sum(list_transform(map_entries(c.apart),
            lambda one: CAST(one.value AS HUGEINT) * coalesce(p.apart[one.key], 0))), 0) END
    END AS cost,
    CASE WHEN c.measured THEN
        CAST(CASE WHEN c.cache_read_tokens IS NULL THEN 0 ELSE c.input_tokens - c.cache_read_tokens - coalesce(c.cache_write_tokens, 0) END AS HUGEINT) * p.input
        + CAST(coalesce(c.cache_read_tokens, c.input_tokens - coalesce(c.cache_write_tokens, 0)) AS HUGEINT) * p.cache_read
        + CAST(coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
        + CAST(coalesce(c.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
        + CAST(c.output_tokens AS HUGEINT) * p.output + CAST(c.calls AS HUGEINT) * p.request
        + CASE WHEN c.apart IS NULL THEN 0 ELSE coalesce(list_sum(list_transform(map_entries(c.apart),
            lambda one: CAST(one.value AS HUGEINT) * (coalesce(p.apart[one.key], 0) + CASE WHEN c.cache_read_tokens IS NULL
                AND starts_with(one.key, 'input_') THEN coalesce(p.apart[replace(one.key, 'input_', 'cache_read_')], 0) ELSE 0 END))), 0) END
    END AS cost_low
FROM calls AS c
LEFT JOIN prices AS p
    ON p.model = c.model AND p.hour = date_trunc('hour', c.instant) AND p.from_instant <= c.instant AND c.instant < p.to_instant
    AND p.provider IS NOT DISTINCT FROM c.provider AND p.service_tier IS NOT DISTINCT FROM c.service_tier
    AND p.input_from <= c.size AND c.size < p.input_to

-- costs.sql
-- Question: What was used and spent in each hour?
-- Reads:    usage, extras, prices
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
--           input_tokens       HUGEINT      tokens; NULL when no call's are known
--           known_input_tokens HUGEINT      tokens of the calls whose cache split is known: what a hit rate divides by
--           cache_read_tokens  HUGEINT      likewise
--           cache_write_tokens HUGEINT      likewise; 0 when the input is known, and nobody tells of writes
--           output_tokens      HUGEINT      tokens; NULL when no call's are known
--           reasoning_tokens   HUGEINT      likewise
--           cost               HUGEINT      units of 1e-15 of the currency; NULL when nothing is priced
--           cost_low           HUGEINT      the same, with an unknown cache split taken as all hits
-- Grain:    one row per (endpoint, model, hour, window)
--
-- cost = misses x input + hits x cache_read + writes x cache_write (those for an hour x cache_write_1h) + output x output
-- + requests x the price of one + what audio, images and searches cost more than the text that they were counted as. An
-- unknown cache split costs as all misses, and in cost_low as all hits.
WITH priced AS (
    SELECT u.*, p."window", p.input, p.cache_read, p.cache_write, p.cache_write_1h, p.output, p.request,
        coalesce(p.on_uncertain_day, false) AS on_uncertain_day,
        u.measured AND p.input IS NOT NULL AS priced
    FROM usage AS u
    LEFT JOIN prices AS p
        ON p.model = u.model AND p.hour = date_trunc('hour', u.moment) AND p.from_instant <= u.moment AND u.moment < p.to_instant
        AND p.provider IS NOT DISTINCT FROM u.provider AND p.service_tier IS NOT DISTINCT FROM u.service_tier
        AND p.input_from <= u.size AND u.size < p.input_to
), charged AS (
    SELECT
        endpoint, model, hour, "window", measured, priced, split_known, on_uncertain_day, requests, input_tokens, cache_read_tokens,
        cache_write_tokens, output_tokens, reasoning_tokens, input, cache_read,
        input_tokens - coalesce(cache_read_tokens, 0) - cache_write_tokens AS missed_tokens,
        cache_write_tokens * cache_write + cache_write_1h_tokens * (cache_write_1h - cache_write)
            + output_tokens * output + requests * CAST(request AS HUGEINT) AS beside,
        0 AS saved
    FROM priced
    UNION ALL
    -- Of these rows nothing counts but what they add; `saved` is what they would add less, had all of the input been cached.
    SELECT
        e.endpoint, e.model, e.hour, p."window", e.measured, e.measured AND p.input IS NOT NULL, e.split_known, false, 0, NULL, NULL,
        NULL, NULL, NULL, 0, 0,
        0,
        e.amount * coalesce(p.apart[e.kind], 0),
        CASE WHEN e.split_known OR NOT starts_with(e.kind, 'input_') THEN 0
             ELSE e.amount * -coalesce(p.apart[replace(e.kind, 'input_', 'cache_read_')], 0) END
    FROM extras AS e
    LEFT JOIN prices AS p
        ON p.model = e.model AND p.hour = date_trunc('hour', e.moment) AND p.from_instant <= e.moment AND e.moment < p.to_instant
        AND p.provider IS NOT DISTINCT FROM e.provider AND p.service_tier IS NOT DISTINCT FROM e.service_tier
        AND p.input_from <= e.size AND e.size < p.input_to
)
SELECT
    endpoint,
    model,
    hour,
    "window",
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(coalesce(sum(requests) FILTER (WHERE measured), 0) AS BIGINT) AS measured,
    CAST(coalesce(sum(requests) FILTER (WHERE priced), 0) AS BIGINT) AS priced,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT split_known), 0) AS BIGINT) AS cache_unknown,
    CAST(coalesce(sum(requests) FILTER (WHERE on_uncertain_day), 0) AS BIGINT) AS uncertain,
    CAST(sum(input_tokens) AS HUGEINT) AS input_tokens,
    CAST(coalesce(sum(input_tokens) FILTER (WHERE split_known), 0) AS HUGEINT) AS known_input_tokens,
    CAST(sum(cache_read_tokens) AS HUGEINT) AS cache_read_tokens,
    CAST(sum(cache_write_tokens) AS HUGEINT) AS cache_write_tokens,
    CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS HUGEINT) AS reasoning_tokens,
    sum(missed_tokens * input + coalesce(cache_read_tokens, 0) * cache_read + beside) FILTER (WHERE priced) AS cost,
    sum(CASE WHEN split_known THEN missed_tokens * input + coalesce(cache_read_tokens, 0) * cache_read
             ELSE missed_tokens * cache_read END + beside - saved) FILTER (WHERE priced) AS cost_low
FROM charged
GROUP BY endpoint, model, hour, "window"

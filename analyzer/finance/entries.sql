-- What was used and charged: calls that share an hour, everything that a bill or a budget asks about, and one price, summed.
-- All of the monthly review, and every export of costs, is a question to this relation, so that their figures agree.
--
--   hour                   TIMESTAMP  start of the hour, UTC
--   local_hour             TIMESTAMP  start of the hour in the reporting zone
--   day                    DATE       in the reporting zone
--   month                  TIMESTAMP  start of the month in the reporting zone
--   endpoint               VARCHAR    or the column that `endpoint_by` names
--   logged_endpoint        VARCHAR    the endpoint itself, whatever stands for it
--   api_key_name           VARCHAR    alias or masked key
--   team                   VARCHAR    by the rules of spend.toml, else as logged; NULL: not allocated
--   cost_center            VARCHAR    by the rules of spend.toml; NULL: none
--   model                  VARCHAR    as logged
--   provider, service_tier VARCHAR    as logged
--   serves                 VARCHAR    the model that answered, by the identity timeline
--   window                 VARCHAR    all, standard, off-peak or peak; NULL when unpriced
--   outcome                VARCHAR    ok or failed; NULL when the log does not say
--   measured, priced       BOOLEAN    usage is known; so is a price for it
--   split_known            BOOLEAN    so is what of the input came from the cache
--   p_miss, p_read, p_write, p_write_1h, p_output, p_request
--                          BIGINT     the price of one token of each class, and of the request itself: units of 1e-15
--   size_from              BIGINT     the least input of a request that this price is for; 0 where size decides nothing
--   size_class             BIGINT     the same among all sizes at which a price of what was called ever changed: of the same calls it is
--                                     the same before and after a list that depends on size
--   requests               BIGINT     calls
--   input_tokens, miss_tokens, read_tokens, write_tokens, write_1h_tokens, output_tokens, reasoning_tokens
--                          HUGEINT    tokens; miss + read + write = input, of the calls that are measured; an unknown cache
--                                     split is all misses; write_1h is part of write, reasoning of output
--   miss_cost, read_cost, write_cost, output_cost, other_cost
--                          HUGEINT    units of 1e-15 of the currency; 0 where nothing is priced. other_cost: the price of
--                                     requests themselves, and what audio, images and searches add
--   cost                   HUGEINT    their sum; NULL when not priced
--   peak_cost              HUGEINT    of off-peak calls: their cost had they been made in the dearest window of the very card
--                                     that priced them, own prices included; NULL of others, and where it is not known
--   apart                  STRUCT(kind, amount, adds, adds_read)[]  what of other_cost is billed apart: how much of which kind, and
--                                     what one adds to the price of the text that it was counted as; adds_read: what one of the
--                                     input's kind adds where `kind` is a cache_read of it. NULL where there is nothing
WITH told AS (
    SELECT
        s.*,
        a.team AS payer,
        a.cost_center
    FROM stretches AS s
    {allocated}
    WHERE {which}
), used AS (
    SELECT
        moment, hour AS local_hour, month, endpoint, logged_endpoint, api_key_name, payer, cost_center, model, provider,
        service_tier, size, outcome, measured, split_known,
        CAST(sum(calls) AS BIGINT) AS requests,
        CAST(coalesce(sum(input_tokens), 0) AS HUGEINT) AS input_tokens,
        CAST(coalesce(sum(cache_read_tokens), 0) AS HUGEINT) AS read_tokens,
        CAST(coalesce(sum(cache_write_tokens), 0) AS HUGEINT) AS write_tokens,
        CAST(coalesce(sum(cache_write_1h_tokens), 0) AS HUGEINT) AS write_1h_tokens,
        CAST(coalesce(sum(output_tokens), 0) AS HUGEINT) AS output_tokens,
        CAST(coalesce(sum(reasoning_tokens), 0) AS HUGEINT) AS reasoning_tokens,
        CAST(NULL AS VARCHAR) AS kind,
        CAST(0 AS HUGEINT) AS amount
    FROM told
    GROUP BY ALL
    UNION ALL
    -- What is billed apart, each kind by itself: of these rows nothing counts but what they add.
    SELECT
        moment, hour, month, endpoint, logged_endpoint, api_key_name, payer, cost_center, model, provider, service_tier, size,
        outcome, measured, split_known, 0, 0, 0, 0, 0, 0, 0, one.key, CAST(sum(one.value) AS HUGEINT)
    FROM (SELECT *, unnest(map_entries(apart)) AS one FROM told WHERE apart IS NOT NULL)
    GROUP BY ALL
), sizes AS (
    SELECT DISTINCT model, provider, service_tier, input_from FROM {prices} WHERE input_from > 0
), charged AS (
    SELECT u.*, p."window", p.serves AS answers, p.input AS p_miss, p.cache_read AS p_read, p.cache_write AS p_write,
        p.cache_write_1h AS p_write_1h, p.output AS p_output, p.request AS p_request,
        u.measured AND p.input IS NOT NULL AS priced,
        -- Laid out beside each price with the same bounds: no other card, hour or size can be met.
        CASE WHEN p."window" = 'off-peak' THEN (u.input_tokens - u.read_tokens - u.write_tokens) * (p.dearer_input - p.input)
            + u.read_tokens * (p.dearer_cache_read - p.cache_read) + u.write_tokens * (p.dearer_cache_write - p.cache_write)
            + u.write_1h_tokens * (p.dearer_cache_write_1h - p.dearer_cache_write - p.cache_write_1h + p.cache_write)
            + u.output_tokens * (p.dearer_output - p.output) END AS peak_adds,
        coalesce(p.input_from, 0) AS size_from,
        coalesce((SELECT max(z.input_from) FROM sizes AS z WHERE z.model = u.model AND z.provider IS NOT DISTINCT FROM u.provider
            AND z.service_tier IS NOT DISTINCT FROM u.service_tier AND z.input_from <= u.size), 0) AS size_class,
        CASE WHEN u.kind IS NULL THEN 0 ELSE u.amount * coalesce(p.apart[u.kind], 0) END AS apart_cost,
        CASE WHEN u.kind IS NOT NULL THEN {
            'kind': u.kind,
            'amount': u.amount,
            'adds': CAST(coalesce(p.apart[u.kind], 0) AS HUGEINT),
            'adds_read': CAST(coalesce(p.apart[replace(u.kind, 'cache_read_', 'input_')], 0) AS HUGEINT)
        } END AS one_apart
    FROM used AS u
    LEFT JOIN {prices} AS p
        ON p.model = u.model AND p.hour = date_trunc('hour', u.moment) AND p.from_instant <= u.moment AND u.moment < p.to_instant
        AND p.provider IS NOT DISTINCT FROM u.provider AND p.service_tier IS NOT DISTINCT FROM u.service_tier
        AND p.input_from <= u.size AND u.size < p.input_to
), summed AS (
    SELECT
        date_trunc('hour', moment) AS hour, local_hour, month, endpoint, logged_endpoint, api_key_name, payer AS team, cost_center,
        model, provider, service_tier, coalesce(answers, model) AS serves, "window", outcome, measured, priced, split_known,
        p_miss, p_read, p_write, p_write_1h, p_output, p_request, size_from, size_class,
        CAST(sum(requests) AS BIGINT) AS requests,
        CAST(sum(input_tokens) AS HUGEINT) AS input_tokens,
        CAST(sum(read_tokens) AS HUGEINT) AS read_tokens,
        CAST(sum(write_tokens) AS HUGEINT) AS write_tokens,
        CAST(sum(write_1h_tokens) AS HUGEINT) AS write_1h_tokens,
        CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
        CAST(sum(reasoning_tokens) AS HUGEINT) AS reasoning_tokens,
        CAST(sum(apart_cost) AS HUGEINT) AS apart_cost,
        CAST(sum(peak_adds) AS HUGEINT) AS peak_adds,
        list(one_apart) FILTER (WHERE one_apart IS NOT NULL) AS apart
    FROM charged
    GROUP BY ALL
), costed AS (
    SELECT
        *,
        CASE WHEN priced THEN (input_tokens - read_tokens - write_tokens) * p_miss ELSE 0 END AS miss_cost,
        CASE WHEN priced THEN read_tokens * p_read ELSE 0 END AS read_cost,
        CASE WHEN priced THEN write_tokens * p_write + write_1h_tokens * (p_write_1h - p_write) ELSE 0 END AS write_cost,
        CASE WHEN priced THEN output_tokens * p_output ELSE 0 END AS output_cost,
        CASE WHEN priced THEN requests * CAST(p_request AS HUGEINT) + apart_cost ELSE 0 END AS other_cost
    FROM summed
)
SELECT
    hour, local_hour, CAST(local_hour AS DATE) AS day, month, endpoint, logged_endpoint, api_key_name, team, cost_center,
    model, provider, service_tier, serves, "window", outcome, measured, priced, split_known,
    p_miss, p_read, p_write, p_write_1h, p_output, p_request, size_from, size_class,
    requests, input_tokens, input_tokens - read_tokens - write_tokens AS miss_tokens, read_tokens, write_tokens, write_1h_tokens,
    output_tokens, reasoning_tokens,
    miss_cost, read_cost, write_cost, output_cost, other_cost,
    CASE WHEN priced THEN miss_cost + read_cost + write_cost + output_cost + other_cost END AS cost,
    CASE WHEN priced THEN miss_cost + read_cost + write_cost + output_cost + other_cost + peak_adds END AS peak_cost,
    apart
FROM costed

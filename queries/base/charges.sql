-- charges.sql
-- Question: What did each request cost?
-- Reads:    calls, prices
-- Returns:  row_id             BIGINT       the request's row in the ledger
--           request_id         VARCHAR      identity of the request
--           session_id         VARCHAR      the session, where the log has one
--           started_at         TIMESTAMP    UTC
--           completed_at       TIMESTAMP    UTC
--           bucket_end         TIMESTAMP    UTC: the end of the bucket on rows of exports, else NULL
--           endpoint           VARCHAR      endpoint
--           logged_endpoint    VARCHAR      as the log names it, whatever `endpoint_by` says
--           model              VARCHAR      as logged
--           provider           VARCHAR      who served it, as logged
--           service_tier       VARCHAR      as logged
--           operation          VARCHAR      chat, embeddings, ...
--           api_key_name       VARCHAR      alias or masked key
--           team               VARCHAR      team or project
--           user_name          VARCHAR      end user
--           status             VARCHAR      outcome, as logged
--           outcome            VARCHAR      ok or failed, by the status; NULL when the log does not say
--           calls              BIGINT       calls that the row stands for
--           instant            TIMESTAMP    UTC; decides the price
--           local              TIMESTAMP    reporting zone
--           certain            BOOLEAN      false for a bucket none of whose periods has the row's own price
--           window             VARCHAR      all, standard, off-peak or peak; NULL when unpriced
--           serves             VARCHAR      the model that answered, by the identity timeline
--           input_tokens       BIGINT       tokens
--           cache_read_tokens  BIGINT       tokens
--           cache_write_tokens BIGINT       tokens
--           cache_write_1h_tokens BIGINT    the part of those written for an hour
--           output_tokens      BIGINT       tokens
--           reasoning_tokens   BIGINT       tokens
--           tool_calls         BIGINT       tool calls in the answer
--           apart              MAP(VARCHAR, BIGINT) tokens that are no text, and searches: what some price lists bill apart
--           stated_cost        DECIMAL(38,15) what the log itself claims; never mixed with cost
--           stated_currency    VARCHAR      its currency
--           measured           BOOLEAN      input and output are both known
--           priced             BOOLEAN      measured, and a price is known
--           on_uncertain_day   BOOLEAN      on the day of a change whose hour is not known
--           p_miss             BIGINT       price of an input token that missed the cache: units of 1e-15 of the currency
--           p_read             BIGINT       of one that was read from it
--           p_write            BIGINT       of one that was written to it
--           p_write_1h         BIGINT       of one that was written for an hour
--           p_output           BIGINT       of an output token
--           p_request          BIGINT       of the request itself
--           cost               HUGEINT      units of 1e-15 of the currency; NULL when not priced
--           cost_low           HUGEINT      the same, with an unknown cache split taken as all hits
-- Grain:    one row per request
--
-- The one place where tokens meet prices for what was: cost = misses x input + hits x cache_read + writes x cache_write
-- (those for an hour x cache_write_1h) + output x output + the price of the request itself + what audio, images and searches
-- cost more than the text that they were counted as. An unknown cache split costs as all misses. Of a model whose price depends on how much was read, the row for this input holds.
SELECT
    c.row_id,
    c.request_id,
    c.session_id,
    c.started_at,
    c.completed_at,
    c.bucket_end,
    c.endpoint,
    c.logged_endpoint,
    c.model,
    c.provider,
    c.service_tier,
    c.operation,
    c.api_key_name,
    c.team,
    c.user_name,
    c.status,
    c.outcome,
    c.calls,
    c.instant,
    c.local,
    c.certain,
    p."window",
    coalesce(p.serves, c.model) AS serves,
    c.input_tokens,
    c.cache_read_tokens,
    c.cache_write_tokens,
    c.cache_write_1h_tokens,
    c.output_tokens,
    c.reasoning_tokens,
    c.tool_calls,
    c.apart,
    c.stated_cost,
    c.stated_currency,
    c.measured,
    c.measured AND p.input IS NOT NULL AS priced,
    coalesce(p.on_uncertain_day, false) AS on_uncertain_day,
    p.input AS p_miss,
    p.cache_read AS p_read,
    p.cache_write AS p_write,
    p.cache_write_1h AS p_write_1h,
    p.output AS p_output,
    p.request AS p_request,
    CASE WHEN c.measured THEN
        CAST(c.input_tokens - coalesce(c.cache_read_tokens, 0) - coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.input
        + CAST(coalesce(c.cache_read_tokens, 0) AS HUGEINT) * p.cache_read
        + CAST(coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
        + CAST(coalesce(c.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
        + CAST(c.output_tokens AS HUGEINT) * p.output + CAST(c.calls AS HUGEINT) * p.request
        + CASE WHEN c.apart IS NULL THEN 0 ELSE
            CAST(coalesce(c.apart['input_audio'], 0) AS HUGEINT) * coalesce(p.apart['input_audio'], 0)
            + CAST(coalesce(c.apart['cache_read_audio'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_audio'], 0)
            + CAST(coalesce(c.apart['input_image'], 0) AS HUGEINT) * coalesce(p.apart['input_image'], 0)
            + CAST(coalesce(c.apart['cache_read_image'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_image'], 0)
            + CAST(coalesce(c.apart['output_audio'], 0) AS HUGEINT) * coalesce(p.apart['output_audio'], 0)
            + CAST(coalesce(c.apart['output_image'], 0) AS HUGEINT) * coalesce(p.apart['output_image'], 0)
            + CAST(coalesce(c.apart['search'], 0) AS HUGEINT) * coalesce(p.apart['search'], 0)
            + CAST(coalesce(c.apart['fetch'], 0) AS HUGEINT) * coalesce(p.apart['fetch'], 0)
            + CAST(coalesce(c.apart['file_search'], 0) AS HUGEINT) * coalesce(p.apart['file_search'], 0) END
    END AS cost,
    CASE WHEN c.measured THEN
        CAST(CASE WHEN c.cache_read_tokens IS NULL THEN 0 ELSE c.input_tokens - c.cache_read_tokens - coalesce(c.cache_write_tokens, 0) END AS HUGEINT) * p.input
        + CAST(coalesce(c.cache_read_tokens, c.input_tokens - coalesce(c.cache_write_tokens, 0)) AS HUGEINT) * p.cache_read
        + CAST(coalesce(c.cache_write_tokens, 0) AS HUGEINT) * p.cache_write
        + CAST(coalesce(c.cache_write_1h_tokens, 0) AS HUGEINT) * (p.cache_write_1h - p.cache_write)
        + CAST(c.output_tokens AS HUGEINT) * p.output + CAST(c.calls AS HUGEINT) * p.request
        + CASE WHEN c.apart IS NULL THEN 0 ELSE
            CAST(coalesce(c.apart['input_audio'], 0) AS HUGEINT) * (coalesce(p.apart['input_audio'], 0) + CASE WHEN c.cache_read_tokens IS NULL THEN coalesce(p.apart['cache_read_audio'], 0) ELSE 0 END)
            + CAST(coalesce(c.apart['cache_read_audio'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_audio'], 0)
            + CAST(coalesce(c.apart['input_image'], 0) AS HUGEINT) * (coalesce(p.apart['input_image'], 0) + CASE WHEN c.cache_read_tokens IS NULL THEN coalesce(p.apart['cache_read_image'], 0) ELSE 0 END)
            + CAST(coalesce(c.apart['cache_read_image'], 0) AS HUGEINT) * coalesce(p.apart['cache_read_image'], 0)
            + CAST(coalesce(c.apart['output_audio'], 0) AS HUGEINT) * coalesce(p.apart['output_audio'], 0)
            + CAST(coalesce(c.apart['output_image'], 0) AS HUGEINT) * coalesce(p.apart['output_image'], 0)
            + CAST(coalesce(c.apart['search'], 0) AS HUGEINT) * coalesce(p.apart['search'], 0)
            + CAST(coalesce(c.apart['fetch'], 0) AS HUGEINT) * coalesce(p.apart['fetch'], 0)
            + CAST(coalesce(c.apart['file_search'], 0) AS HUGEINT) * coalesce(p.apart['file_search'], 0) END
    END AS cost_low
FROM calls AS c
LEFT JOIN prices AS p
    ON p.model = c.model AND p.hour = date_trunc('hour', c.instant) AND p.from_instant <= c.instant AND c.instant < p.to_instant
    AND p.provider IS NOT DISTINCT FROM c.provider AND p.service_tier IS NOT DISTINCT FROM c.service_tier
    AND p.input_from <= c.size AND c.size < p.input_to

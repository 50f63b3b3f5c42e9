-- stretches.sql
-- Question: In which stretch of time and size of input, within which no price changes, does each request lie?
-- Reads:    calls, odd_hours, price_sizes
-- Returns:  row_id                BIGINT     the request's row in the ledger
--           endpoint              VARCHAR    endpoint
--           logged_endpoint       VARCHAR    as the log names it, whatever `endpoint_by` says
--           model                 VARCHAR    as logged
--           provider              VARCHAR    who served it, as logged
--           service_tier          VARCHAR    as logged
--           moment                TIMESTAMP  UTC: the hour, or the minute in an hour within which a price changes
--           hour                  TIMESTAMP  start of the hour in the reporting zone
--           month                 TIMESTAMP  start of the month in the reporting zone
--           size                  BIGINT     least input of requests of this size, where a price depends on it; else 0
--           measured              BOOLEAN    input and output are both known
--           split_known           BOOLEAN    so is what of the input came from the cache
--           cache_basis           VARCHAR    blocks, session or endpoint
--           session_id            VARCHAR    the session, where the log has one
--           request_id            VARCHAR    identity of the request
--           started_at            TIMESTAMP  UTC
--           api_key_name          VARCHAR    alias or masked key
--           team                  VARCHAR    team or project
--           operation             VARCHAR    chat, embeddings, ...
--           user_name             VARCHAR    end user
--           tool_calls            BIGINT     tool calls in the answer
--           calls                 BIGINT     calls that the row stands for
--           input_tokens          BIGINT     tokens
--           cache_read_tokens     BIGINT     tokens
--           cache_write_tokens    BIGINT     tokens
--           cache_write_1h_tokens BIGINT     tokens
--           output_tokens         BIGINT     tokens
--           reasoning_tokens      BIGINT     tokens
-- Grain:    one row per row_id
SELECT
    c.row_id,
    c.endpoint,
    c.logged_endpoint,
    c.model,
    c.provider,
    c.service_tier,
    CASE WHEN date_trunc('hour', c.instant) IN (SELECT hour FROM odd_hours) THEN date_trunc('minute', c.instant)
         ELSE date_trunc('hour', c.instant) END AS moment,
    date_trunc('hour', c.local) AS hour,
    CAST(date_trunc('month', c.local) AS TIMESTAMP) AS month,
    s.size_from AS size,
    c.measured,
    c.cache_read_tokens IS NOT NULL AS split_known,
    c.cache_basis,
    c.session_id,
    c.request_id,
    c.started_at,
    c.api_key_name,
    c.team,
    c.operation,
    c.user_name,
    c.tool_calls,
    c.calls,
    c.input_tokens,
    c.cache_read_tokens,
    c.cache_write_tokens,
    c.cache_write_1h_tokens,
    c.output_tokens,
    c.reasoning_tokens
FROM calls AS c
JOIN price_sizes AS s ON c.size >= s.size_from AND c.size < s.size_to

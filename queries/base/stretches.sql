-- stretches.sql
-- Question: In which stretch of time and size of input, within which no price changes, does each request lie?
-- Reads:    calls, odd_hours, price_sizes
-- Returns:  row_id                BIGINT     the request's row in the ledger
--           stretch               UBIGINT    a number for all that tells stretches apart, from endpoint to cache_basis
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
--           status                VARCHAR    outcome, as logged
--           outcome               VARCHAR    ok or failed, by the status; NULL when the log does not say
--           tool_calls            BIGINT     tool calls in the answer
--           calls                 BIGINT     calls that the row stands for
--           summed                BOOLEAN    the row is a sum: the counts of single calls are not known
--           input_tokens          BIGINT     tokens
--           cache_read_tokens     BIGINT     tokens
--           cache_write_tokens    BIGINT     tokens
--           cache_write_1h_tokens BIGINT     tokens
--           output_tokens         BIGINT     tokens
--           reasoning_tokens      BIGINT     tokens
--           apart                 MAP(VARCHAR, BIGINT) audio, images, searches: what some price lists bill apart
--           source_id             INTEGER    the log in the ledger
--           prefix_blocks         VARCHAR[]  hashes of the prompt's blocks, where the log has them
--           block_size            INTEGER    tokens in each of them
-- Grain:    one row per row_id
-- Settings: salt (another number where two stretches should have got the same)
WITH told AS (
    SELECT
        c.*,
        CASE WHEN o.hour IS NULL THEN date_trunc('hour', c.instant) ELSE date_trunc('minute', c.instant) END AS moment,
        date_trunc('hour', c.local) AS hour,
        CAST(date_trunc('month', c.local) AS TIMESTAMP) AS month,
        s.size_from,
        c.cache_read_tokens IS NOT NULL AS split_known
    FROM calls AS c
    JOIN price_sizes AS s ON c.size >= s.size_from AND c.size < s.size_to
    LEFT JOIN odd_hours AS o ON o.hour = date_trunc('hour', c.instant)
)
SELECT
    row_id,
    hash(
        coalesce(getvariable('salt'), 0), endpoint, logged_endpoint, model, provider, service_tier, moment, month, size_from,
        measured, split_known, cache_basis
    ) AS stretch,
    endpoint,
    logged_endpoint,
    model,
    provider,
    service_tier,
    moment,
    hour,
    month,
    size_from AS size,
    measured,
    split_known,
    cache_basis,
    session_id,
    request_id,
    started_at,
    api_key_name,
    team,
    operation,
    user_name,
    status,
    outcome,
    tool_calls,
    calls,
    summed,
    input_tokens,
    cache_read_tokens,
    cache_write_tokens,
    cache_write_1h_tokens,
    output_tokens,
    reasoning_tokens,
    apart,
    source_id,
    prefix_blocks,
    block_size
FROM told

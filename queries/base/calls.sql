-- calls.sql
-- Question: What was called, with what usage, and which instant counts?
-- Reads:    requests, export_instants, summarised
-- Returns:  row_id             BIGINT       the request's row in the ledger
--           calls              BIGINT       calls that the row stands for; 0 where no log tells
--           exported           BOOLEAN      the row is of an export, and stands for the calls of a bucket
--           summed             BOOLEAN      the row is a sum, of a bucket, a session or some steps: the counts of single calls are not known
--           request_id         VARCHAR      identity of the request
--           instant            TIMESTAMP    UTC; decides the price window: completion unless `clock` is 'start'
--           until              TIMESTAMP    UTC: the end of the bucket on rows of exports, else the instant
--           local              TIMESTAMP    the instant in the reporting zone `tz`
--           certain            BOOLEAN      false for a bucket none of whose periods has the row's own price
--           endpoint           VARCHAR      or the column that `endpoint_by` names
--           logged_endpoint    VARCHAR      as the log names it, whatever `endpoint_by` says: what scenarios route by
--           model              VARCHAR      as logged
--           provider           VARCHAR      who served it, as logged
--           service_tier       VARCHAR      batch, flex, priority, ..., as logged
--           session_id         VARCHAR      the session, where the log has one
--           cache_basis        VARCHAR      what tells which requests may share a prompt prefix: blocks, session or endpoint
--           started_at         TIMESTAMP    UTC; the order in which a cache meets them
--           completed_at       TIMESTAMP    UTC
--           bucket_end         TIMESTAMP    UTC: the end of the bucket on rows of exports, else NULL
--           api_key_name       VARCHAR      alias or masked key
--           team               VARCHAR      team or project
--           operation          VARCHAR      chat, embeddings, ...
--           user_name          VARCHAR      end user
--           status             VARCHAR      outcome, as logged
--           outcome            VARCHAR      ok or failed, by the status; NULL when the log does not say
--           input_tokens       BIGINT       all that the model read; NULL when not known
--           cache_read_tokens  BIGINT       the part served from the cache; NULL when not known
--           cache_write_tokens BIGINT       the part written to it, where the provider bills that
--           cache_write_1h_tokens BIGINT    the part of those written for an hour
--           output_tokens      BIGINT       reasoning included
--           reasoning_tokens   BIGINT       the part of output spent on reasoning
--           tool_calls         BIGINT       tool calls in the answer
--           apart              MAP(VARCHAR, BIGINT) tokens that are no text, and searches: what some price lists bill apart
--           stated_cost        DECIMAL(38,15) what the log itself claims; never mixed with cost
--           stated_currency    VARCHAR      its currency
--           stated_input       BIGINT       the row's own prices on rows of exports, units of 1e-15 of the currency per token
--           stated_cache_read  BIGINT       likewise
--           stated_output      BIGINT       likewise
--           source_id          INTEGER      the log in the ledger
--           prefix_blocks      VARCHAR[]    hashes of the prompt's blocks, where the log has them
--           block_size         INTEGER      tokens in each of them
--           input_from         BIGINT       least input of each call behind a row of an export, where it tells their size
--           size               BIGINT       input of one request, which may decide its price; where a row is a sum, `input_from` or 0
--           measured           BOOLEAN      input and output are both known
-- Grain:    one row per row_id
--
-- The one place that says what a failure is: a code from 400 to 599 anywhere in the status, a number from 400 as all of it, or
-- words for an error, a refusal by the provider, a time-out or a break. An answer that was cut or withheld (length,
-- content_filter, safety, refusal) is none: it was given as asked, and paid.
-- Settings: clock, tz, endpoint_by, since, until
WITH timed AS (
    SELECT rowid AS row_id, CASE getvariable('clock') WHEN 'start' THEN started_at ELSE coalesce(completed_at, started_at) END AS instant,
        true AS certain, *
    FROM requests
    WHERE bucket_end IS NULL
    UNION ALL
    SELECT r.rowid AS row_id, e.instant, e.certain, r.*
    FROM requests AS r
    JOIN export_instants AS e ON e.row_id = r.rowid
    WHERE r.bucket_end IS NOT NULL AND r.rowid NOT IN (SELECT row_id FROM summarised)
)
SELECT
    row_id,
    calls,
    bucket_end IS NOT NULL AS exported,
    bucket_end IS NOT NULL OR calls <> 1 AS summed,
    request_id,
    instant,
    coalesce(bucket_end, instant) AS until,
    CASE WHEN coalesce(getvariable('tz'), 'UTC') = 'UTC' THEN instant
         ELSE (instant AT TIME ZONE 'UTC') AT TIME ZONE getvariable('tz') END AS local,
    certain,
    CASE coalesce(getvariable('endpoint_by'), 'endpoint')
        WHEN 'endpoint' THEN endpoint
        -- With * for what tells one thing from the next in a path: numbers, UUIDs, hashes, ids behind a word or alone.
        -- No id: v1, gpt-4o, text-embedding-3-large. Slashes are doubled, for each of two ids side by side needs its own.
        WHEN 'endpoint_pattern' THEN replace(regexp_replace(replace(endpoint, '/', '//'),
            '(^|/)([0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,}|[A-Za-z]{2,16}[_-][A-Za-z0-9]{4,}[0-9][A-Za-z0-9]{4,}|[A-Za-z0-9]{10,}[0-9][A-Za-z0-9]{10,})(/|$)',
            '\1*\3', 'g'), '//', '/')
        WHEN 'model' THEN model
        WHEN 'provider' THEN provider
        WHEN 'operation' THEN operation
        WHEN 'session_id' THEN session_id
        WHEN 'api_key_name' THEN api_key_name
        WHEN 'team' THEN team
        WHEN 'user' THEN user_name
        WHEN 'status' THEN status
    END AS endpoint,
    endpoint AS logged_endpoint,
    model,
    provider,
    service_tier,
    session_id,
    CASE WHEN array_length(prefix_blocks) > 0 THEN 'blocks' WHEN session_id IS NOT NULL THEN 'session' ELSE 'endpoint' END AS cache_basis,
    started_at,
    completed_at,
    bucket_end,
    api_key_name,
    team,
    operation,
    user_name,
    status,
    CASE
        WHEN status IS NULL THEN NULL
        WHEN regexp_matches(lower(status), '(^|[^0-9a-z.]|http)[45][0-9][0-9]($|[^0-9a-z])|^([4-9][0-9][0-9]|[1-9][0-9]{3,8})([.]0*)?$')
          OR regexp_matches(lower(status), 'tim(e|ed|es|ing)[ _-]*out|deadline|cancel|abort|interrupt|disconnect|expired|killed|crash')
          OR regexp_matches(lower(status), 'reject|denied|forbidden|unauth|invalid|bad[ _-]*(request|gateway)|not[ _-]*found|unimplemented')
          OR regexp_matches(lower(status), 'unavailable|overload|rate[ _-]*limit|too[ _-]*many[ _-]*request|throttl|quota|insufficient|exhausted')
          OR regexp_matches(lower(status), 'unsuccess|not[ _-]*ok|^false$|^internal$|payment[ _-]*required')
        THEN 'failed'
        WHEN regexp_matches(lower(status), 'error|exception|fail($|[^o])')
         AND NOT regexp_matches(lower(status), '(^|[^0-9a-z.])(no|non|0|zero|without)[ _-]+(any[ _-]+)?(error|exception|fail)|error[ _-]*free')
        THEN 'failed'
        ELSE 'ok'
    END AS outcome,
    input_tokens,
    cache_read_tokens,
    cache_write_tokens,
    cache_write_1h_tokens,
    output_tokens,
    reasoning_tokens,
    tool_calls,
    apart,
    stated_cost,
    stated_currency,
    stated_input,
    stated_cache_read,
    stated_output,
    source_id,
    prefix_blocks,
    block_size,
    input_from,
    CASE WHEN bucket_end IS NULL AND calls = 1 THEN coalesce(input_tokens, 0) ELSE coalesce(input_from, 0) END AS size,
    input_tokens IS NOT NULL AND output_tokens IS NOT NULL AS measured
FROM timed
WHERE instant >= coalesce(getvariable('since'), TIMESTAMP '0001-01-01')
  AND instant < coalesce(getvariable('until'), TIMESTAMP '9999-01-01')

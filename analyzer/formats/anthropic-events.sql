-- name:      anthropic-events
-- title:     Anthropic Messages as stream events, one event a line
-- source:    https://docs.anthropic.com/en/api/messages-streaming
-- container: json
-- needs:     a time: `--set time=…` where events have none
-- grain:     group
-- evidence:  type | data.type = message_start | message_delta | message_stop | content_block_* | ping
-- evidence:  type | data.type = message_* | content_block_start | content_block_delta | content_block_stop | ping
-- evidence:  type | data.type
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     message.model | data.message.model | model
-- let:       WRITTEN = STRUCT(ephemeral_5m_input_tokens COUNT, ephemeral_1h_input_tokens COUNT)
-- let:       PART = STRUCT(type VARCHAR, model VARCHAR, input_tokens COUNT, output_tokens COUNT,
--                          cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT, cache_creation WRITTEN)
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, cache_read_input_tokens COUNT,
--                           cache_creation_input_tokens COUNT, cache_creation WRITTEN, service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           output_tokens_details STRUCT(thinking_tokens COUNT), iterations PART[],
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT))
-- let:       BEGUN = STRUCT(id VARCHAR, model VARCHAR, usage USAGE)
-- let:       CHANGE = STRUCT(stop_reason VARCHAR)
-- let:       BLOCK = STRUCT(type VARCHAR)
-- envelope:  common
-- columns:   type VARCHAR, message BEGUN, delta CHANGE, usage USAGE, content_block BLOCK, error JSON,
--            data STRUCT(type VARCHAR, message BEGUN, delta CHANGE, usage USAGE, content_block BLOCK, error JSON),
--            stream_id VARCHAR
--
-- From one message_start to the next the events are one call, in each log, or for each stream_id or request_id where the
-- log writes one beside the event. Usage grows: message_delta repeats the counts from the beginning, so the last one
-- tells, and what it leaves out stands in message_start. The row of a call is that of its message_start; its other events
-- are pieces. A stream that broke off before any message_delta has told its input, but not its output.
WITH worded AS (
    SELECT *,
        coalesce(data.type, type) AS kind,
        coalesce(data.message, message) AS m,
        coalesce(data.usage, usage) AS u,
        coalesce(data.delta.stop_reason, delta.stop_reason) AS stopped,
        coalesce(data.content_block.type, content_block.type) AS block,
        coalesce(data.error, error) AS fault,
        -- An error has a request_id of its own, which names no stream when no other event has it.
        CASE WHEN stream_id IS NOT NULL THEN stream_id
             WHEN coalesce(data.type, type) IS DISTINCT FROM 'error' OR count(*) OVER (PARTITION BY source_id, request_id) > 1
             THEN request_id END AS stream
    FROM records
), numbered AS (
    SELECT *, count(*) FILTER (WHERE kind = 'message_start') OVER (PARTITION BY source_id, stream ORDER BY record) AS nth
    FROM worded
), gathered AS (
    -- A list keeps its order, so that its last element that says something is the last word.
    SELECT source_id, stream, nth,
        array_agg(u ORDER BY record) FILTER (WHERE kind = 'message_delta' AND u IS NOT NULL) AS us,
        arg_max(stopped, record) FILTER (WHERE stopped IS NOT NULL) AS last_stop,
        arg_max(coalesce(fault ->> '$.type', fault ->> '$.error.type', 'error'), record) FILTER (WHERE kind = 'error') AS failure,
        max(instant(coalesce(to_text, from_text))) FILTER (WHERE kind <> 'message_start') AS last_time,
        count(*) FILTER (WHERE block = 'tool_use') AS tools
    FROM numbered
    GROUP BY source_id, stream, nth
), calls AS (
    SELECT n.*, g.last_stop, g.failure, g.last_time, g.tools,
        list_filter(list_transform(g.us, lambda x: x.input_tokens), lambda x: x IS NOT NULL)[-1] AS last_input,
        list_filter(list_transform(g.us, lambda x: x.cache_read_input_tokens), lambda x: x IS NOT NULL)[-1] AS last_read,
        list_filter(list_transform(g.us, lambda x: x.cache_creation_input_tokens), lambda x: x IS NOT NULL)[-1] AS last_write,
        list_filter(list_transform(g.us, lambda x: x.cache_creation), lambda x: x IS NOT NULL)[-1] AS last_written,
        list_filter(list_transform(g.us, lambda x: x.output_tokens), lambda x: x IS NOT NULL)[-1] AS last_output,
        list_filter(list_transform(g.us, lambda x: x.output_tokens_details.thinking_tokens), lambda x: x IS NOT NULL)[-1]
            AS thought,
        list_filter(list_transform(g.us, lambda x: x.server_tool_use), lambda x: x IS NOT NULL)[-1] AS last_asked,
        coalesce(list_filter(list_transform(g.us, lambda x: x.iterations), lambda x: x IS NOT NULL)[-1], m.usage.iterations, [])
            AS parts
    FROM numbered AS n
    JOIN gathered AS g ON n.source_id = g.source_id AND n.stream IS NOT DISTINCT FROM g.stream AND n.nth = g.nth
    WHERE n.kind = 'message_start'
), counted AS (
    SELECT *,
        coalesce(last_input, m.usage.input_tokens) AS input_count,
        coalesce(last_read, m.usage.cache_read_input_tokens) AS read_count,
        coalesce(last_write, CAST(sum_of(last_written.ephemeral_5m_input_tokens, last_written.ephemeral_1h_input_tokens) AS COUNT),
                 m.usage.cache_creation_input_tokens,
                 CAST(sum_of(m.usage.cache_creation.ephemeral_5m_input_tokens, m.usage.cache_creation.ephemeral_1h_input_tokens) AS COUNT))
            AS write_count,
        coalesce(last_written, m.usage.cache_creation) AS written,
        coalesce(last_asked, m.usage.server_tool_use) AS asked
    FROM calls
), judged AS (
    SELECT *,
        CASE WHEN len(list_filter(parts, lambda p: miscounted(p.input_tokens) OR miscounted(p.output_tokens)
                    OR miscounted(p.cache_read_input_tokens) OR miscounted(p.cache_creation_input_tokens)
                    OR miscounted(p.cache_creation.ephemeral_1h_input_tokens))) > 0
             THEN 'a count in usage.iterations is no whole number from 0 to 2^53 - 1' END AS refused,
        miscounted(input_count) OR miscounted(read_count) OR miscounted(write_count) OR miscounted(last_output) AS unsound
    FROM counted
), placed AS (
    SELECT *, unnest(list_concat([0], CASE WHEN refused IS NOT NULL OR unsound THEN []
        ELSE list_filter(range(1, len(parts) + 1), lambda n: parts[n].type NOT IN ('message', 'fallback_message')) END)) AS place
    FROM judged
)
SELECT
    source_id,
    record,
    CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    CASE WHEN place = 0 THEN nullif(m.id, '') ELSE m.id || ':' || parts[place].type || ':' || place END AS request_id,
    CAST(NULL AS VARCHAR) AS skip,
    refused AS refusal,
    from_text AS started_at,
    coalesce(CAST(last_time AS VARCHAR), to_text) AS completed_at,
    coalesce(endpoint_text, '/v1/messages') AS endpoint,
    coalesce(CASE WHEN place > 0 THEN parts[place].model END, nullif(m.model, ''), model_text) AS model,
    coalesce(provider, CASE
        WHEN m.id LIKE 'msg_bdrk_%' THEN 'bedrock'
        WHEN m.id LIKE 'msg_vrtx_%' THEN 'google'
        WHEN m.model LIKE 'claude%' THEN 'anthropic'
        WHEN m.model LIKE 'deepseek%' THEN 'deepseek' END) AS provider,
    CASE WHEN place = 0 THEN 'chat' ELSE parts[place].type END AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    CASE WHEN place = 0 THEN coalesce(failure, last_stop, status_text) END AS status,
    CASE WHEN place > 0 THEN parts[place].input_tokens ELSE input_count END AS input_tokens,
    CASE WHEN place > 0 THEN parts[place].cache_read_input_tokens ELSE read_count END AS cache_read_tokens,
    CASE WHEN place > 0 THEN coalesce(parts[place].cache_creation_input_tokens, CAST(sum_of(
             parts[place].cache_creation.ephemeral_5m_input_tokens, parts[place].cache_creation.ephemeral_1h_input_tokens) AS COUNT))
         ELSE write_count END AS cache_write_tokens,
    CASE WHEN place > 0 THEN parts[place].cache_creation.ephemeral_1h_input_tokens
         ELSE written.ephemeral_1h_input_tokens END AS cache_write_1h_tokens,
    CASE WHEN place > 0 THEN parts[place].output_tokens ELSE last_output END AS output_tokens,
    CASE WHEN place = 0 THEN thought END AS reasoning_tokens,
    true AS cache_beside,
    placed_tier(coalesce(CASE WHEN m.usage.speed = 'fast' THEN 'fast' END, m.usage.service_tier), m.usage.inference_geo) AS service_tier,
    CASE WHEN place = 0 THEN tools END AS tool_calls,
    CASE WHEN place = 0 THEN asked.web_search_requests END AS searches,
    CASE WHEN place = 0 THEN asked.web_fetch_requests END AS fetches
FROM placed
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, from_text AS started_at, model_text AS model,
    CASE WHEN (nth > 0 AND kind IS NOT NULL) OR kind LIKE 'content_block_%' OR kind = 'message_stop'
           OR (kind = 'message_delta' AND u IS NULL)
         THEN 'a piece of a stream, no answer of its own'
         WHEN kind IN ('ping', 'error') THEN 'a stream event without an answer' END AS skip,
    CASE WHEN kind = 'message_delta' THEN 'usage of a stream whose message_start is not in this log'
         ELSE 'no event of a Messages stream' END AS refusal
FROM numbered
WHERE kind IS DISTINCT FROM 'message_start'

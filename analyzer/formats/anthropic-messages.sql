-- name:      anthropic-messages
-- title:     Anthropic Messages replies, bare, inside a log record of one's own, or as batch results
-- source:    https://docs.anthropic.com/en/api/messages
-- container: json
-- needs:     a time: wrapped records have one, bare replies take `--set time=…`
-- grain:     split
-- evidence:  type | response.type | response.body.type | body.type | message.type | result.type | result.message.type |
--            data.type = message | error
-- evidence:  usage.output_tokens | response.usage.output_tokens | response.body.usage.output_tokens | body.usage.output_tokens |
--            message.usage.output_tokens | result.usage.output_tokens | result.message.usage.output_tokens |
--            data.usage.output_tokens | error.type | response.error.type | response.body.error.type | body.error.type
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     model | model_name | response_model | request_model
-- let:       WRITTEN = STRUCT(ephemeral_5m_input_tokens COUNT, ephemeral_1h_input_tokens COUNT)
-- let:       PART = STRUCT(type VARCHAR, model VARCHAR, input_tokens COUNT, output_tokens COUNT,
--                          cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT, cache_creation WRITTEN)
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, cache_read_input_tokens COUNT,
--                           cache_creation_input_tokens COUNT, cache_creation WRITTEN, service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           output_tokens_details STRUCT(thinking_tokens COUNT), iterations PART[],
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT))
-- let:       MESSAGE = STRUCT(type VARCHAR, id VARCHAR, request_id VARCHAR, role VARCHAR, model VARCHAR, stop_reason VARCHAR,
--                             error JSON, usage USAGE, content STRUCT(type VARCHAR)[])
-- envelope:  common
-- columns:   type VARCHAR, role VARCHAR, stop_reason VARCHAR, usage USAGE, content STRUCT(type VARCHAR)[], error JSON,
--            response STRUCT(type VARCHAR, id VARCHAR, request_id VARCHAR, role VARCHAR, model VARCHAR, stop_reason VARCHAR,
--                            error JSON, usage USAGE, content STRUCT(type VARCHAR)[], body MESSAGE),
--            body MESSAGE, message MESSAGE, data MESSAGE,
--            result STRUCT(type VARCHAR, id VARCHAR, request_id VARCHAR, role VARCHAR, model VARCHAR, stop_reason VARCHAR,
--                          error JSON, usage USAGE, content STRUCT(type VARCHAR)[], message MESSAGE),
--            service_tier VARCHAR, custom_id VARCHAR
--
-- Cache counts stand beside input_tokens; cache_creation is the split of cache_creation_input_tokens by lifetime, no more
-- tokens. Thinking is inside output_tokens. The totals of a reply with `iterations` are those of its own messages alone:
-- what an advisor (another model) or a compaction used stands only there, so each of these is a row of its own.
-- A fallback_message is the answer that was served: the totals are its counts.
WITH worded AS (
    SELECT *,
        -- The reply, wherever it stands. The record itself comes last: its own `type` and `id` may be the wrapper's.
        CASE
            WHEN response.body.usage IS NOT NULL OR response.body.error IS NOT NULL THEN response.body
            WHEN response.usage IS NOT NULL OR response.error IS NOT NULL OR response.type IN ('message', 'error')
                THEN {'type': response.type, 'id': response.id, 'request_id': response.request_id, 'role': response.role,
                      'model': response.model, 'stop_reason': response.stop_reason, 'error': response.error,
                      'usage': response.usage, 'content': response.content}
            WHEN result.message.usage IS NOT NULL THEN result.message
            WHEN result.usage IS NOT NULL OR result.error IS NOT NULL
                THEN {'type': result.type, 'id': result.id, 'request_id': result.request_id, 'role': result.role,
                      'model': result.model, 'stop_reason': result.stop_reason, 'error': result.error,
                      'usage': result.usage, 'content': result.content}
            WHEN body.usage IS NOT NULL OR body.error IS NOT NULL THEN body
            WHEN message.usage IS NOT NULL OR message.error IS NOT NULL THEN message
            WHEN data.usage IS NOT NULL OR data.error IS NOT NULL THEN data
            ELSE {'type': type, 'id': id, 'request_id': request_id, 'role': role, 'model': model, 'stop_reason': stop_reason,
                  'error': error, 'usage': usage, 'content': content}
        END AS m
    FROM records
), told AS (
    SELECT *,
        m.usage AS u,
        coalesce(m.usage.iterations, []) AS parts,
        -- A running number of the log's own is no identity.
        coalesce(nullif(m.id, ''), m.request_id, request_id, CASE WHEN NOT regexp_full_match(id, '\d{1,12}') THEN id END) AS identity,
        CASE WHEN m.error IS NOT NULL
             THEN coalesce(m.error ->> '$.type', m.error ->> '$.error.type', 'error') END AS failure
    FROM worded
), judged AS (
    SELECT *,
        CASE
            WHEN u IS NOT NULL AND coalesce(u.input_tokens, u.output_tokens) IS NULL
                THEN 'its usage is not that of a Messages reply (looked for input_tokens, output_tokens)'
            WHEN len(list_filter(parts, lambda p: miscounted(p.input_tokens) OR miscounted(p.output_tokens)
                    OR miscounted(p.cache_read_input_tokens) OR miscounted(p.cache_creation_input_tokens)
                    OR miscounted(p.cache_creation.ephemeral_1h_input_tokens))) > 0
                THEN 'a count in usage.iterations is no whole number from 0 to 2^53 - 1'
        END AS refused,
        miscounted(u.input_tokens) OR miscounted(u.output_tokens) OR miscounted(u.cache_read_input_tokens)
            OR miscounted(u.cache_creation_input_tokens) AS unsound
    FROM told
), placed AS (
    -- 0 is the reply itself, the others are the places of what was done for it besides.
    SELECT *, unnest(list_concat([0], CASE WHEN refused IS NOT NULL OR unsound THEN []
        ELSE list_filter(range(1, len(parts) + 1), lambda n: parts[n].type NOT IN ('message', 'fallback_message')) END)) AS place
    FROM judged
), counted AS (
    SELECT *,
        CASE WHEN place > 0 THEN parts[place].cache_creation ELSE u.cache_creation END AS w,
        CASE WHEN place > 0 THEN parts[place].cache_creation_input_tokens ELSE u.cache_creation_input_tokens END AS write_count,
        coalesce(CASE WHEN place > 0 THEN parts[place].model END, nullif(m.model, ''), model_text) AS answered_by
    FROM placed
)
SELECT
    source_id,
    record,
    CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    CASE WHEN place = 0 THEN identity ELSE identity || ':' || parts[place].type || ':' || place END AS request_id,
    CASE WHEN m.role = 'user' AND u IS NULL THEN 'a turn of the user, no answer'
         WHEN result.type IN ('canceled', 'expired') AND u IS NULL THEN 'a batch request that was never run' END AS skip,
    refused AS refusal,
    from_text AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, custom_id, '/v1/messages') AS endpoint,
    answered_by AS model,
    coalesce(provider, CASE
        WHEN m.id LIKE 'msg_bdrk_%' THEN 'bedrock'
        WHEN m.id LIKE 'msg_vrtx_%' THEN 'google'
        WHEN answered_by LIKE 'claude%' THEN 'anthropic'
        WHEN answered_by LIKE 'deepseek%' THEN 'deepseek' END) AS provider,
    CASE WHEN place = 0 THEN 'chat' ELSE parts[place].type END AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    CASE WHEN place = 0 THEN coalesce(failure, m.stop_reason, status_text) END AS status,
    CASE WHEN place > 0 THEN parts[place].input_tokens ELSE u.input_tokens END AS input_tokens,
    CASE WHEN place > 0 THEN parts[place].cache_read_input_tokens ELSE u.cache_read_input_tokens END AS cache_read_tokens,
    coalesce(write_count, CAST(sum_of(w.ephemeral_5m_input_tokens, w.ephemeral_1h_input_tokens) AS COUNT)) AS cache_write_tokens,
    w.ephemeral_1h_input_tokens AS cache_write_1h_tokens,
    CASE WHEN place > 0 THEN parts[place].output_tokens ELSE u.output_tokens END AS output_tokens,
    CASE WHEN place = 0 THEN u.output_tokens_details.thinking_tokens END AS reasoning_tokens,
    true AS cache_beside,
    -- Fast mode is dearer whatever the tier.
    placed_tier(coalesce(CASE WHEN u.speed = 'fast' THEN 'fast' END, u.service_tier, service_tier), u.inference_geo) AS service_tier,
    CASE WHEN place = 0 THEN len(list_filter(m.content, lambda block: block.type = 'tool_use')) END AS tool_calls,
    CASE WHEN place = 0 THEN u.server_tool_use.web_search_requests END AS searches,
    CASE WHEN place = 0 THEN u.server_tool_use.web_fetch_requests END AS fetches
FROM counted

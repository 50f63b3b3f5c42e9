-- name:      cohere-chat
-- title:     Cohere's own API: replies of chat (v2 and v1), embed
-- source:    https://docs.cohere.com/reference/chat
-- container: json
-- needs:     a time and a model: `--set time=… --set model=…`
-- evidence:  usage.billed_units | meta.billed_units
-- evidence:  id | response_id
-- time:      created_at | timestamp | ts | time
-- model:     model
-- let:       UNITS = STRUCT(input_tokens COUNT, output_tokens COUNT)
-- let:       COUNTED = STRUCT(billed_units UNITS, tokens UNITS, cached_tokens COUNT)
-- columns:   id VARCHAR, response_id VARCHAR, response_type VARCHAR, created_at VARCHAR, timestamp VARCHAR, ts VARCHAR, time VARCHAR,
--            latency_ms VARCHAR, model VARCHAR, finish_reason VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, url VARCHAR, feature VARCHAR, session_id VARCHAR,
--            api_key_name VARCHAR, team VARCHAR, user VARCHAR,
--            message STRUCT(tool_calls STRUCT(id VARCHAR)[]), usage COUNTED, meta COUNTED
--
-- `tokens` is what the model read and wrote, with its template; `billed_units` is a part of it. Cached tokens are inside
-- tokens. A reply names neither its time nor its model: they come from the logger, or from `--set time=... model=...`.
SELECT
    source_id,
    coalesce(nullif(id, ''), nullif(response_id, '')) AS request_id,
    coalesce(created_at, timestamp, ts, time) AS started_at,
    latency_ms,
    coalesce(endpoint, route, path, url, feature, CASE WHEN response_type LIKE 'embeddings%' THEN '/embed' ELSE '/chat' END) AS endpoint,
    model,
    'cohere' AS provider,
    CASE WHEN response_type LIKE 'embeddings%' THEN 'embeddings' ELSE 'chat' END AS operation,
    session_id,
    api_key_name,
    team,
    "user" AS user_name,
    lower(finish_reason) AS status,
    coalesce(u.tokens.input_tokens, u.billed_units.input_tokens) AS input_tokens,
    u.cached_tokens AS cache_read_tokens,
    coalesce(u.tokens.output_tokens, u.billed_units.output_tokens,
             CASE WHEN response_type LIKE 'embeddings%' THEN CAST(0 AS COUNT) END) AS output_tokens,
    len(message.tool_calls) AS tool_calls
FROM (SELECT *, coalesce(usage, meta) AS u FROM records)

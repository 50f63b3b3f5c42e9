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
-- `tokens` is what the model read and wrote, with its template and its reasoning; `billed_units` are those of them that cost
-- money, and what counts (as OpenTelemetry rules where a provider reports both). Cached tokens are counted in `tokens`. What
-- of them was missed is the most that was missed of the billed ones; where that could be all of these, hits are not known.
-- A reply names neither its time nor its model: they come from the logger, or from `--set time=... model=...`.
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
    coalesce(u.billed_units.input_tokens, u.tokens.input_tokens) AS input_tokens,
    CASE WHEN coalesce(free <= 0, true) OR miscounted(u.cached_tokens) OR whole(u.cached_tokens) = 0 THEN u.cached_tokens
         WHEN whole(u.cached_tokens) > free
         THEN CAST(whole(u.cached_tokens) - (whole(u.tokens.input_tokens) - whole(u.billed_units.input_tokens)) AS COUNT)
    END AS cache_read_tokens,
    coalesce(u.billed_units.output_tokens, u.tokens.output_tokens,
             CASE WHEN response_type LIKE 'embeddings%' THEN CAST(0 AS COUNT) END) AS output_tokens,
    len(message.tool_calls) AS tool_calls
FROM (SELECT *, CASE WHEN NOT (miscounted(u.tokens.input_tokens) OR miscounted(u.billed_units.input_tokens))
                     THEN whole(u.tokens.input_tokens) - whole(u.billed_units.input_tokens) END AS free
      FROM (SELECT *, coalesce(usage, meta) AS u FROM records))

-- name:      ollama
-- title:     Ollama's own API: replies of `/api/chat` and `/api/generate`, streamed or whole
-- source:    https://github.com/ollama/ollama/blob/main/docs/api.md
-- container: json
-- evidence:  done = True | False
-- evidence:  created_at
-- evidence:  message.role | response
-- time:      created_at
-- model:     model
-- columns:   model VARCHAR, created_at VARCHAR, done BOOLEAN, done_reason VARCHAR, total_duration VARCHAR,
--            message STRUCT(role VARCHAR, tool_calls STRUCT(id VARCHAR)[]),
--            prompt_eval_count COUNT, prompt_eval_cached_count COUNT, eval_count COUNT,
--            endpoint VARCHAR, session_id VARCHAR, team VARCHAR, user VARCHAR
--
-- The last part of a stream is like a whole reply: it alone has counts. What was read from the cache is within the prompt's
-- count (`PromptEvalCachedCount` in ollama's api/types.go). Durations are in nanoseconds, and so is the time, which stands
-- in place of an id.
SELECT
    source_id,
    concat_ws(':', 'ollama', nullif(model, ''), created_at) AS request_id,
    CASE WHEN NOT done AND prompt_eval_count IS NULL AND eval_count IS NULL THEN 'a piece of a stream, no answer of its own' END AS skip,
    created_at AS completed_at,
    CASE WHEN total_duration IS NULL THEN created_at END AS started_at,
    TRY_CAST(total_duration AS DOUBLE) / 1000000 AS latency_ms,
    coalesce(endpoint, CASE WHEN message IS NULL THEN '/api/generate' ELSE '/api/chat' END) AS endpoint,
    model,
    'ollama' AS provider,
    'chat' AS operation,
    session_id,
    team,
    "user" AS user_name,
    lower(done_reason) AS status,
    prompt_eval_count AS input_tokens,
    prompt_eval_cached_count AS cache_read_tokens,
    eval_count AS output_tokens,
    len(message.tool_calls) AS tool_calls
FROM records

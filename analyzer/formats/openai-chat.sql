-- name:      openai-chat
-- title:     OpenAI-compatible chat completions: replies and stream chunks (OpenAI, Azure, DeepSeek, vLLM, …)
-- source:    https://platform.openai.com/docs/api-reference/chat/object
--            https://api-docs.deepseek.com/api/create-chat-completion
-- container: json
-- evidence:  object = chat.completion | chat.completion.chunk | text_completion
-- evidence:  created
-- evidence:  model
-- time:      created
-- model:     model
-- columns:   id VARCHAR, object VARCHAR, created VARCHAR, model VARCHAR, provider VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, url VARCHAR, feature VARCHAR,
--            session_id VARCHAR, conversation_id VARCHAR, thread_id VARCHAR,
--            api_key_name VARCHAR, api_key_alias VARCHAR, key_name VARCHAR, team VARCHAR, team_id VARCHAR, project VARCHAR,
--            user VARCHAR, user_id VARCHAR, started_at VARCHAR, latency_ms VARCHAR,
--            choices STRUCT(finish_reason VARCHAR, message STRUCT(tool_calls STRUCT(id VARCHAR)[]))[],
--            usage STRUCT(prompt_tokens COUNT, completion_tokens COUNT, total_tokens COUNT,
--                         prompt_cache_hit_tokens COUNT, prompt_cache_miss_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--                         prompt_tokens_details STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, cache_creation_input_tokens COUNT),
--                         completion_tokens_details STRUCT(reasoning_tokens COUNT), cost VARCHAR)
--
-- Cached and written tokens are inside prompt_tokens, reasoning is inside completion_tokens; where total_tokens
-- says otherwise (xAI: reasoning beside), the total decides. prompt_cache_hit_tokens and
-- prompt_tokens_details.cached_tokens are the same count: one of them is read, never their sum.
-- Chunks of one stream share their id; the one with usage tells of the request, the others are duplicates.
SELECT
    source_id,
    nullif(id, '') AS request_id,
    -- Azure begins a stream with a chunk of content-filter results that has no id, time or model.
    CASE WHEN object = '' AND coalesce(id, '') = '' THEN 'a preamble of a stream, no answer' END AS skip,
    coalesce(started_at, CASE WHEN latency_ms IS NULL THEN created END) AS started_at,
    created AS completed_at,
    latency_ms,
    coalesce(endpoint, route, path, url, feature, CASE object
        WHEN 'chat.completion' THEN '/v1/chat/completions'
        WHEN 'chat.completion.chunk' THEN '/v1/chat/completions'
        WHEN 'text_completion' THEN '/v1/completions' END) AS endpoint,
    nullif(model, '') AS model,
    coalesce(provider, CASE WHEN usage.prompt_cache_hit_tokens IS NOT NULL THEN 'deepseek' END) AS provider,
    CASE WHEN object = 'text_completion' THEN 'text_completion' ELSE 'chat' END AS operation,
    coalesce(session_id, conversation_id, thread_id) AS session_id,
    coalesce(api_key_name, api_key_alias, key_name) AS api_key_name,
    coalesce(team, team_id, project) AS team,
    coalesce(user, user_id) AS user_name,
    choices[1].finish_reason AS status,
    usage.prompt_tokens AS input_tokens,
    coalesce(usage.prompt_cache_hit_tokens, usage.prompt_tokens_details.cached_tokens,
             usage.cached_tokens, usage.num_cached_tokens) AS cache_read_tokens,
    coalesce(usage.prompt_tokens_details.cache_write_tokens,
             usage.prompt_tokens_details.cache_creation_input_tokens) AS cache_write_tokens,
    usage.completion_tokens AS output_tokens,
    usage.completion_tokens_details.reasoning_tokens AS reasoning_tokens,
    usage.total_tokens AS total_tokens,
    len(choices[1].message.tool_calls) AS tool_calls,
    usage.cost AS stated_cost
FROM records

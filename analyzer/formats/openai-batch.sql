-- name:      openai-batch
-- title:     Output and error files of a batch (OpenAI, Azure, Groq, Mistral, vLLM)
-- source:    https://platform.openai.com/docs/api-reference/batch/request-output
-- container: json
-- evidence:  id
-- evidence:  custom_id
-- evidence:  response.status_code | error.code
-- time:      response.body.created | response.body.created_at
-- model:     response.body.model
-- let:       DETAILS = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- columns:   id VARCHAR, custom_id VARCHAR, error STRUCT(code VARCHAR),
--            response STRUCT(status_code VARCHAR, request_id VARCHAR, body STRUCT(
--                id VARCHAR, object VARCHAR, created VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR,
--                status VARCHAR, user VARCHAR, x_groq STRUCT(id VARCHAR), error STRUCT(code VARCHAR, type VARCHAR),
--                choices STRUCT(finish_reason VARCHAR, message STRUCT(tool_calls STRUCT(id VARCHAR)[]))[],
--                output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--                usage STRUCT(prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT,
--                             total_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--                             prompt_tokens_details DETAILS, input_tokens_details DETAILS,
--                             completion_tokens_details MADE, output_tokens_details MADE)))
--
-- A line holds the whole reply, of chat, completions, responses or embeddings. Its own id is the one that a proxy's log
-- of the same call has; an embedding has none, and is known by the request. What failed has neither time nor model: it is no call.
SELECT
    source_id,
    coalesce(CASE WHEN b.id <> '' AND NOT commonplace(b.id) THEN b.id END, nullif(response.request_id, ''), nullif(id, '')) AS request_id,
    CASE WHEN coalesce(b.created, b.created_at, b.model) IS NULL AND b.usage IS NULL
          AND (error IS NOT NULL OR b.error IS NOT NULL OR regexp_full_match(response.status_code, '[4-9]\d\d'))
         THEN 'a batch request that failed before any model' END AS skip,
    coalesce(b.created, b.created_at) AS started_at,
    coalesce(b.completed_at, b.created) AS completed_at,
    CASE b.object
        WHEN 'chat.completion' THEN '/v1/chat/completions'
        WHEN 'text_completion' THEN '/v1/completions'
        WHEN 'response' THEN '/v1/responses'
        WHEN 'list' THEN '/v1/embeddings' END AS endpoint,
    nullif(b.model, '') AS model,
    CASE WHEN b.x_groq IS NOT NULL THEN 'groq' END AS provider,
    CASE b.object WHEN 'text_completion' THEN 'text_completion' WHEN 'response' THEN 'responses'
                  WHEN 'list' THEN 'embeddings' ELSE 'chat' END AS operation,
    b."user" AS user_name,
    coalesce(error.code, b.error.code, b.error.type, CASE WHEN regexp_full_match(response.status_code, '[4-9]\d\d') THEN response.status_code END,
             b.choices[1].finish_reason, b.status) AS status,
    coalesce(b.usage.prompt_tokens, b.usage.input_tokens) AS input_tokens,
    coalesce(b.usage.prompt_tokens_details.cached_tokens, b.usage.input_tokens_details.cached_tokens,
             b.usage.cached_tokens, b.usage.num_cached_tokens) AS cache_read_tokens,
    coalesce(b.usage.prompt_tokens_details.cache_write_tokens, b.usage.input_tokens_details.cache_write_tokens) AS cache_write_tokens,
    coalesce(b.usage.completion_tokens, b.usage.output_tokens,
             CASE WHEN b.object = 'list' AND b.usage IS NOT NULL THEN CAST(0 AS COUNT) END) AS output_tokens,
    coalesce(b.usage.completion_tokens_details.reasoning_tokens, b.usage.output_tokens_details.reasoning_tokens) AS reasoning_tokens,
    b.usage.total_tokens AS total_tokens,
    coalesce(len(b.choices[1].message.tool_calls), len(list_filter(b.output, lambda item: item.type LIKE '%_call'))) AS tool_calls,
    'batch' AS service_tier,
    coalesce(b.usage.prompt_tokens_details.audio_tokens, b.usage.input_tokens_details.audio_tokens) AS input_audio_tokens,
    coalesce(b.usage.completion_tokens_details.audio_tokens, b.usage.output_tokens_details.audio_tokens) AS output_audio_tokens,
    coalesce(b.usage.prompt_tokens_details.image_tokens, b.usage.input_tokens_details.image_tokens) AS input_image_tokens,
    coalesce(b.usage.completion_tokens_details.image_tokens, b.usage.output_tokens_details.image_tokens) AS output_image_tokens,
    len(list_filter(b.output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) AS searches,
    len(list_filter(b.output, lambda item: item.type = 'file_search_call')) AS file_searches
FROM (SELECT *, response.body AS b FROM records)

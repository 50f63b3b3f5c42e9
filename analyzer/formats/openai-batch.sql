-- name:      openai-batch
-- title:     Output and error files of a batch (OpenAI, Azure, Groq, Mistral, vLLM)
-- source:    https://platform.openai.com/docs/api-reference/batch/request-output
-- container: json
-- grain:     split
-- evidence:  id
-- evidence:  custom_id
-- evidence:  response.status_code | error.code
-- time:      response.body.created | response.body.created_at
-- model:     response.body.model
-- let:       DETAILS = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       USAGE = STRUCT(prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT,
--                           total_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--                           prompt_tokens_details DETAILS, input_tokens_details DETAILS,
--                           completion_tokens_details MADE, output_tokens_details MADE)
-- columns:   id VARCHAR, custom_id VARCHAR, error STRUCT(code VARCHAR),
--            response STRUCT(status_code VARCHAR, request_id VARCHAR, body STRUCT(
--                id VARCHAR, object VARCHAR, created VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR,
--                status VARCHAR, user VARCHAR, x_groq STRUCT(id VARCHAR), error STRUCT(code VARCHAR, type VARCHAR),
--                choices STRUCT(finish_reason VARCHAR, message STRUCT(tool_calls STRUCT(id VARCHAR)[]))[],
--                output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--                usage USAGE, tools STRUCT(type VARCHAR, model VARCHAR)[], tool_usage STRUCT(image_gen USAGE)))
--
-- A line holds the whole reply, of chat, completions, responses or embeddings. Its own id is the one that a proxy's log
-- of the same call has; an embedding has none, and is known by the request. What failed has neither time nor model: it is no call.
-- What the tool of a response drew is a row of its own, as in `openai-responses`.
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    coalesce(CASE WHEN b.id <> '' AND NOT commonplace(b.id) THEN b.id END, nullif(response.request_id, ''), nullif(id, ''))
        || CASE WHEN place = 0 THEN '' ELSE ':image_gen' END AS request_id,
    CASE WHEN coalesce(b.created, b.created_at, b.model) IS NULL AND u IS NULL
          AND (error IS NOT NULL OR b.error IS NOT NULL OR regexp_full_match(response.status_code, '[4-9]\d\d'))
         THEN 'a batch request that failed before any model' END AS skip,
    coalesce(b.created, b.created_at) AS started_at,
    coalesce(b.completed_at, b.created) AS completed_at,
    CASE b.object
        WHEN 'chat.completion' THEN '/v1/chat/completions'
        WHEN 'text_completion' THEN '/v1/completions'
        WHEN 'response' THEN '/v1/responses'
        WHEN 'list' THEN '/v1/embeddings' END AS endpoint,
    CASE WHEN place = 0 THEN nullif(b.model, '')
         ELSE coalesce(list_filter(b.tools, lambda tool: tool.type = 'image_generation')[1].model, 'image-generation') END AS model,
    CASE WHEN b.x_groq IS NOT NULL THEN 'groq' END AS provider,
    CASE WHEN place = 1 THEN 'images' WHEN b.object = 'text_completion' THEN 'text_completion' WHEN b.object = 'response' THEN 'responses'
         WHEN b.object = 'list' THEN 'embeddings' ELSE 'chat' END AS operation,
    b."user" AS user_name,
    coalesce(error.code, b.error.code, b.error.type, CASE WHEN regexp_full_match(response.status_code, '[4-9]\d\d') THEN response.status_code END,
             b.choices[1].finish_reason, b.status) AS status,
    coalesce(u.prompt_tokens, u.input_tokens) AS input_tokens,
    coalesce(u.prompt_tokens_details.cached_tokens, u.input_tokens_details.cached_tokens,
             u.cached_tokens, u.num_cached_tokens) AS cache_read_tokens,
    coalesce(u.prompt_tokens_details.cache_write_tokens, u.input_tokens_details.cache_write_tokens) AS cache_write_tokens,
    coalesce(u.completion_tokens, u.output_tokens,
             CASE WHEN b.object = 'list' AND u IS NOT NULL THEN CAST(0 AS COUNT) END) AS output_tokens,
    coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens) AS reasoning_tokens,
    u.total_tokens AS total_tokens,
    CASE WHEN place = 0 THEN coalesce(len(b.choices[1].message.tool_calls),
                                      len(list_filter(b.output, lambda item: item.type LIKE '%_call'))) END AS tool_calls,
    'batch' AS service_tier,
    coalesce(u.prompt_tokens_details.audio_tokens, u.input_tokens_details.audio_tokens) AS input_audio_tokens,
    coalesce(u.completion_tokens_details.audio_tokens, u.output_tokens_details.audio_tokens) AS output_audio_tokens,
    coalesce(u.prompt_tokens_details.image_tokens, u.input_tokens_details.image_tokens) AS input_image_tokens,
    coalesce(u.completion_tokens_details.image_tokens, u.output_tokens_details.image_tokens,
             CASE WHEN place = 1 THEN u.output_tokens END) AS output_image_tokens,
    CASE WHEN place = 0 THEN len(list_filter(b.output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) END AS searches,
    CASE WHEN place = 0 THEN len(list_filter(b.output, lambda item: item.type = 'file_search_call')) END AS file_searches
FROM (
    SELECT *, CASE WHEN place = 0 THEN b.usage ELSE b.tool_usage.image_gen END AS u
    FROM (
        SELECT *,
            response.body AS b,
            unnest(CASE WHEN measure(response.body.tool_usage.image_gen.input_tokens) > 0
                          OR measure(response.body.tool_usage.image_gen.output_tokens) > 0 THEN [0, 1] ELSE [0] END) AS place
        FROM records
    )
)

-- name:      litellm-standard-logging
-- title:     LiteLLM StandardLoggingPayload (log to S3, GCS, a callback) as JSON lines
-- source:    https://docs.litellm.ai/docs/proxy/logging_spec
-- container: json
-- evidence:  id
-- evidence:  call_type
-- evidence:  startTime
-- evidence:  response_cost
-- evidence:  litellm_call_id | trace_id | model_map_information | hidden_params
-- time:      startTime
-- model:     model
-- grain:     split
-- let:       WRITES = STRUCT(ephemeral_1h_input_tokens COUNT)
-- let:       DETAILS = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, cache_creation_tokens COUNT,
--                             cache_creation_token_details WRITES, audio_tokens COUNT, image_tokens COUNT, web_search_requests COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- columns:   id VARCHAR, litellm_call_id VARCHAR, trace_id VARCHAR, session_id VARCHAR, call_type VARCHAR, cache_hit VARCHAR,
--            status VARCHAR, custom_llm_provider VARCHAR, startTime VARCHAR, endTime VARCHAR, model VARCHAR, end_user VARCHAR,
--            response_cost VARCHAR, total_tokens COUNT, prompt_tokens COUNT, completion_tokens COUNT,
--            error_information STRUCT(error_code VARCHAR), cost_breakdown STRUCT(service_tier VARCHAR),
--            metadata STRUCT(user_api_key_hash VARCHAR, user_api_key_alias VARCHAR, user_api_key_team_id VARCHAR,
--                            user_api_key_user_id VARCHAR, user_api_key_end_user_id VARCHAR, user_api_key_request_route VARCHAR,
--                            usage_object STRUCT(cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT,
--                                                service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                                                prompt_tokens_details DETAILS, input_tokens_details DETAILS,
--                                                completion_tokens_details MADE, output_tokens_details MADE,
--                                                server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT)))
--
-- Cached, written and reasoning tokens are inside, for every provider. `cache_hit` is LiteLLM's own cache of answers:
-- such a row is no provider call. A row with 0 tokens is a call whose usage LiteLLM did not get (a stream without
-- usage, a failure).
WITH row_of AS (
    SELECT *,
        metadata.usage_object AS u,
        usage_told(prompt_tokens, completion_tokens) AS measured,
        coalesce(regexp_full_match(id, '([A-Za-z]+[-_])?([0-9]{0,15}|[A-Za-z_-]{0,15}|[A-Za-z0-9_-]{0,7})'), true) AS weak_id
    FROM records
), counted AS (
    SELECT *,
        CASE WHEN measured THEN coalesce(u.cache_read_input_tokens, u.prompt_tokens_details.cached_tokens,
                                    u.input_tokens_details.cached_tokens) END AS cached,
        CASE WHEN measured THEN coalesce(u.cache_creation_input_tokens, u.prompt_tokens_details.cache_write_tokens,
             u.prompt_tokens_details.cache_creation_tokens, u.input_tokens_details.cache_write_tokens) END AS written,
        CASE WHEN measured THEN coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens) END AS reasoned
    FROM row_of
)
SELECT
    source_id, record, 1 AS records,
    -- A server of one's own may give many replies the same id: LiteLLM's id of the call tells them apart, also where each
    -- call is a log of its own.
    CASE WHEN weak_id AND litellm_call_id <> '' THEN 'litellm:' || litellm_call_id ELSE id END AS request_id,
    CASE WHEN lower(cache_hit) = 'true' OR id LIKE '%\_cache\_hit%' ESCAPE '\'
         THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    startTime AS started_at,
    endTime AS completed_at,
    coalesce(named(metadata.user_api_key_request_route), named(call_type)) AS endpoint,
    -- LiteLLM puts its provider's name before the model's; the model is what stands behind it.
    CASE WHEN custom_llm_provider <> '' AND starts_with(model, custom_llm_provider || '/')
         THEN substr(model, length(custom_llm_provider) + 2) ELSE model END AS model,
    CASE WHEN custom_llm_provider IN ('vertex_ai', 'vertex_ai_beta', 'gemini') THEN 'google'
         ELSE nullif(custom_llm_provider, '') END AS provider,
    call_type AS operation,
    coalesce(nullif(session_id, ''), trace_id) AS session_id,
    coalesce(named(metadata.user_api_key_alias), metadata.user_api_key_hash) AS api_key_name,
    metadata.user_api_key_team_id AS team,
    coalesce(named(end_user), named(metadata.user_api_key_end_user_id), metadata.user_api_key_user_id) AS user_name,
    CASE WHEN status = 'failure' THEN coalesce(nullif(error_information.error_code, ''), status) ELSE status END AS status,
    CASE WHEN measured THEN prompt_tokens END AS input_tokens,
    cached AS cache_read_tokens,
    -- OpenRouter tells tokens that are read and kept on as written too; the input has them once.
    CASE WHEN starts_with(id, 'gen-') AND measure(cached) <= measure(prompt_tokens) AND measure(cached) + measure(written) > measure(prompt_tokens)
         THEN NULL ELSE written END AS cache_write_tokens,
    CASE WHEN measured THEN completion_tokens END AS output_tokens,
    reasoned AS reasoning_tokens,
    CASE WHEN measured THEN total_tokens END AS total_tokens,
    response_cost AS stated_cost,
    'USD' AS stated_currency,
    -- Of Anthropic's models: fast mode is dearer whatever the tier, and so is an answer from the United States alone.
    placed_tier(coalesce(CASE WHEN u.speed = 'fast' THEN u.speed END, u.service_tier, cost_breakdown.service_tier), u.inference_geo)
        AS service_tier,
    CASE WHEN measure(u.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens) <= measure(written)
         THEN u.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens END AS cache_write_1h_tokens,
    CASE WHEN measured THEN coalesce(u.prompt_tokens_details.audio_tokens, u.input_tokens_details.audio_tokens) END AS input_audio_tokens,
    CASE WHEN measured THEN coalesce(u.completion_tokens_details.audio_tokens, u.output_tokens_details.audio_tokens) END
        AS output_audio_tokens,
    CASE WHEN measured THEN coalesce(u.prompt_tokens_details.image_tokens, u.input_tokens_details.image_tokens) END AS input_image_tokens,
    CASE WHEN measured THEN coalesce(u.completion_tokens_details.image_tokens, u.output_tokens_details.image_tokens) END
        AS output_image_tokens,
    coalesce(u.server_tool_use.web_search_requests, u.prompt_tokens_details.web_search_requests) AS searches,
    u.server_tool_use.web_fetch_requests AS fetches
FROM counted

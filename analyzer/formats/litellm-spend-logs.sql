-- name:      litellm-spend-logs
-- title:     LiteLLM proxy, table LiteLLM_SpendLogs as CSV or JSON lines
-- source:    https://docs.litellm.ai/docs/proxy/cost_tracking
-- container: json csv
-- evidence:  request_id
-- evidence:  call_type
-- evidence:  startTime
-- evidence:  model
-- evidence:  spend
-- time:      startTime
-- model:     model
-- columns:   request_id VARCHAR, call_type VARCHAR, api_key VARCHAR, cache_hit VARCHAR, startTime VARCHAR, endTime VARCHAR,
--            model VARCHAR, model_group VARCHAR, custom_llm_provider VARCHAR, user VARCHAR, end_user VARCHAR, team_id VARCHAR,
--            metadata VARCHAR, spend VARCHAR, total_tokens COUNT, prompt_tokens COUNT, completion_tokens COUNT,
--            session_id VARCHAR, status VARCHAR, litellm_call_id VARCHAR
--
-- Cached, written and reasoning tokens are inside, for every provider. `cache_hit` is LiteLLM's own cache of answers:
-- such a row is no provider call. A row with 0 tokens is a call whose usage LiteLLM did not get (a stream without
-- usage, a failure). metadata is JSON in a string; its cache counts are the same number under several names.
WITH row_of AS (
    SELECT *,
        usage_told(prompt_tokens, completion_tokens) AS measured,
        coalesce(regexp_full_match(request_id, '([A-Za-z]+[-_])?([0-9]{0,15}|[A-Za-z_-]{0,15}|[A-Za-z0-9_-]{0,7})'), true) AS weak_id,
        {
            'call': j ->> '$.litellm_call_id',
            'alias': j ->> '$.user_api_key_alias', 'team': j ->> '$.user_api_key_team_id',
            'route': j ->> '$.user_api_key_request_route', 'status': j ->> '$.status',
            'cached_1': j ->> '$.additional_usage_values.cache_read_input_tokens',
            'cached_2': j ->> '$.usage_object.cache_read_input_tokens',
            'cached_3': j ->> '$.usage_object.prompt_tokens_details.cached_tokens',
            'cached_4': j ->> '$.usage_object.input_tokens_details.cached_tokens',
            'written_1': j ->> '$.additional_usage_values.cache_creation_input_tokens',
            'written_2': j ->> '$.usage_object.cache_creation_input_tokens',
            'written_3': j ->> '$.usage_object.prompt_tokens_details.cache_write_tokens',
            'written_4': j ->> '$.usage_object.prompt_tokens_details.cache_creation_tokens',
            'written_5': j ->> '$.usage_object.input_tokens_details.cache_write_tokens',
            'written_1h': j ->> '$.usage_object.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens',
            'speed': j ->> '$.usage_object.speed', 'place': j ->> '$.usage_object.inference_geo',
            'tier_1': j ->> '$.usage_object.service_tier', 'tier_2': j ->> '$.cost_breakdown.service_tier',
            'reasoning_1': j ->> '$.usage_object.completion_tokens_details.reasoning_tokens',
            'reasoning_2': j ->> '$.usage_object.output_tokens_details.reasoning_tokens',
            'heard': coalesce(j ->> '$.usage_object.prompt_tokens_details.audio_tokens',
                              j ->> '$.usage_object.input_tokens_details.audio_tokens'),
            'spoken': coalesce(j ->> '$.usage_object.completion_tokens_details.audio_tokens',
                               j ->> '$.usage_object.output_tokens_details.audio_tokens'),
            'seen': coalesce(j ->> '$.usage_object.prompt_tokens_details.image_tokens',
                             j ->> '$.usage_object.input_tokens_details.image_tokens'),
            'drawn': coalesce(j ->> '$.usage_object.completion_tokens_details.image_tokens',
                              j ->> '$.usage_object.output_tokens_details.image_tokens'),
            'searched': coalesce(j ->> '$.usage_object.server_tool_use.web_search_requests',
                                 j ->> '$.usage_object.prompt_tokens_details.web_search_requests'),
            'fetched': j ->> '$.usage_object.server_tool_use.web_fetch_requests'
        } AS m
    FROM (SELECT *, TRY_CAST(metadata AS JSON) AS j FROM records)
), counted AS (
    SELECT *,
        coalesce(m.cached_1, m.cached_2, m.cached_3, m.cached_4) AS cached,
        coalesce(m.written_1, m.written_2, m.written_3, m.written_4, m.written_5) AS written
    FROM row_of
)
SELECT
    source_id,
    -- A server of one's own may give many replies the same id: LiteLLM's id of the call tells them apart.
    CASE WHEN weak_id AND coalesce(nullif(litellm_call_id, ''), m.call) <> ''
         THEN 'litellm:' || coalesce(nullif(litellm_call_id, ''), m.call) ELSE nullif(request_id, '') END AS request_id,
    CASE WHEN lower(cache_hit) = 'true' OR request_id LIKE '%\_cache\_hit%' ESCAPE '\'
         THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    startTime AS started_at,
    endTime AS completed_at,
    coalesce(m.route, named(call_type)) AS endpoint,
    -- LiteLLM puts its provider's name before the model's; the model is what stands behind it.
    CASE WHEN custom_llm_provider <> '' AND starts_with(model, custom_llm_provider || '/')
         THEN substr(model, length(custom_llm_provider) + 2) ELSE model END AS model,
    CASE WHEN custom_llm_provider IN ('vertex_ai', 'vertex_ai_beta', 'gemini') THEN 'google'
         ELSE nullif(custom_llm_provider, '') END AS provider,
    call_type AS operation,
    session_id,
    coalesce(named(m.alias), api_key) AS api_key_name,
    coalesce(named(team_id), m.team) AS team,
    coalesce(named(end_user), "user") AS user_name,
    coalesce(named(status), m.status) AS status,
    CASE WHEN measured THEN prompt_tokens END AS input_tokens,
    CASE WHEN measured THEN cached END AS cache_read_tokens,
    -- OpenRouter tells tokens that are read and kept on as written too; the input has them once.
    CASE WHEN starts_with(request_id, 'gen-') AND measure(cached) <= measure(prompt_tokens)
          AND measure(cached) + measure(written) > measure(prompt_tokens) THEN NULL
         WHEN measured THEN written END AS cache_write_tokens,
    CASE WHEN measured THEN completion_tokens END AS output_tokens,
    CASE WHEN measured THEN coalesce(m.reasoning_1, m.reasoning_2) END AS reasoning_tokens,
    CASE WHEN measured THEN total_tokens END AS total_tokens,
    spend AS stated_cost,
    'USD' AS stated_currency,
    -- Of Anthropic's models: fast mode is dearer whatever the tier, and so is an answer from the United States alone.
    placed_tier(coalesce(CASE WHEN m.speed = 'fast' THEN m.speed END, m.tier_1, m.tier_2), m.place) AS service_tier,
    CASE WHEN measured AND measure(m.written_1h) <= measure(written) THEN m.written_1h END AS cache_write_1h_tokens,
    CASE WHEN measured THEN m.heard END AS input_audio_tokens,
    CASE WHEN measured THEN m.spoken END AS output_audio_tokens,
    CASE WHEN measured THEN m.seen END AS input_image_tokens,
    CASE WHEN measured THEN m.drawn END AS output_image_tokens,
    m.searched AS searches,
    m.fetched AS fetches
FROM counted

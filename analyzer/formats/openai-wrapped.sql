-- name:      openai-wrapped
-- title:     OpenAI-compatible replies inside a team's own record (under response, body, response.body, result or data)
-- source:    https://platform.openai.com/docs/api-reference/chat/object
-- container: json
-- grain:     split
-- evidence:  response.choices | body.choices | response.body.choices | result.choices | data.choices |
--            response.object | body.object | response.body.object | result.object | data.object = [{* | response
-- evidence:  response.usage | body.usage | response.body.usage | result.usage | data.usage
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     model | response.model | body.model | response.body.model | result.model | data.model
-- let:       HOUR = STRUCT(ephemeral_1h_input_tokens COUNT)
-- let:       DETAILS = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, cache_creation_input_tokens COUNT,
--                             cache_creation_tokens COUNT, cached_creation_tokens COUNT, cache_creation_token_details HOUR,
--                             audio_tokens COUNT, image_tokens COUNT, web_search_requests COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       USAGE = STRUCT(prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                           prompt_cache_hit_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--                           prompt_tokens_details DETAILS, input_tokens_details DETAILS,
--                           completion_tokens_details MADE, output_tokens_details MADE, num_search_queries COUNT,
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT),
--                           cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT, cache_creation HOUR,
--                           service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           cost VARCHAR, is_byok BOOLEAN, cost_details STRUCT(upstream_inference_cost VARCHAR),
--                           cost_in_usd_ticks VARCHAR, num_sources_used VARCHAR)
-- let:       BODY = STRUCT(id VARCHAR, object VARCHAR, created VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR,
--                          status VARCHAR, service_tier VARCHAR, error STRUCT(code VARCHAR, type VARCHAR),
--                          choices STRUCT(finish_reason VARCHAR, message STRUCT(tool_calls STRUCT(id VARCHAR)[]))[],
--                          output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[], x_groq STRUCT(usage USAGE), usage USAGE,
--                          tools STRUCT(type VARCHAR, model VARCHAR)[], tool_usage STRUCT(image_gen USAGE))
-- envelope:  common
-- columns:   response JSON, body JSON, result JSON, data JSON
--
-- The reply means what it means in a log of replies (see openai-chat); time, route, key and team are the record's own. The
-- reply's id is the call's, so that a log of bare replies tells of the same calls; what its
-- tool drew is a row of its own, as in `openai-responses`.
WITH found AS (
    SELECT *,
        COUNT_CAST(CASE WHEN json_type(response -> 'body') = 'OBJECT' THEN response -> 'body'
                      WHEN json_type(response) = 'OBJECT' THEN response
                      WHEN json_type(body) = 'OBJECT' THEN body
                      WHEN json_type(result) = 'OBJECT' THEN result
                      WHEN json_type(data) = 'OBJECT' THEN data END AS BODY) AS b,
        coalesce(took_ms, took_s) AS took
    FROM records
), replied AS (
    SELECT *, CASE WHEN place = 0 THEN coalesce(b.usage, b.x_groq.usage) ELSE b.tool_usage.image_gen END AS u
    FROM (SELECT *, unnest(CASE WHEN measure(b.tool_usage.image_gen.input_tokens) > 0
                                  OR measure(b.tool_usage.image_gen.output_tokens) > 0 THEN [0, 1] ELSE [0] END) AS place
          FROM found)
), counted AS (
    SELECT *,
        starts_with(coalesce(b.id, ''), 'gen-') AS routed_on,
        coalesce(u.prompt_tokens, u.input_tokens) AS given,
        coalesce(u.completion_tokens, u.output_tokens) AS made,
        coalesce(u.prompt_cache_hit_tokens, u.prompt_tokens_details.cached_tokens, u.input_tokens_details.cached_tokens,
                 u.cached_tokens, u.num_cached_tokens, u.cache_read_input_tokens) AS cached,
        -- One count under many names.
        filled([u.prompt_tokens_details.cache_write_tokens, u.prompt_tokens_details.cache_creation_input_tokens,
                u.input_tokens_details.cache_write_tokens, u.cache_creation_input_tokens,
                u.prompt_tokens_details.cache_creation_tokens, u.prompt_tokens_details.cached_creation_tokens]) AS written,
        coalesce(u.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens,
                 u.cache_creation.ephemeral_1h_input_tokens) AS written_1h,
        coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens) AS reasoned,
        u.cost_in_usd_ticks IS NOT NULL OR u.num_sources_used IS NOT NULL OR starts_with(coalesce(b.model, ''), 'grok-') AS xai
    FROM replied
)
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    -- A short id of the reply is one server's number: with the record's instant it tells the call.
    (CASE WHEN regexp_full_match(b.id, '([A-Za-z]+[-_])?([0-9]{0,15}|[A-Za-z_-]{0,15}|[A-Za-z0-9_-]{0,7})')
         THEN concat_ws(':', coalesce(named(request_id), nullif(b.id, '')), from_text)
         ELSE coalesce(b.id, named(request_id),
                       CASE WHEN NOT regexp_full_match(id, '\d{0,12}') THEN id END) END)
        || CASE WHEN place = 0 THEN '' ELSE ':image_gen' END AS request_id,
    CASE WHEN took IS NULL OR to_text IS NULL
         THEN coalesce(from_text, b.created, b.created_at) END AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, CASE b.object
        WHEN 'chat.completion' THEN '/v1/chat/completions'
        WHEN 'text_completion' THEN '/v1/completions'
        WHEN 'response' THEN '/v1/responses'
        WHEN 'list' THEN '/v1/embeddings' END) AS endpoint,
    CASE WHEN place = 0 THEN coalesce(nullif(b.model, ''), model)
         ELSE coalesce(list_filter(b.tools, lambda tool: tool.type = 'image_generation')[1].model, 'image-generation') END AS model,
    CASE WHEN routed_on THEN 'openrouter'
         WHEN provider IS NOT NULL THEN lower(provider)
         WHEN u.prompt_cache_hit_tokens IS NOT NULL THEN 'deepseek'
         WHEN b.x_groq IS NOT NULL THEN 'groq'
         WHEN xai THEN 'xai' END AS provider,
    CASE WHEN place = 1 THEN 'images' WHEN b.object = 'text_completion' THEN 'text_completion' WHEN b.object = 'response' THEN 'responses'
         WHEN b.object = 'list' THEN 'embeddings' ELSE 'chat' END AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    CASE WHEN b.error IS NOT NULL THEN coalesce(b.error.code, b.error.type, status_code, http_status, 'error')
         ELSE coalesce(status_text, b.choices[1].finish_reason, b.status) END AS status,
    given AS input_tokens,
    cached AS cache_read_tokens,
    CASE WHEN routed_on AND measure(cached) <= measure(given) AND measure(cached) + measure(written) > measure(given)
          AND measure(u.total_tokens) = measure(given) + measure(made) THEN NULL ELSE written END AS cache_write_tokens,
    CASE WHEN made IS NULL AND b.object = 'list' AND given IS NOT NULL THEN CAST(0 AS COUNT) ELSE made END AS output_tokens,
    CASE WHEN routed_on AND measure(reasoned) > measure(made) AND measure(u.total_tokens) = measure(given) + measure(made)
         THEN made ELSE reasoned END AS reasoning_tokens,
    CASE WHEN xai AND measure(cached) > measure(given)
          AND measure(u.total_tokens) IN (measure(given) + measure(made), measure(given) + measure(made) + measure(reasoned))
         THEN NULL WHEN passed_on THEN NULL ELSE u.total_tokens END AS total_tokens,
    xai AND measure(cached) > measure(given) OR passed_on AS cache_beside,
    xai AND NOT routed_on AND b.object <> 'response'
        AND (measure(u.total_tokens) IS NULL OR measure(u.total_tokens) <> measure(given) + measure(made)) AS reasoning_beside,
    CASE WHEN place = 0 THEN coalesce(len(b.choices[1].message.tool_calls),
                                      len(list_filter(b.output, lambda item: item.type LIKE '%_call'))) END AS tool_calls,
    CASE WHEN u.is_byok THEN CAST(coalesce(money(u.cost), 0) + money(u.cost_details.upstream_inference_cost) AS VARCHAR)
         WHEN u.cost_in_usd_ticks IS NOT NULL
         THEN CAST(TRY_CAST(u.cost_in_usd_ticks AS DECIMAL(20, 0)) * CAST(0.0000000001 AS DECIMAL(11, 10)) AS VARCHAR)
         WHEN starts_with(u.cost, '{') THEN TRY_CAST(u.cost AS JSON) ->> '$.total_cost'
         ELSE u.cost END AS stated_cost,
    CASE WHEN routed_on OR u.cost_in_usd_ticks IS NOT NULL OR starts_with(u.cost, '{') THEN 'USD' END AS stated_currency,
    CASE WHEN place = 0 THEN placed_tier(coalesce(CASE WHEN u.speed = 'fast' THEN 'fast' END, b.service_tier, u.service_tier), u.inference_geo)
         END AS service_tier,
    CASE WHEN measure(written_1h) <= measure(written) THEN written_1h END AS cache_write_1h_tokens,
    coalesce(u.prompt_tokens_details.audio_tokens, u.input_tokens_details.audio_tokens) AS input_audio_tokens,
    coalesce(u.completion_tokens_details.audio_tokens, u.output_tokens_details.audio_tokens) AS output_audio_tokens,
    coalesce(u.prompt_tokens_details.image_tokens, u.input_tokens_details.image_tokens) AS input_image_tokens,
    coalesce(u.completion_tokens_details.image_tokens, u.output_tokens_details.image_tokens, CASE WHEN place = 1 THEN made END) AS output_image_tokens,
    CASE WHEN place = 0 THEN coalesce(u.server_tool_use.web_search_requests, u.prompt_tokens_details.web_search_requests, u.num_search_queries,
        CAST(len(list_filter(b.output,
            lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) AS COUNT)) END AS searches,
    u.server_tool_use.web_fetch_requests AS fetches,
    CASE WHEN place = 0 THEN len(list_filter(b.output, lambda item: item.type = 'file_search_call')) END AS file_searches
FROM (
    SELECT *,
        -- Anthropic's words for more than the prompt: a gateway passed its counts on as they are, the cache beside.
        coalesce(u.cache_read_input_tokens, u.cache_creation_input_tokens) IS NOT NULL AND NOT routed_on
            AND coalesce(coalesce(measure(cached), 0) + coalesce(measure(written), 0) > measure(given), false)
            AND coalesce(measure(u.total_tokens) = measure(given) + measure(made), true) AS passed_on
    FROM counted
)

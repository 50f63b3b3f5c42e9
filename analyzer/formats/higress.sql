-- name:      higress
-- title:     Higress AI gateway: access log as JSON lines, with the plugin ai-statistics
-- source:    https://higress.cn/en/docs/latest/plugins/ai/api-o11y/ai-statistics/
--            https://github.com/alibaba/higress
--            https://github.com/higress-group/wasm-go
-- container: json
-- evidence:  ai_log | input_token
-- evidence:  start_time
-- evidence:  response_code
-- evidence:  route_name | upstream_cluster | authority
-- evidence:  request_id | response_flags | istio_policy_status
-- time:      start_time
-- model:     ai_log.model | model
-- columns:   ai_log VARCHAR, start_time VARCHAR, duration VARCHAR, response_code VARCHAR, route_name VARCHAR, path VARCHAR,
--            request_id VARCHAR, consumer VARCHAR, model VARCHAR, input_token VARCHAR, output_token VARCHAR
--
-- ai_log is JSON in a string; Envoy writes `-` where there is none, which is other traffic. Cached tokens are inside the input,
-- but those of Anthropic's protocol stand beside it, as Gemini's thoughts stand beside the output: total_token has them all. Of
-- Gemini's tools the prompt stands beside, too, and is read here. In the first versions the counts stood in the line itself.
WITH line AS (
    SELECT *, TRY(json_transform(TRY_CAST(nullif(ai_log, '-') AS JSON), '{
        "model": "VARCHAR", "request_model": "VARCHAR", "chat_id": "VARCHAR", "session_id": "VARCHAR", "consumer": "VARCHAR",
        "cache_status": "VARCHAR", "llm_service_duration": "VARCHAR", "input_token": "VARCHAR", "output_token": "VARCHAR",
        "total_token": "VARCHAR",
        "input_token_details": {"cached_tokens": "VARCHAR", "cached_content_token_count": "VARCHAR", "audio_tokens": "VARCHAR",
                                "tool_use_prompt_token_count": "VARCHAR", "cache_read_input_tokens": "VARCHAR",
                                "cache_creation_input_tokens": "VARCHAR"},
        "output_token_details": {"reasoning_tokens": "VARCHAR", "thoughts_token_count": "VARCHAR", "audio_tokens": "VARCHAR"}}')) AS a
    FROM records
), told AS (
    SELECT *,
        coalesce(nullif(nullif(a.model, 'unknown'), ''), nullif(a.request_model, ''), nullif(model, '-')) AS named_model,
        coalesce(a.input_token, nullif(input_token, '-')) AS asked,
        a.input_token_details.tool_use_prompt_token_count AS of_tools,
        coalesce(a.output_token, nullif(output_token, '-')) AS output_count,
        coalesce(a.input_token_details.cache_read_input_tokens, a.input_token_details.cached_tokens,
                 a.input_token_details.cached_content_token_count) AS read_count,
        a.input_token_details.cache_creation_input_tokens AS write_count
    FROM line
), counted AS (
    SELECT *,
        CASE WHEN measure(of_tools) > 0 THEN coalesce(CAST(sum_of(asked, of_tools) AS VARCHAR), asked) ELSE asked END AS input_count,
        usage_told(asked, output_count) AS measured
    FROM told
)
SELECT
    source_id,
    CASE WHEN regexp_matches(a.chat_id, '^(chatcmpl-|resp_|msg_|gen-)') AND NOT commonplace(a.chat_id) THEN a.chat_id
         ELSE nullif(request_id, '-') END AS request_id,
    CASE WHEN lower(a.cache_status) = 'hit' THEN 'answered from the gateway''s own cache, no provider call'
         WHEN named(named_model) IS NULL AND NOT measured AND a IS NULL THEN 'a request that called no model'
         WHEN named(named_model) IS NULL AND NOT measured THEN 'a request that no model answered' END AS skip,
    start_time AS started_at,
    coalesce(nullif(duration, '-'), a.llm_service_duration) AS latency_ms,
    coalesce(nullif(nullif(route_name, '-'), ''), nullif(path, '-')) AS endpoint,
    named_model AS model,
    a.session_id AS session_id,
    coalesce(nullif(nullif(consumer, '-'), 'none'), a.consumer) AS api_key_name,
    nullif(response_code, '-') AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN coalesce(a.output_token_details.reasoning_tokens, a.output_token_details.thoughts_token_count)
         END AS reasoning_tokens,
    CASE WHEN measured THEN a.input_token_details.audio_tokens END AS input_audio_tokens,
    CASE WHEN measured THEN a.output_token_details.audio_tokens END AS output_audio_tokens,
    CASE WHEN measured THEN a.total_token END AS total_tokens,
    coalesce(a.input_token_details.cache_read_input_tokens, write_count) IS NOT NULL AS cache_beside,
    a.output_token_details.thoughts_token_count IS NOT NULL AS reasoning_beside
FROM counted

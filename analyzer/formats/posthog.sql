-- name:      posthog
-- title:     PostHog events with LLM analytics: batch exports (JSON lines), tables of events (CSV), exports of the app (CSV)
-- source:    https://posthog.com/docs/data-pipelines/batch-exports/s3
--            https://posthog.com/docs/llm-analytics/generations
--            https://github.com/PostHog/posthog
-- container: json csv
-- evidence:  event
-- evidence:  distinct_id
-- evidence:  timestamp
-- evidence:  uuid | id
-- evidence:  properties | person_id | person | elements_chain
-- time:      timestamp
-- model:     properties.$ai_model
-- columns:   uuid VARCHAR, id VARCHAR, event VARCHAR, timestamp VARCHAR, distinct_id VARCHAR, team_id VARCHAR, properties VARCHAR,
--            properties.$ai_model VARCHAR, properties.$ai_provider VARCHAR, properties.$ai_framework VARCHAR,
--            properties.$ai_span_name VARCHAR, properties.$ai_base_url VARCHAR, properties.$ai_trace_id VARCHAR,
--            properties.$ai_session_id VARCHAR, properties.$ai_response_id VARCHAR, properties.$ai_latency VARCHAR,
--            properties.$ai_http_status VARCHAR, properties.$ai_is_error VARCHAR, properties.$ai_total_cost_usd VARCHAR,
--            properties.$ai_cache_reporting_exclusive VARCHAR, properties.$ai_input_tokens VARCHAR,
--            properties.$ai_output_tokens VARCHAR, properties.$ai_total_tokens VARCHAR,
--            properties.$ai_cache_read_input_tokens VARCHAR, properties.$ai_cache_creation_input_tokens VARCHAR,
--            properties.$ai_cache_creation_5m_input_tokens VARCHAR, properties.$ai_cache_creation_1h_input_tokens VARCHAR,
--            properties.$ai_reasoning_tokens VARCHAR, properties.$ai_audio_input_tokens VARCHAR,
--            properties.$ai_image_input_tokens VARCHAR, properties.$ai_cache_read_audio_tokens VARCHAR,
--            properties.$ai_audio_output_tokens VARCHAR, properties.$ai_image_output_tokens VARCHAR,
--            properties.$ai_web_search_count VARCHAR
--
-- $ai_generation and $ai_embedding are calls; all other events are none, and a trace or a span may repeat what stands in them.
-- properties is an object, or JSON text; in exports of the app each property has a column. Which tokens stand beside which is
-- PostHog's own rule: $ai_cache_reporting_exclusive, which it writes itself since 2026, says whether those of the cache stand
-- beside the input; where it is missing they do for Anthropic's models, but not behind Vercel's gateway. Reasoning of Gemini 2.5
-- and 3 stands beside the output. An event is sent when its call has ended.
WITH opened AS (
    SELECT source_id, coalesce(nullif(uuid, ''), id) AS uuid, event, "timestamp", distinct_id, team_id,
        -- An event of another kind is not taken apart.
        unnest(coalesce(
            CASE WHEN starts_with(event, '$ai_') THEN TRY(json_transform(TRY_CAST(properties AS JSON), '{
                "$ai_model": "VARCHAR", "$ai_provider": "VARCHAR", "$ai_framework": "VARCHAR", "$ai_span_name": "VARCHAR",
                "$ai_base_url": "VARCHAR", "$ai_trace_id": "VARCHAR", "$ai_session_id": "VARCHAR",
                "$ai_response_id": "VARCHAR", "$ai_latency": "VARCHAR", "$ai_http_status": "VARCHAR",
                "$ai_is_error": "VARCHAR", "$ai_total_cost_usd": "VARCHAR", "$ai_cache_reporting_exclusive": "VARCHAR",
                "$ai_input_tokens": "VARCHAR", "$ai_output_tokens": "VARCHAR", "$ai_total_tokens": "VARCHAR",
                "$ai_cache_read_input_tokens": "VARCHAR", "$ai_cache_creation_input_tokens": "VARCHAR",
                "$ai_cache_creation_5m_input_tokens": "VARCHAR", "$ai_cache_creation_1h_input_tokens": "VARCHAR",
                "$ai_reasoning_tokens": "VARCHAR", "$ai_audio_input_tokens": "VARCHAR", "$ai_image_input_tokens": "VARCHAR",
                "$ai_cache_read_audio_tokens": "VARCHAR", "$ai_audio_output_tokens": "VARCHAR",
                "$ai_image_output_tokens": "VARCHAR", "$ai_web_search_count": "VARCHAR"}')) END,
            {
                '$ai_model': "properties.$ai_model", '$ai_provider': "properties.$ai_provider",
                '$ai_framework': "properties.$ai_framework", '$ai_span_name': "properties.$ai_span_name",
                '$ai_base_url': "properties.$ai_base_url", '$ai_trace_id': "properties.$ai_trace_id",
                '$ai_session_id': "properties.$ai_session_id", '$ai_response_id': "properties.$ai_response_id",
                '$ai_latency': "properties.$ai_latency", '$ai_http_status': "properties.$ai_http_status",
                '$ai_is_error': "properties.$ai_is_error", '$ai_total_cost_usd': "properties.$ai_total_cost_usd",
                '$ai_cache_reporting_exclusive': "properties.$ai_cache_reporting_exclusive",
                '$ai_input_tokens': "properties.$ai_input_tokens", '$ai_output_tokens': "properties.$ai_output_tokens",
                '$ai_total_tokens': "properties.$ai_total_tokens",
                '$ai_cache_read_input_tokens': "properties.$ai_cache_read_input_tokens",
                '$ai_cache_creation_input_tokens': "properties.$ai_cache_creation_input_tokens",
                '$ai_cache_creation_5m_input_tokens': "properties.$ai_cache_creation_5m_input_tokens",
                '$ai_cache_creation_1h_input_tokens': "properties.$ai_cache_creation_1h_input_tokens",
                '$ai_reasoning_tokens': "properties.$ai_reasoning_tokens",
                '$ai_audio_input_tokens': "properties.$ai_audio_input_tokens",
                '$ai_image_input_tokens': "properties.$ai_image_input_tokens",
                '$ai_cache_read_audio_tokens': "properties.$ai_cache_read_audio_tokens",
                '$ai_audio_output_tokens': "properties.$ai_audio_output_tokens",
                '$ai_image_output_tokens': "properties.$ai_image_output_tokens",
                '$ai_web_search_count': "properties.$ai_web_search_count"})) AS p
    FROM records
), told AS (
    SELECT *,
        "$ai_model" AS model,
        lower("$ai_provider") AS vendor,
        coalesce("$ai_output_tokens", CASE event WHEN '$ai_embedding' THEN '0' END) AS output_count,
        coalesce("$ai_cache_creation_input_tokens",
                 CAST(sum_of("$ai_cache_creation_5m_input_tokens", "$ai_cache_creation_1h_input_tokens") AS VARCHAR)) AS write_count
    FROM opened
), counted AS (
    SELECT *,
        usage_told("$ai_input_tokens", output_count) AS measured,
        coalesce(measure("$ai_cache_read_input_tokens"), 0) + coalesce(measure(write_count), 0) AS cached
    FROM told
), judged AS (
    SELECT *,
        CASE lower("$ai_cache_reporting_exclusive")
            WHEN 'true' THEN true
            WHEN 'false' THEN false
            ELSE coalesce(vendor = 'anthropic' OR contains(lower(model), 'anthropic') OR starts_with(lower(model), 'claude'), false)
                 AND NOT coalesce(vendor = 'gateway' AND lower("$ai_framework") = 'vercel', false)
              OR coalesce(cached > measure("$ai_input_tokens"), false) END AS beside
    FROM counted
)
SELECT
    source_id,
    CASE WHEN regexp_matches("$ai_response_id", '^(chatcmpl-|resp_|msg_|gen-)') AND NOT commonplace("$ai_response_id") THEN "$ai_response_id"
         WHEN TRY_CAST(uuid AS UUID) IS NOT NULL THEN uuid
         ELSE 'posthog:' || nullif(uuid, '') END AS request_id,
    CASE WHEN event IN ('$ai_generation', '$ai_embedding') THEN NULL
         WHEN starts_with(event, '$ai_') AND measured THEN 'an aggregate of calls already counted'
         WHEN starts_with(event, '$ai_') THEN 'a step of a trace, no model call'
         ELSE 'an event of another kind, no model call' END AS skip,
    "timestamp" AS completed_at,
    "$ai_latency" AS latency_s,
    coalesce(nullif("$ai_span_name", ''), "$ai_base_url") AS endpoint,
    model,
    CASE vendor WHEN 'gemini' THEN 'google' WHEN 'vertex' THEN 'google' WHEN 'gateway' THEN NULL ELSE vendor END AS provider,
    CASE event WHEN '$ai_embedding' THEN 'embeddings' END AS operation,
    coalesce(nullif("$ai_session_id", ''), "$ai_trace_id") AS session_id,
    team_id AS team,
    distinct_id AS user_name,
    CASE WHEN lower("$ai_is_error") = 'true' AND coalesce(starts_with("$ai_http_status", '2'), true) THEN 'error'
         ELSE "$ai_http_status" END AS status,
    CASE WHEN measured THEN "$ai_input_tokens" END AS input_tokens,
    CASE WHEN measured THEN "$ai_cache_read_input_tokens" END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured AND measure("$ai_cache_creation_1h_input_tokens") <= measure(write_count)
         THEN "$ai_cache_creation_1h_input_tokens" END AS cache_write_1h_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN "$ai_reasoning_tokens" END AS reasoning_tokens,
    CASE WHEN measured THEN "$ai_audio_input_tokens" END AS input_audio_tokens,
    CASE WHEN measured THEN "$ai_image_input_tokens" END AS input_image_tokens,
    CASE WHEN measured THEN "$ai_cache_read_audio_tokens" END AS cache_read_audio_tokens,
    CASE WHEN measured THEN "$ai_audio_output_tokens" END AS output_audio_tokens,
    CASE WHEN measured THEN "$ai_image_output_tokens" END AS output_image_tokens,
    "$ai_web_search_count" AS searches,
    -- A total that many writers make of input and output tells nothing of a cache beside them.
    CASE WHEN measured AND NOT (beside AND cached > 0) THEN "$ai_total_tokens" END AS total_tokens,
    beside AS cache_beside,
    coalesce(regexp_matches(lower(model), '^gemini-(2\.5|3(\.\d+)?)-'), false) AS reasoning_beside,
    "$ai_total_cost_usd" AS stated_cost,
    CASE WHEN "$ai_total_cost_usd" IS NOT NULL THEN 'USD' END AS stated_currency
FROM judged

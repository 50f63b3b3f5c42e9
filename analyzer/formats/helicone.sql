-- name:      helicone
-- title:     Helicone requests: exports of @helicone/export (JSON, JSON lines, CSV)
-- source:    https://docs.helicone.ai/tools/export
--            https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse
-- container: json csv
-- evidence:  request_id
-- evidence:  request_created_at
-- evidence:  response_status
-- evidence:  request_model | response_model | model
-- time:      request_created_at
-- model:     response_model | model_override | model | request_model
-- columns:   request_id VARCHAR, request_created_at VARCHAR, response_created_at VARCHAR, response_status VARCHAR,
--            response_model VARCHAR, request_model VARCHAR, model_override VARCHAR, model VARCHAR, provider VARCHAR,
--            request_path VARCHAR, target_url VARCHAR, helicone_user VARCHAR, request_user_id VARCHAR,
--            properties JSON, request_properties JSON, delay_ms VARCHAR, cache_reference_id VARCHAR,
--            total_tokens COUNT, prompt_tokens COUNT, completion_tokens COUNT, reasoning_tokens COUNT,
--            prompt_cache_read_tokens COUNT, prompt_cache_write_tokens COUNT, costUSD VARCHAR,
--            response_body STRUCT(id VARCHAR)
--
-- cache_reference_id is the answer in Helicone's own cache that was given again. Cached tokens stand beside the prompt,
-- as Helicone's dashboards add them up; older rows and some providers have them inside, which total_tokens tells, unless
-- they are more than the prompt: then the total is the sum of the other two, and tells nothing.
WITH told AS (
    SELECT *,
        coalesce(properties, request_properties) AS p,
        usage_told(prompt_tokens, completion_tokens) AS measured,
        coalesce(coalesce(measure(prompt_cache_read_tokens), 0) + coalesce(measure(prompt_cache_write_tokens), 0) > measure(prompt_tokens)
                 AND measure(total_tokens) = measure(prompt_tokens) + measure(completion_tokens), false) AS without_cache
    FROM records
)
SELECT
    source_id,
    CASE WHEN regexp_matches(response_body.id, '^(chatcmpl-|resp_|msg_|gen-)') AND NOT commonplace(response_body.id) THEN response_body.id
         ELSE request_id END AS request_id,
    CASE WHEN nullif(cache_reference_id, '') <> '00000000-0000-0000-0000-000000000000'
         THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    request_created_at AS started_at,
    response_created_at AS completed_at,
    delay_ms AS latency_ms,
    coalesce(request_path, target_url) AS endpoint,
    coalesce(nullif(response_model, ''), nullif(model_override, ''), nullif(model, ''), request_model) AS model,
    CASE lower(provider) WHEN 'custom' THEN NULL WHEN 'aws' THEN 'bedrock' ELSE lower(provider) END AS provider,
    p ->> '$."Helicone-Session-Id"' AS session_id,
    coalesce(p ->> '$.team', p ->> '$.Team') AS team,
    coalesce(nullif(helicone_user, ''), request_user_id) AS user_name,
    response_status AS status,
    CASE WHEN measured THEN prompt_tokens END AS input_tokens,
    CASE WHEN measured THEN prompt_cache_read_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN prompt_cache_write_tokens END AS cache_write_tokens,
    CASE WHEN measured THEN completion_tokens END AS output_tokens,
    CASE WHEN measured THEN reasoning_tokens END AS reasoning_tokens,
    CASE WHEN measured AND NOT without_cache THEN total_tokens END AS total_tokens,
    true AS cache_beside,
    costUSD AS stated_cost,
    CASE WHEN costUSD IS NOT NULL THEN 'USD' END AS stated_currency
FROM told

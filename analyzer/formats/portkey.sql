-- name:      portkey
-- title:     Portkey: logs export (JSON lines, CSV)
-- source:    https://portkey.ai/docs/product/observability/logs-export
-- container: json csv
-- evidence:  created_at
-- evidence:  ai_model
-- evidence:  req_units | res_units | total_units
-- time:      created_at
-- model:     ai_model
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, cache_read_input_tokens COUNT,
--                           cache_creation_input_tokens COUNT, prompt_tokens_details STRUCT(cached_tokens COUNT),
--                           cache_creation STRUCT(ephemeral_1h_input_tokens COUNT), service_tier VARCHAR,
--                           completion_tokens_details STRUCT(reasoning_tokens COUNT),
--                           input_tokens_details STRUCT(cached_tokens COUNT),
--                           output_tokens_details STRUCT(reasoning_tokens COUNT))
-- columns:   id VARCHAR, created_at VARCHAR, trace_id VARCHAR, ai_org VARCHAR, ai_model VARCHAR, req_units COUNT,
--            res_units COUNT, total_units COUNT, cost VARCHAR, cost_currency VARCHAR, request_url VARCHAR,
--            response_time VARCHAR, response_status_code VARCHAR, is_success VARCHAR, cache_status VARCHAR,
--            prompt_slug VARCHAR, virtual_key VARCHAR, workspace_slug VARCHAR, metadata JSON,
--            response STRUCT(id VARCHAR, usage USAGE, service_tier VARCHAR,
--                            body STRUCT(id VARCHAR, usage USAGE, service_tier VARCHAR))
--
-- An export holds the columns that its maker asked for. Retries, fallbacks and the gateway's cache are states of one
-- row. cost is in cents. The units are one number each way: where the provider's answer was asked for, too, its usage
-- tells what was cached, inside the input or, in Anthropic's, beside it.
WITH told AS (
    SELECT *,
        coalesce(response.body.id, response.id) AS answer_id,
        coalesce(response.body.usage, response.usage) AS u,
        usage_told(req_units, res_units) AS measured
    FROM records
), read AS (
    SELECT *,
        u.input_tokens IS NOT NULL AND coalesce(u.cache_read_input_tokens, u.cache_creation_input_tokens) IS NOT NULL AS beside
    FROM told
)
SELECT
    source_id,
    CASE WHEN regexp_matches(answer_id, '^(chatcmpl-|resp_|msg_|gen-)') AND NOT commonplace(answer_id) THEN answer_id
         WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id
         ELSE 'portkey:' || nullif(id, '') END AS request_id,
    CASE WHEN regexp_matches(upper(cache_status), '(^|[ _])HIT$')
         THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    created_at AS started_at,
    response_time AS latency_ms,
    coalesce(prompt_slug, request_url) AS endpoint,
    ai_model AS model,
    CASE lower(ai_org) WHEN 'azure-openai' THEN 'azure' WHEN 'vertex-ai' THEN 'google' WHEN 'x-ai' THEN 'xai'
         ELSE lower(ai_org) END AS provider,
    trace_id AS session_id,
    virtual_key AS api_key_name,
    coalesce(metadata ->> '$.team', workspace_slug) AS team,
    metadata ->> '$._user' AS user_name,
    coalesce(response_status_code, CASE WHEN lower(is_success) IN ('1', 'true') THEN 'success'
                                        WHEN lower(is_success) IN ('0', 'false') THEN 'error' END) AS status,
    CASE WHEN beside THEN u.input_tokens WHEN measured THEN req_units END AS input_tokens,
    coalesce(u.cache_read_input_tokens, u.prompt_tokens_details.cached_tokens,
             u.input_tokens_details.cached_tokens) AS cache_read_tokens,
    u.cache_creation_input_tokens AS cache_write_tokens,
    u.cache_creation.ephemeral_1h_input_tokens AS cache_write_1h_tokens,
    CASE WHEN beside THEN u.output_tokens WHEN measured THEN res_units END AS output_tokens,
    coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens) AS reasoning_tokens,
    CASE WHEN measured AND NOT beside THEN total_units END AS total_tokens,
    beside AS cache_beside,
    coalesce(u.service_tier, response.body.service_tier, response.service_tier) AS service_tier,
    TRY_CAST(cost AS DECIMAL(30, 15)) * 0.01 AS stated_cost,
    CASE WHEN cost IS NOT NULL THEN coalesce(cost_currency, 'USD') END AS stated_currency
FROM read

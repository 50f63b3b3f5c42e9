-- name:      cloudflare-ai-gateway
-- title:     Cloudflare AI Gateway: log entries as JSON lines, and pages of its API
-- source:    https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/
-- container: json
-- grain:     split
-- evidence:  tokens_in | result
-- evidence:  cached | result
-- evidence:  provider | result
-- evidence:  path | result_info | messages
-- evidence:  success
-- time:      created_at
-- model:     model
-- let:       ENTRY = STRUCT(id VARCHAR, created_at VARCHAR, duration VARCHAR, model VARCHAR, provider VARCHAR, path VARCHAR,
--                           metadata VARCHAR, model_type VARCHAR, status_code VARCHAR, success VARCHAR, cached VARCHAR,
--                           cost VARCHAR, tokens_in COUNT, tokens_out COUNT)
-- columns:   id VARCHAR, created_at VARCHAR, duration VARCHAR, model VARCHAR, provider VARCHAR, path VARCHAR,
--            metadata VARCHAR, model_type VARCHAR, status_code VARCHAR, success VARCHAR, cached VARCHAR,
--            cost VARCHAR, tokens_in COUNT, tokens_out COUNT, result ENTRY[]
--
-- cached is the gateway's own cache of answers. Each step of a fallback is an entry of its own, and nothing joins them:
-- one that failed is a request without usage. tokens_in is the whole input; nothing is said of the prompt cache.
WITH entry AS (
    SELECT * EXCLUDE (result) FROM records WHERE result IS NULL
    UNION ALL BY NAME
    SELECT source_id, record, unnest(result, max_depth := 2) FROM records
), told AS (
    SELECT *,
        TRY_CAST(metadata AS JSON) AS m,
        usage_told(tokens_in, tokens_out) AS measured
    FROM entry
)
SELECT
    source_id,
    record,
    1 AS records,
    'cloudflare:' || nullif(id, '') AS request_id,
    CASE WHEN lower(cached) IN ('true', '1') THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    created_at AS started_at,
    duration AS latency_ms,
    path AS endpoint,
    model,
    CASE lower(provider) WHEN 'azure-openai' THEN 'azure' WHEN 'aws-bedrock' THEN 'bedrock' WHEN 'google-ai-studio' THEN 'google'
         WHEN 'google-vertex-ai' THEN 'google' WHEN 'grok' THEN 'xai' ELSE lower(provider) END AS provider,
    model_type AS operation,
    coalesce(m ->> '$.session_id', m ->> '$.conversation_id') AS session_id,
    m ->> '$.team' AS team,
    coalesce(m ->> '$.user_id', m ->> '$.userId', m ->> '$.user') AS user_name,
    coalesce(status_code, CASE lower(success) WHEN 'true' THEN 'success' WHEN 'false' THEN 'error' END) AS status,
    CASE WHEN measured THEN tokens_in END AS input_tokens,
    CASE WHEN measured THEN tokens_out END AS output_tokens,
    cost AS stated_cost,
    CASE WHEN cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM told
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, 'an empty page' AS skip FROM records WHERE len(result) = 0

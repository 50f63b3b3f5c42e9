-- name:      dify-nodes
-- title:     Dify: table workflow_node_executions as JSON lines or CSV
-- source:    https://github.com/langgenius/dify
-- container: json csv
-- evidence:  node_type
-- evidence:  workflow_run_id | workflow_id
-- evidence:  process_data | outputs
-- evidence:  node_execution_id | node_id
-- time:      created_at
-- model:     process_data.model_name
-- columns:   id VARCHAR, app_id VARCHAR, workflow_run_id VARCHAR, node_type VARCHAR, title VARCHAR, status VARCHAR,
--            process_data VARCHAR, elapsed_time VARCHAR, created_by VARCHAR, created_at VARCHAR, finished_at VARCHAR
--
-- The nodes that call a model (llm, question-classifier, parameter-extractor) name it in process_data, a JSON string, with
-- the call's usage; outputs and execution_metadata repeat it. The run's own row and its message have the sum of them.
WITH told AS (
    SELECT *,
        j ->> '$.model_name' AS model,
        j ->> '$.model_provider' AS vendor,
        j ->> '$.usage.prompt_tokens' AS given,
        j ->> '$.usage.completion_tokens' AS made,
        j ->> '$.usage.total_tokens' AS total,
        j ->> '$.usage.total_price' AS price,
        j ->> '$.usage.currency' AS currency
    FROM (SELECT *, TRY_CAST(process_data AS JSON) AS j FROM records)
), counted AS (
    -- 0 and 0 is a node whose usage is not known, such as a failure.
    SELECT *, usage_told(given, made) AS measured FROM told
)
SELECT
    source_id,
    CASE WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id ELSE 'dify:' || nullif(id, '') END AS request_id,
    CASE WHEN named(model) IS NULL AND node_type IN ('llm', 'question-classifier', 'parameter-extractor')
         THEN 'a node that failed before it called its model'
         WHEN named(model) IS NULL THEN 'a node that calls no model' END AS skip,
    created_at AS started_at,
    finished_at AS completed_at,
    elapsed_time AS latency_s,
    concat_ws('/', nullif(app_id, ''), nullif(title, '')) AS endpoint,
    model,
    -- A plugin's provider is called organisation/plugin/provider.
    CASE lower(string_split(vendor, '/')[-1]) WHEN 'azure_openai' THEN 'azure'
         WHEN 'vertex_ai' THEN 'google' WHEN 'gemini' THEN 'google'
         ELSE lower(string_split(vendor, '/')[-1]) END AS provider,
    'chat' AS operation,
    workflow_run_id AS session_id,
    created_by AS user_name,
    status,
    CASE WHEN measured THEN given END AS input_tokens,
    CASE WHEN measured THEN made END AS output_tokens,
    CASE WHEN measured THEN total END AS total_tokens,
    CASE WHEN measured THEN price END AS stated_cost,
    CASE WHEN measured AND price IS NOT NULL THEN CASE currency WHEN 'RMB' THEN 'CNY' ELSE currency END END AS stated_currency
FROM counted

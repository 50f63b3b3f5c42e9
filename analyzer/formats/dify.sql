-- name:      dify
-- title:     Dify: table messages as JSON lines or CSV
-- source:    https://github.com/langgenius/dify
-- container: json csv
-- evidence:  message_tokens
-- evidence:  answer_tokens
-- evidence:  app_id | conversation_id
-- evidence:  model_id | model_provider | total_price
-- time:      created_at
-- model:     model_id
-- columns:   id VARCHAR, app_id VARCHAR, model_provider VARCHAR, model_id VARCHAR, conversation_id VARCHAR,
--            message_tokens COUNT, answer_tokens COUNT, provider_response_latency VARCHAR, total_price VARCHAR,
--            currency VARCHAR, status VARCHAR, from_end_user_id VARCHAR, from_account_id VARCHAR,
--            workflow_run_id VARCHAR, created_at VARCHAR
--
-- message_tokens is the whole input; the prompt cache and reasoning are not told. A message of a workflow names no
-- model: its counts are the sum of the run's nodes. Agents repeat their tokens step by step in message_agent_thoughts,
-- which is not read. 0 and 0 is a message whose usage is not known, such as a failure.
WITH told AS (
    SELECT *, usage_told(message_tokens, answer_tokens) AS measured
    FROM records
)
SELECT
    source_id,
    CASE WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id ELSE 'dify:' || nullif(id, '') END AS request_id,
    CASE WHEN named(model_id) IS NULL AND nullif(workflow_run_id, '') IS NOT NULL
         THEN 'a run of a workflow, the sum of calls in its nodes' END AS skip,
    created_at AS started_at,
    provider_response_latency AS latency_s,
    app_id AS endpoint,
    model_id AS model,
    -- A plugin's provider is called organisation/plugin/provider.
    CASE lower(string_split(model_provider, '/')[-1]) WHEN 'azure_openai' THEN 'azure'
         WHEN 'vertex_ai' THEN 'google' WHEN 'gemini' THEN 'google'
         ELSE lower(string_split(model_provider, '/')[-1]) END AS provider,
    'chat' AS operation,
    conversation_id AS session_id,
    coalesce(nullif(from_end_user_id, ''), from_account_id) AS user_name,
    status,
    CASE WHEN measured THEN message_tokens END AS input_tokens,
    CASE WHEN measured THEN answer_tokens END AS output_tokens,
    CASE WHEN measured THEN total_price END AS stated_cost,
    CASE WHEN measured AND total_price IS NOT NULL THEN CASE currency WHEN 'RMB' THEN 'CNY' ELSE currency END END AS stated_currency
FROM told

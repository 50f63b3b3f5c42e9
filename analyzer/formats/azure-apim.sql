-- name:      azure-apim
-- title:     Azure API Management: table ApiManagementGatewayLlmLog as JSON lines or CSV
-- source:    https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewayllmlog
--            https://learn.microsoft.com/azure/api-management/api-management-howto-llm-logs
-- container: json csv
-- grain:     group
-- evidence:  TimeGenerated | TimeGenerated [UTC]
-- evidence:  CorrelationId
-- evidence:  PromptTokens | TotalTokens | DeploymentName | ModelName
-- evidence:  SequenceNumber | IsStreamCompletion
-- time:      TimeGenerated | TimeGenerated [UTC]
-- model:     ModelName | DeploymentName
-- columns:   TimeGenerated VARCHAR, "TimeGenerated [UTC]" VARCHAR, CorrelationId VARCHAR, SequenceNumber VARCHAR, ModelName VARCHAR,
--            DeploymentName VARCHAR, PromptTokens COUNT, CompletionTokens COUNT, TotalTokens COUNT,
--            ApiId VARCHAR, ApimSubscriptionId VARCHAR, ProductId VARCHAR, UserId VARCHAR, ResponseCode VARCHAR
--
-- One call is several rows that share CorrelationId: its messages in pieces, and one row with the counts. They become
-- one row. ApiId, the subscription and the like are there when the rows were joined with ApiManagementGatewayLogs.
-- A row that repeats the counts does not add to them. The portal's CSV has instants as Americans write them, in UTC. Nothing is
-- said of the prompt cache.
WITH row_of AS (
    SELECT *,
        coalesce(nullif(CorrelationId, ''), 'record ' || record) AS call,
        CASE
            WHEN miscounted(PromptTokens) THEN 'PromptTokens is no whole number from 0 to 2^53 - 1: ' || shown(PromptTokens)
            WHEN miscounted(CompletionTokens) THEN 'CompletionTokens is no whole number from 0 to 2^53 - 1: ' || shown(CompletionTokens)
            WHEN miscounted(TotalTokens) THEN 'TotalTokens is no whole number from 0 to 2^53 - 1: ' || shown(TotalTokens)
            WHEN TimeGenerated IS NOT NULL AND instant(TimeGenerated) IS NULL THEN 'its time is neither ISO 8601 nor a Unix time'
        END AS refusal,
        coalesce(measure(PromptTokens), 0) + coalesce(measure(CompletionTokens), 0) AS tokens
    FROM (
        SELECT * EXCLUDE (TimeGenerated), CASE
            WHEN regexp_full_match(said, '\d{1,2}/\d{1,2}/\d{4}, \d{1,2}:\d\d:\d\d(\.\d{1,6})? [AP]M')
            THEN coalesce(CAST(try_strptime(said, ['%m/%d/%Y, %I:%M:%S.%f %p', '%m/%d/%Y, %I:%M:%S %p']) AS VARCHAR), said)
            ELSE said END AS TimeGenerated
        FROM (SELECT *, coalesce(TimeGenerated, "TimeGenerated [UTC]") AS said FROM records)
    )
)
SELECT
    source_id,
    CAST(NULL AS VARCHAR) AS refusal,
    -- The row with the counts is the one that names a deployment.
    CASE WHEN max(tokens) = 0 AND coalesce(nullif(max(ModelName), ''), max(DeploymentName), '') = ''
         THEN 'messages of a call whose counts are not in this log' END AS skip,
    min(record) AS record,
    count(*) AS records,
    max(CorrelationId) AS request_id,
    min(TimeGenerated) AS started_at,
    coalesce(max(ApiId), max(DeploymentName)) AS endpoint,
    coalesce(arg_max(ModelName, tokens) FILTER (WHERE ModelName <> ''),
             arg_max(DeploymentName, tokens) FILTER (WHERE DeploymentName <> '')) AS model,
    max(ApimSubscriptionId) AS api_key_name,
    max(ProductId) AS team,
    max(UserId) AS user_name,
    max(ResponseCode) AS status,
    -- Rows of messages have zeros or nothing.
    CASE WHEN max(tokens) > 0 THEN arg_max(PromptTokens, tokens) END AS input_tokens,
    CASE WHEN max(tokens) > 0 THEN arg_max(CompletionTokens, tokens) END AS output_tokens,
    CASE WHEN max(tokens) > 0 THEN arg_max(TotalTokens, tokens) END AS total_tokens
FROM row_of
WHERE refusal IS NULL
GROUP BY source_id, call
UNION ALL BY NAME
SELECT source_id, refusal, record, 1 AS records, TimeGenerated AS started_at FROM row_of WHERE refusal IS NOT NULL

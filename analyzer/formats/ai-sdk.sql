-- name:      ai-sdk
-- title:     Vercel AI SDK: results of `generateText` and the like, or their usage, as JSON lines
-- source:    https://ai-sdk.dev/docs/reference/ai-sdk-core/generate-text
-- container: json
-- evidence:  usage.inputTokens.total | usage.outputTokens.total | usage.inputTokenDetails | usage.outputTokenDetails |
--            totalUsage.inputTokens | totalUsage.outputTokens | totalUsage.totalTokens
-- evidence:  response.modelId | modelId | model | model_name | response_model | request_model
-- evidence:  response.timestamp | ts | timestamp | time | created | created_at | start_time | startTime | started_at | date |
--            datetime
-- time:      response.timestamp | ts | timestamp | time | created_at
-- model:     response.modelId | modelId | model
-- envelope:  common
-- let:       USAGE = STRUCT(inputTokens JSON, outputTokens JSON, totalTokens VARCHAR, cachedInputTokens VARCHAR, reasoningTokens VARCHAR,
--                           inputTokenDetails STRUCT(noCacheTokens VARCHAR, cacheReadTokens VARCHAR, cacheWriteTokens VARCHAR),
--                           outputTokenDetails STRUCT(reasoningTokens VARCHAR))
-- columns:   usage USAGE, totalUsage USAGE, steps STRUCT(finishReason VARCHAR)[], modelId VARCHAR, provider VARCHAR,
--            finishReason VARCHAR, response STRUCT(id VARCHAR, modelId VARCHAR, timestamp VARCHAR)
--
-- `usage` is that of the last step, `totalUsage` that of all: where a result has both, the sum counts, and stands for as many
-- calls as there were steps. Cached and written tokens are inside the input since the SDK tells details of it; before that
-- it passed the counts of Anthropic's and Bedrock's models on as they are, the cache beside. Reasoning is inside the output.
WITH told AS (
    SELECT *,
        coalesce(totalUsage, usage) AS u,
        CASE WHEN totalUsage IS NOT NULL AND len(steps) > 1 THEN len(steps) ELSE 1 END AS called,
        coalesce(response.modelId, modelId, model_text) AS answered_by
    FROM records
), counted AS (
    SELECT *,
        -- The counts of a provider are objects, those of the SDK numbers.
        CASE json_type(u.inputTokens) WHEN 'OBJECT' THEN u.inputTokens ->> '$.total' ELSE u.inputTokens ->> '$' END AS given,
        CASE json_type(u.outputTokens) WHEN 'OBJECT' THEN u.outputTokens ->> '$.total' ELSE u.outputTokens ->> '$' END AS made,
        coalesce(u.inputTokens ->> '$.cacheRead', u.inputTokenDetails.cacheReadTokens, u.cachedInputTokens) AS read_count,
        coalesce(u.inputTokens ->> '$.cacheWrite', u.inputTokenDetails.cacheWriteTokens) AS write_count,
        coalesce(u.inputTokens ->> '$.cacheRead', u.inputTokens ->> '$.noCache', u.inputTokenDetails.cacheReadTokens,
                 u.inputTokenDetails.noCacheTokens) IS NULL
            AND regexp_matches(lower(concat_ws(' ', provider, answered_by)), 'anthropic|bedrock|claude') AS passed_as_is
    FROM told
), judged AS (
    SELECT *,
        passed_as_is OR coalesce(coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) > measure(given), false) AS beside
    FROM counted
)
SELECT
    source_id,
    called AS calls,
    CASE WHEN called > 1 THEN 'ai-sdk:' || nullif(response.id, '')
         WHEN NOT commonplace(response.id) THEN coalesce(nullif(response.id, ''), request_id) ELSE request_id END AS request_id,
    CASE WHEN took_ms IS NULL AND took_s IS NULL THEN coalesce(from_text, response.timestamp) ELSE from_text END AS started_at,
    coalesce(to_text, response.timestamp) AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    endpoint_text AS endpoint,
    answered_by AS model,
    CASE WHEN regexp_matches(provider, '^(google|vertex)') THEN 'google'
         WHEN contains(provider, 'bedrock') THEN 'bedrock' ELSE regexp_extract(lower(provider), '^[^.]+') END AS provider,
    'chat' AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(finishReason, status_text) AS status,
    given AS input_tokens,
    read_count AS cache_read_tokens,
    write_count AS cache_write_tokens,
    made AS output_tokens,
    coalesce(u.outputTokens ->> '$.reasoning', u.outputTokenDetails.reasoningTokens, u.reasoningTokens) AS reasoning_tokens,
    CASE WHEN NOT beside THEN u.totalTokens END AS total_tokens,
    beside AS cache_beside
FROM judged

-- name:      cline
-- title:     Cline, Roo Code and Kilo Code tasks (tasks/*/ui_messages.json)
-- source:    https://github.com/cline/cline/blob/main/apps/vscode/src/shared/ExtensionMessage.ts
--            https://github.com/RooCodeInc/Roo-Code/blob/main/src/core/task/Task.ts
-- container: json
-- grain:     group
-- evidence:  ts
-- evidence:  type = say | ask
-- evidence:  say | ask
-- time:      ts
-- model:     modelInfo.modelId
-- needs:     a model: Roo Code and older tasks of Cline take `--set model=…`
-- let:       USAGE = STRUCT(tokensIn COUNT, tokensOut COUNT, cacheWrites COUNT, cacheReads COUNT, cost VARCHAR, cancelReason VARCHAR, apiProtocol VARCHAR)
-- columns:   ts VARCHAR, type VARCHAR, say VARCHAR, text VARCHAR, modelInfo STRUCT(modelId VARCHAR, providerId VARCHAR, mode VARCHAR)
--
-- A task is a list of messages; a call's counts are JSON in the text of one that says that it started, which is written
-- anew as it ends (in old tasks, in one that says that it finished, and in new ones, in a second one of its kind). Cached
-- and written tokens stand beside the input. Roo Code counts them inside, but for Anthropic's models only since 2025-10; what
-- is more than the input cannot be inside. DeepSeek's misses may stand as writes, which are inside where they make up the
-- whole input; there are no others. What is deleted from a task, and what subagents took, stands there as a sum of some calls.
WITH told AS (
    SELECT *,
        CASE WHEN say IN ('api_req_started', 'api_req_finished', 'deleted_api_reqs', 'subagent_usage')
             THEN COUNT_CAST(TRY_CAST(text AS JSON) AS USAGE) END AS u,
        min(measure(ts)) OVER (PARTITION BY source_id) AS begun
    FROM records
), solved AS (
    SELECT *,
        coalesce(measure(u.cacheWrites), 0) + coalesce(measure(u.cacheReads), 0) AS cached,
        usage_told(u.tokensIn, u.tokensOut) OR usage_told(u.cacheReads, u.cacheWrites) AS measured
    FROM told
), split AS (
    SELECT *,
        coalesce(cached > 0 AND measure(u.tokensIn) >= cached AND (u.apiProtocol IS NOT NULL OR measure(u.tokensIn) = cached), false) AS inside,
        coalesce(modelInfo.providerId = 'deepseek' OR contains(lower(modelInfo.modelId), 'deepseek'),
            -- Elsewhere something of the input is neither read nor written.
            cached > 0 AND measure(u.tokensIn) IN (0, cached)) AS misses
    FROM solved
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN u IS NULL THEN 'a message, no call'
         WHEN say IN ('deleted_api_reqs', 'subagent_usage') AND NOT measured THEN 'a sum of no calls'
         WHEN NOT measured AND u.cancelReason IS NULL THEN 'a call whose usage is still to come, or told by another message' END AS skip,
    concat_ws(':', 'cline', shown(begun), ts, say) AS request_id,
    CASE WHEN say IN ('api_req_started', 'api_req_finished') THEN 1 ELSE 0 END AS calls,
    ts AS started_at,
    concat_ws('/', 'cline', CASE say WHEN 'subagent_usage' THEN 'subagents' ELSE modelInfo.mode END) AS endpoint,
    modelInfo.modelId AS model,
    -- By `openai` goes whoever has an API of that shape: the model tells more.
    CASE modelInfo.providerId WHEN 'openai' THEN NULL WHEN 'openai-native' THEN 'openai' ELSE modelInfo.providerId END AS provider,
    'chat' AS operation,
    'cline:' || shown(begun) AS session_id,
    u.cancelReason AS status,
    CASE WHEN NOT measured THEN NULL
         WHEN misses AND NOT inside AND NOT miscounted(u.tokensIn) AND NOT miscounted(u.cacheWrites)
         THEN CAST(coalesce(whole(u.tokensIn), 0) + coalesce(whole(u.cacheWrites), 0) AS COUNT)
         ELSE u.tokensIn END AS input_tokens,
    CASE WHEN measured THEN u.cacheReads END AS cache_read_tokens,
    CASE WHEN measured AND NOT misses THEN u.cacheWrites END AS cache_write_tokens,
    CASE WHEN measured THEN u.tokensOut END AS output_tokens,
    NOT inside AS cache_beside,
    CASE WHEN measured AND money(u.cost) <> 0 THEN u.cost END AS stated_cost,
    CASE WHEN measured AND money(u.cost) <> 0 THEN 'USD' END AS stated_currency
FROM split

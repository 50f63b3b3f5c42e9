-- name:      cline-session
-- title:     Cline sessions (~/.cline/data/sessions/*/*.messages.json)
-- source:    https://github.com/cline/cline/blob/main/sdk/packages/core/docs/messages-contract-v1.md
-- container: json
-- grain:     split
-- evidence:  sessionId
-- evidence:  messages
-- evidence:  agent = lead | subagent | teammate
-- evidence:  updated_at | version
-- time:      messages.ts
-- model:     messages.modelInfo.id
-- columns:   sessionId VARCHAR, agent VARCHAR,
--            messages STRUCT(id VARCHAR, role VARCHAR, ts VARCHAR, modelInfo STRUCT(id VARCHAR, provider VARCHAR),
--                metrics STRUCT(inputTokens COUNT, outputTokens COUNT, cacheReadTokens COUNT, cacheWriteTokens COUNT, cost VARCHAR))[]
--
-- A session is one object; its answers are the records. Cached and written tokens are inside the input. Of a turn of several
-- answers the last one may tell for all of them: where the answer before has no counts, of how many is not said: 0.
WITH message AS (
    SELECT source_id, record, sessionId, agent, messages[place] AS m,
        list_filter(messages[:place - 1], lambda x: x.role = 'assistant')[-1] AS before
    FROM (SELECT *, unnest(range(1, len(messages) + 1)) AS place FROM records WHERE len(messages) > 0)
    UNION ALL
    SELECT source_id, record, sessionId, agent, NULL, NULL FROM records WHERE coalesce(len(messages), 0) = 0
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN m IS NULL THEN 'a session without messages'
         WHEN m.role IS DISTINCT FROM 'assistant' THEN 'a user turn'
         WHEN m.metrics IS NULL THEN 'an answer whose usage is still to come, or told by the last of its turn' END AS skip,
    concat_ws(':', 'cline', m.id, m.ts) AS request_id,
    CASE WHEN before IS NOT NULL AND before.metrics IS NULL THEN 0 ELSE 1 END AS calls,
    m.ts AS completed_at,
    concat_ws('/', 'cline', CASE WHEN agent <> 'lead' THEN agent END) AS endpoint,
    m.modelInfo.id AS model,
    -- By `openai` goes whoever has an API of that shape: the model tells more.
    CASE m.modelInfo.provider WHEN 'openai' THEN NULL WHEN 'openai-native' THEN 'openai' ELSE m.modelInfo.provider END AS provider,
    'chat' AS operation,
    sessionId AS session_id,
    CASE WHEN measured THEN m.metrics.inputTokens END AS input_tokens,
    CASE WHEN measured THEN m.metrics.cacheReadTokens END AS cache_read_tokens,
    CASE WHEN measured THEN m.metrics.cacheWriteTokens END AS cache_write_tokens,
    CASE WHEN measured THEN m.metrics.outputTokens END AS output_tokens,
    CASE WHEN measured AND money(m.metrics.cost) <> 0 THEN m.metrics.cost END AS stated_cost,
    CASE WHEN measured AND money(m.metrics.cost) <> 0 THEN 'USD' END AS stated_currency
FROM (
    SELECT *, usage_told(m.metrics.inputTokens, m.metrics.outputTokens) AS measured FROM message
)

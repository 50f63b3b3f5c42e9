-- name:      pi
-- title:     pi coding agent and OpenClaw sessions (~/.pi/agent/sessions/**/*.jsonl)
-- source:    https://github.com/badlogic/pi-mono/blob/main/packages/coding-agent/docs/session.md
-- container: json
-- evidence:  type = session | message | model_change | thinking_level_change | compaction
-- evidence:  timestamp
-- evidence:  message.role | cwd | modelId | thinkingLevel | message.usage.totalTokens
-- evidence:  id | message.usage.totalTokens | message.usage.cost
-- time:      timestamp
-- model:     message.model
-- columns:   type VARCHAR, id VARCHAR, timestamp VARCHAR,
--            message STRUCT(role VARCHAR, model VARCHAR, provider VARCHAR, responseId VARCHAR, stopReason VARCHAR,
--                usage STRUCT(input COUNT, output COUNT, cacheRead COUNT, cacheWrite COUNT, totalTokens COUNT, cost STRUCT(total VARCHAR)))
--
-- The input leaves cached tokens out, they stand beside; reasoning is inside the output. A branch copies messages under
-- their ids, which are short: with their instant and counts they are an identity. A failed call has zeros all over.
SELECT
    source_id,
    CASE WHEN message.role = 'assistant' THEN NULL
         WHEN type = 'message' THEN 'a user turn or a tool''s result'
         WHEN type IS NOT NULL THEN 'bookkeeping of the session' END AS skip,
    coalesce(nullif(message.responseId, ''),
        concat_ws(':', 'pi', id, timestamp, message.model, shown(u.input), shown(u.output), shown(u.totalTokens))) AS request_id,
    timestamp AS started_at,
    'pi' AS endpoint,
    message.model AS model,
    message.provider AS provider,
    'chat' AS operation,
    message.stopReason AS status,
    CASE WHEN measured THEN u.input END AS input_tokens,
    CASE WHEN measured THEN u.cacheRead END AS cache_read_tokens,
    CASE WHEN measured THEN u.cacheWrite END AS cache_write_tokens,
    CASE WHEN measured THEN u.output END AS output_tokens,
    CASE WHEN measured THEN u.totalTokens END AS total_tokens,
    true AS cache_beside,
    u.cost.total AS stated_cost,
    CASE WHEN u.cost.total IS NOT NULL THEN 'USD' END AS stated_currency
FROM (
    SELECT *, message.usage AS u,
        NOT (coalesce(measure(message.usage.input) = 0, false) AND coalesce(measure(message.usage.output) = 0, false)
             AND coalesce(measure(message.usage.totalTokens), 0) = 0 AND message.stopReason IN ('error', 'aborted')) AS measured
    FROM records
)

-- name:      dsh
-- title:     DeepSeek's terminal agent (dsh) sessions
-- source:    https://github.com/getagentseal/codeburn/blob/main/docs/providers/dsh.md
-- container: json
-- grain:     group
-- evidence:  type = session | turn/* | step/* | user/message | assistant/* | request/* | tool/* | *-chunks
-- evidence:  seq | seq0 | delegationDepth
-- evidence:  data.turn | data.header | data.role | delegationDepth | data
-- time:      time
-- model:     data.message.source.model
-- let:       USAGE = STRUCT(inputTokens COUNT, outputTokens COUNT, cacheReadTokens COUNT, cacheWriteTokens COUNT, reasoningTokens COUNT)
-- columns:   type VARCHAR, id VARCHAR, cwd VARCHAR, time VARCHAR,
--            data STRUCT(turn VARCHAR, step VARCHAR, usage USAGE, chunk STRUCT(type VARCHAR, usage USAGE),
--                        header STRUCT(config STRUCT(provider VARCHAR, model VARCHAR)),
--                        message STRUCT(id VARCHAR, source STRUCT(provider VARCHAR, model VARCHAR)))
--
-- The input leaves cached tokens out, they stand beside; reasoning is inside the output. A step's usage comes twice, as the
-- last chunk of its stream and with the whole message: the chunk counts only where no message came of it, in any log.
WITH read AS (
    SELECT *,
        last_value(CASE WHEN type = 'session' THEN id END IGNORE NULLS) OVER so_far AS session,
        last_value(cwd IGNORE NULLS) OVER so_far AS folder,
        last_value(data.header.config.model IGNORE NULLS) OVER so_far AS asked,
        last_value(data.header.config.provider IGNORE NULLS) OVER so_far AS asked_of,
        type = 'assistant/chunk' AND data.chunk.type = 'usage' AS chunk
    FROM records
    WINDOW so_far AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING)
), paired AS (
    SELECT *,
        bool_or(type = 'assistant/message' AND data.usage.inputTokens IS NOT NULL)
            OVER (PARTITION BY source_id, session, data.turn, data.step) AS whole_message
    FROM read
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN type = 'assistant/message' THEN NULL
         WHEN chunk AND whole_message THEN 'told by the whole message'
         WHEN chunk THEN NULL
         WHEN type IS NOT NULL THEN 'an event without usage' END AS skip,
    CASE WHEN length(data.message.id) = 36 THEN data.message.id
         WHEN session IS NOT NULL THEN concat_ws(':', 'dsh', session, data.turn, data.step) END AS request_id,
    CASE WHEN chunk AND whole_message THEN [concat_ws(':', 'dsh', session, data.turn, data.step)] END AS restated,
    time AS started_at,
    'dsh' AS endpoint,
    coalesce(data.message.source.model, asked) AS model,
    -- deepseek-official is how the program calls DeepSeek's own API.
    regexp_replace(coalesce(data.message.source.provider, asked_of), '^deepseek-official$', 'deepseek') AS provider,
    'chat' AS operation,
    session AS session_id,
    nullif(regexp_extract(folder, '([^/\\]+)[/\\]*$', 1), '') AS team,
    CASE WHEN chunk THEN 'interrupted' END AS status,
    u.inputTokens AS input_tokens,
    u.cacheReadTokens AS cache_read_tokens,
    u.cacheWriteTokens AS cache_write_tokens,
    u.outputTokens AS output_tokens,
    u.reasoningTokens AS reasoning_tokens,
    true AS cache_beside
FROM (SELECT *, CASE WHEN chunk THEN data.chunk.usage ELSE data.usage END AS u FROM paired)

-- name:      dsh
-- title:     DeepSeek's terminal agent (dsh) sessions
-- source:    https://github.com/getagentseal/codeburn/blob/main/docs/providers/dsh.md
-- container: json
-- grain:     group
-- evidence:  type = session | session/* | llm/* | turn/* | step/* | user/message | assistant/* | request/* | tool/* | *-chunks
-- evidence:  seq | seq0 | delegationDepth
-- evidence:  data.turn | data.header | data.role | delegationDepth | data
-- time:      time
-- model:     data.message.source.model
-- let:       USAGE = STRUCT(inputTokens COUNT, outputTokens COUNT, cacheReadTokens COUNT, cacheWriteTokens COUNT, reasoningTokens COUNT)
-- let:       CHUNK = STRUCT(type VARCHAR, usage USAGE)
-- columns:   type VARCHAR, id VARCHAR, cwd VARCHAR, time VARCHAR, seq VARCHAR, parentSession VARCHAR, seedLength VARCHAR,
--            data STRUCT(turn VARCHAR, step VARCHAR, usage USAGE, chunk CHUNK, stream STRUCT(chunk CHUNK)[],
--                        header STRUCT(config STRUCT(provider VARCHAR, model VARCHAR)), provider VARCHAR, model VARCHAR,
--                        inherited VARCHAR, message STRUCT(id VARCHAR, source STRUCT(provider VARCHAR, model VARCHAR)))
--
-- The input leaves cached tokens out, they stand beside; reasoning is inside the output. An attempt at a step tells its
-- usage with the whole message, and before that as the last chunk of its stream, which newer versions keep in the message,
-- or in `assistant/attempt` where none came of it: what comes before the message counts only where there is no message, in
-- any log. `llm/retry-started` begins another attempt, which is billed too. A fork begins with its parent's events.
WITH read AS (
    SELECT *,
        last_value(CASE WHEN type = 'session' THEN id END IGNORE NULLS) OVER so_far AS session,
        last_value(cwd IGNORE NULLS) OVER so_far AS folder,
        last_value(CASE type WHEN 'request/context' THEN data.model ELSE data.header.config.model END IGNORE NULLS) OVER so_far AS asked,
        last_value(CASE type WHEN 'request/context' THEN data.provider ELSE data.header.config.provider END IGNORE NULLS) OVER so_far
            AS asked_of,
        type = 'assistant/chunk' AND data.chunk.type = 'usage' AS chunk,
        type = 'assistant/attempt' AS attempt,
        coalesce(data.usage, CASE WHEN type = 'assistant/chunk' THEN data.chunk.usage END,
                 list_filter(data.stream, lambda one: one.chunk.type = 'usage')[-1].chunk.usage) AS u
    FROM records
    WINDOW so_far AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING)
), numbered AS (
    SELECT *,
        type = 'assistant/message' AS message,
        count(*) FILTER (WHERE type = 'llm/retry-started')
            OVER (PARTITION BY source_id, session, data.turn, data.step ORDER BY record ROWS UNBOUNDED PRECEDING) AS retries,
        measure(seq) <= max(CASE WHEN type = 'session/end-seed' AND data.inherited = 'true' THEN measure(seq)
                                 WHEN type = 'session' AND parentSession <> '' THEN measure(seedLength) - 1 END)
            OVER (PARTITION BY source_id, session) AS inherited
    FROM read
), paired AS (
    SELECT *,
        bool_or(message AND u.inputTokens IS NOT NULL) OVER slot AS whole_message,
        max(CASE WHEN attempt AND u.inputTokens IS NOT NULL THEN record END) OVER slot AS settled,
        bool_or((chunk OR attempt) AND u.inputTokens IS NOT NULL) OVER slot AS streamed,
        concat_ws(':', 'dsh', session, data.turn, data.step, CASE WHEN retries > 0 THEN 'attempt:' || (retries + 1) END) AS slot_id
    FROM numbered
    WINDOW slot AS (PARTITION BY source_id, session, data.turn, data.step, retries)
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN coalesce(chunk OR attempt OR message, false) AND coalesce(inherited, false) AND coalesce(length(data.message.id) <> 36, true)
         THEN 'history of the session that this one came from'
         WHEN message AND u IS NULL AND streamed THEN 'told by its stream'
         WHEN message THEN NULL
         WHEN (chunk OR attempt) AND whole_message THEN 'told by the whole message'
         WHEN chunk AND settled IS NOT NULL OR attempt AND coalesce(settled <> record, u IS NULL AND streamed) THEN 'told by the end of its attempt'
         WHEN chunk OR attempt THEN NULL
         WHEN type IS NOT NULL THEN 'an event without usage' END AS skip,
    CASE WHEN length(data.message.id) = 36 THEN data.message.id WHEN session IS NOT NULL THEN slot_id END AS request_id,
    CASE WHEN (chunk OR attempt) AND whole_message THEN [slot_id] END AS restated,
    time AS started_at,
    'dsh' AS endpoint,
    coalesce(data.message.source.model, asked) AS model,
    -- deepseek-official is how the program calls DeepSeek's own API.
    regexp_replace(coalesce(data.message.source.provider, asked_of), '^deepseek-official$', 'deepseek') AS provider,
    'chat' AS operation,
    session AS session_id,
    nullif(regexp_extract(folder, '([^/\\]+)[/\\]*$', 1), '') AS team,
    CASE WHEN chunk OR attempt THEN 'interrupted' END AS status,
    u.inputTokens AS input_tokens,
    u.cacheReadTokens AS cache_read_tokens,
    u.cacheWriteTokens AS cache_write_tokens,
    u.outputTokens AS output_tokens,
    u.reasoningTokens AS reasoning_tokens,
    true AS cache_beside
FROM paired

-- name:      amp
-- title:     Amp threads (~/.local/share/amp/threads/T-*.json)
-- source:    https://ampcode.com/manual
-- container: json
-- grain:     split
-- evidence:  id
-- evidence:  usageLedger.events | messages
-- evidence:  usageLedger.events | agentMode | env.initial
-- time:      usageLedger.events.timestamp | messages.usage.timestamp
-- model:     usageLedger.events.model | messages.usage.model
-- columns:   id VARCHAR,
--            usageLedger STRUCT(events STRUCT(id VARCHAR, timestamp VARCHAR, model VARCHAR, operationType VARCHAR, toMessageId VARCHAR,
--                tokens STRUCT(input COUNT, output COUNT, cacheReadInputTokens COUNT, cacheCreationInputTokens COUNT))[]),
--            messages STRUCT(role VARCHAR, messageId VARCHAR, usage STRUCT(model VARCHAR, timestamp VARCHAR, inputTokens COUNT,
--                     outputTokens COUNT, cacheCreationInputTokens COUNT, cacheReadInputTokens COUNT))[]
--
-- A thread is one object. Its ledger, where there is one, tells every call; the messages tell the same calls again, and
-- their cache counts, which stand beside the input. Records are the ledger's events, else the messages.
WITH event AS (
    SELECT source_id, record, thread, e.id AS event, e.operationType AS operation, e.timestamp, e.model,
        e.tokens.input AS i, e.tokens.output AS o,
        -- The ledger's own cache counts, else those of the message that the event led to.
        coalesce(e.tokens.cacheReadInputTokens, m.usage.cacheReadInputTokens) AS r,
        coalesce(e.tokens.cacheCreationInputTokens, m.usage.cacheCreationInputTokens) AS w,
        CAST(NULL AS VARCHAR) AS skip
    FROM (
        SELECT *, CASE WHEN e.toMessageId IS NOT NULL THEN list_filter(messages, lambda x: x.role = 'assistant' AND x.messageId = e.toMessageId)[1] END AS m
        FROM (SELECT source_id, record, id AS thread, messages, unnest(usageLedger.events) AS e FROM records WHERE len(usageLedger.events) > 0)
    )
    UNION ALL
    SELECT source_id, record, thread, m.messageId, NULL, m.usage.timestamp, m.usage.model,
        m.usage.inputTokens, m.usage.outputTokens,
        m.usage.cacheReadInputTokens, m.usage.cacheCreationInputTokens,
        CASE WHEN m.role = 'assistant' AND m.usage IS NOT NULL THEN NULL WHEN m.role = 'user' THEN 'a user turn' ELSE 'a message without usage' END
    FROM (
        SELECT source_id, record, id AS thread, unnest(messages) AS m
        FROM records WHERE coalesce(len(usageLedger.events), 0) = 0 AND len(messages) > 0
    )
    UNION ALL
    SELECT source_id, record, id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'a thread without messages'
    FROM records WHERE coalesce(len(usageLedger.events), 0) = 0 AND coalesce(len(messages), 0) = 0
)
SELECT
    source_id, record, 1 AS records, skip,
    CASE WHEN length(event) = 36 THEN event ELSE concat_ws(':', 'amp', thread, event, timestamp) END AS request_id,
    timestamp AS started_at,
    'amp' AS endpoint,
    model,
    coalesce(operation, 'chat') AS operation,
    thread AS session_id,
    i AS input_tokens, r AS cache_read_tokens, w AS cache_write_tokens, o AS output_tokens,
    true AS cache_beside
FROM event

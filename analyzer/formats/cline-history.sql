-- name:      cline-history
-- title:     Cline tasks: the conversation beside them (tasks/*/api_conversation_history.json), whose calls ui_messages.json tells
-- source:    https://github.com/cline/cline/blob/v3.57.1/src/shared/messages/content.ts
-- container: json
-- evidence:  role = user | assistant
-- evidence:  content
-- evidence:  modelInfo.providerId | metrics.tokens
-- time:      ts
-- model:     modelInfo.modelId
-- columns:   role VARCHAR
--
-- Its counts leave out what was written to a cache, and calls that came to nothing: all of that stands in the file beside it.
SELECT
    source_id,
    CASE WHEN role = 'user' THEN 'a user turn' ELSE 'told by the task''s ui_messages.json' END AS skip
FROM records

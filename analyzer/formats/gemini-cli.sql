-- name:      gemini-cli
-- title:     Gemini CLI chats (~/.gemini/tmp/*/chats/*.json and *.jsonl)
-- source:    https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/services/chatRecordingService.ts
-- container: json
-- grain:     group
-- evidence:  projectHash | tokens.thoughts | tokens.tool | tokens.cached
-- evidence:  timestamp | startTime
-- time:      timestamp
-- model:     model
-- let:       TOKENS = STRUCT(input COUNT, output COUNT, cached COUNT, thoughts COUNT, tool COUNT, total COUNT)
-- columns:   sessionId VARCHAR, projectHash VARCHAR, id VARCHAR, timestamp VARCHAR, type VARCHAR, model VARCHAR, tokens TOKENS,
--            messages STRUCT(id VARCHAR, timestamp VARCHAR, type VARCHAR, model VARCHAR, tokens TOKENS)[]
--
-- A chat is one object with its messages in it (each of them is a record), or lines: a header, then messages. Cached
-- tokens are inside the input; thoughts stand beside the output, tool prompts beside the input. A message is written
-- again when it grows, under the same id: the largest is the call.
WITH line AS (
    SELECT *,
        last_value(sessionId IGNORE NULLS) OVER so_far AS session,
        last_value(projectHash IGNORE NULLS) OVER so_far AS project
    FROM records
    WINDOW so_far AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING)
), message AS (
    SELECT source_id, record, session, project, unnest(messages) AS m FROM line WHERE len(messages) > 0
    UNION ALL
    SELECT source_id, record, session, project, {'id': id, 'timestamp': timestamp, 'type': type, 'model': model, 'tokens': tokens}
    FROM line WHERE coalesce(len(messages), 0) = 0
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN m.type = 'gemini' OR m.tokens.input IS NOT NULL OR m.tokens.output IS NOT NULL THEN NULL
         WHEN m.type = 'user' THEN 'a user turn'
         WHEN m.type IS NOT NULL THEN 'a notice of the program'
         WHEN m.timestamp IS NULL THEN 'the header of a chat, or a change of it' END AS skip,
    -- An id that is no UUID counts within its session only.
    CASE WHEN length(m.id) = 36 THEN m.id WHEN m.id <> '' THEN concat_ws(':', 'gemini-cli', session, m.id) END AS request_id,
    m.timestamp AS started_at,
    'gemini-cli' AS endpoint,
    m.model AS model,
    'google' AS provider,
    'chat' AS operation,
    session AS session_id,
    project AS team,
    CASE WHEN m.tokens.input IS NOT NULL AND m.tokens.tool IS NOT NULL AND NOT (miscounted(m.tokens.input) OR miscounted(m.tokens.tool))
         THEN CAST(whole(m.tokens.input) + whole(m.tokens.tool) AS COUNT) ELSE m.tokens.input END AS input_tokens,
    m.tokens.cached AS cache_read_tokens,
    m.tokens.output AS output_tokens,
    m.tokens.thoughts AS reasoning_tokens,
    m.tokens.total AS total_tokens,
    true AS reasoning_beside
FROM message

-- name:      kimi-cli
-- title:     Kimi CLI sessions (~/.kimi/sessions/*/*/wire.jsonl)
-- source:    https://github.com/MoonshotAI/kimi-cli/blob/main/src/kimi_cli/wire/file.py
--            https://github.com/MoonshotAI/kimi-cli/blob/main/src/kimi_cli/wire/types.py
-- container: json
-- evidence:  timestamp
-- evidence:  message.payload
-- evidence:  message.type = Turn* | Step* | StatusUpdate | SubagentEvent | ContentPart | ToolCall* | ToolResult | Compaction* | Approval* | Steer* | Notification | MCP* | Plan* | Hook* | Question* | Btw*
-- time:      timestamp
-- model:     model
-- needs:     a model: `--set model=…`
-- let:       STATUS = STRUCT(message_id VARCHAR, token_usage STRUCT(input_other COUNT, "output" COUNT, input_cache_read COUNT, input_cache_creation COUNT))
-- columns:   type VARCHAR, timestamp VARCHAR,
--            message STRUCT(type VARCHAR, payload STRUCT(message_id VARCHAR,
--                token_usage STRUCT(input_other COUNT, "output" COUNT, input_cache_read COUNT, input_cache_creation COUNT),
--                subagent_type VARCHAR, event STRUCT(type VARCHAR, payload STATUS)))
--
-- A step's usage is in the status that follows it; cached and written tokens stand beside the others. What a subagent does
-- is told within the session's events, and maybe in a file of its own, with the same ids. Which model answered is in the
-- program's settings alone.
SELECT
    source_id,
    CASE WHEN coalesce(s.token_usage.input_other, s.token_usage."output") IS NULL THEN 'an event without usage'
         WHEN NOT (usage_told(s.token_usage.input_other, s.token_usage."output")
              OR usage_told(s.token_usage.input_cache_read, s.token_usage.input_cache_creation)) THEN 'a status without usage' END AS skip,
    CASE WHEN s.message_id <> '' AND NOT commonplace(s.message_id) THEN s.message_id
         ELSE concat_ws(':', 'kimi-cli', timestamp, shown(s.token_usage.input_other), shown(s.token_usage.input_cache_read),
                        shown(s.token_usage."output")) END AS request_id,
    timestamp AS completed_at,
    concat_ws('/', 'kimi-cli', message.payload.subagent_type) AS endpoint,
    CAST(NULL AS VARCHAR) AS model,
    'chat' AS operation,
    s.token_usage.input_other AS input_tokens,
    s.token_usage.input_cache_read AS cache_read_tokens,
    s.token_usage.input_cache_creation AS cache_write_tokens,
    s.token_usage."output" AS output_tokens,
    true AS cache_beside
FROM (
    SELECT *,
        CASE WHEN message.type = 'StatusUpdate' THEN {'message_id': message.payload.message_id, 'token_usage': message.payload.token_usage}
             WHEN message.type = 'SubagentEvent' AND message.payload.event.type = 'StatusUpdate' THEN message.payload.event.payload END AS s
    FROM records
)

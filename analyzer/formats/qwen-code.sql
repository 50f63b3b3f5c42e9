-- name:      qwen-code
-- title:     Qwen Code sessions (~/.qwen/projects/*/chats/*.jsonl), with their telemetry events
-- source:    https://qwenlm.github.io/qwen-code-docs/en/developers/development/telemetry/
-- container: json
-- grain:     group
-- evidence:  type = user | assistant | system | tool_result
-- evidence:  message.parts | systemPayload | usageMetadata
-- evidence:  timestamp
-- time:      timestamp
-- model:     model
-- columns:   type VARCHAR, timestamp VARCHAR, uuid VARCHAR, sessionId VARCHAR, cwd VARCHAR, model VARCHAR,
--            usageMetadata STRUCT(promptTokenCount COUNT, candidatesTokenCount COUNT, thoughtsTokenCount COUNT,
--                                 toolUsePromptTokenCount COUNT, cachedContentTokenCount COUNT, totalTokenCount COUNT),
--            systemPayload STRUCT(uiEvent STRUCT("event.name" VARCHAR, "event.timestamp" VARCHAR, response_id VARCHAR, model VARCHAR,
--                                 status_code VARCHAR, duration_ms VARCHAR, input_token_count COUNT, output_token_count COUNT,
--                                 cached_content_token_count COUNT, thoughts_token_count COUNT, tool_token_count COUNT,
--                                 total_token_count COUNT))
--
-- A call stands twice: as the answer's line and as a telemetry event, which has the provider's id. The event is the
-- call, and so is the line where there are more lines than events of the same counts. Cached tokens are inside; thoughts
-- stand beside the output unless the total says otherwise. An id that stands for answers of different counts is no identity.
WITH event AS (
    SELECT *,
        systemPayload.uiEvent AS e,
        systemPayload.uiEvent."event.name" IN ('qwen-code.api_response', 'qwen-code.api_error') AS call,
        coalesce(usageMetadata.promptTokenCount, usageMetadata.candidatesTokenCount) IS NOT NULL AS line,
        CASE WHEN call THEN systemPayload.uiEvent.input_token_count WHEN line THEN usageMetadata.promptTokenCount END AS counted_in,
        CASE WHEN call THEN systemPayload.uiEvent.output_token_count WHEN line THEN usageMetadata.candidatesTokenCount END AS counted_out
    FROM records
), paired AS (
    SELECT *,
        count(DISTINCT CASE WHEN call THEN concat_ws(' ', e.response_id, e."event.timestamp") END)
            OVER (PARTITION BY source_id, sessionId, counted_in, counted_out) AS events,
        dense_rank() OVER (PARTITION BY source_id, sessionId, counted_in, counted_out, call IS TRUE ORDER BY uuid) AS nth,
        min(e."event.timestamp") OVER same_id = max(e."event.timestamp") OVER same_id
            OR (min(e.input_token_count) OVER same_id = max(e.input_token_count) OVER same_id
                AND min(e.output_token_count) OVER same_id = max(e.output_token_count) OVER same_id) AS unique_id
    FROM event
    WINDOW same_id AS (PARTITION BY source_id, call, e.response_id)
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN call THEN NULL
         WHEN line AND nth <= events THEN 'told by its telemetry event'
         WHEN line THEN NULL
         WHEN type = 'user' THEN 'a user turn'
         WHEN type = 'tool_result' THEN 'a tool''s result'
         WHEN type = 'system' THEN 'an event without usage'
         WHEN type = 'assistant' AND model IS NULL THEN 'a message without usage' END AS skip,
    CASE WHEN call AND e.response_id <> '' AND unique_id AND NOT commonplace(e.response_id) THEN e.response_id
         WHEN call THEN concat_ws(':', 'qwen-code', sessionId, e."event.timestamp", shown(e.input_token_count), shown(e.output_token_count))
         WHEN length(uuid) = 36 THEN uuid END AS request_id,
    -- A copy of the log from before the event was written has the line as a call.
    CASE WHEN NOT coalesce(call, false) AND line AND nth <= events AND length(uuid) = 36 THEN [uuid] END AS restated,
    CASE WHEN call AND e.duration_ms IS NOT NULL AND e."event.timestamp" IS NOT NULL THEN NULL ELSE timestamp END AS started_at,
    CASE WHEN call THEN e."event.timestamp" END AS completed_at,
    CASE WHEN call THEN e.duration_ms END AS latency_ms,
    'qwen-code' AS endpoint,
    CASE WHEN call THEN e.model ELSE model END AS model,
    'chat' AS operation,
    sessionId AS session_id,
    nullif(regexp_extract(cwd, '([^/\\]+)[/\\]*$', 1), '') AS team,
    CASE WHEN e."event.name" = 'qwen-code.api_error' THEN coalesce(e.status_code, 'error') ELSE e.status_code END AS status,
    CASE WHEN NOT measured THEN NULL
         WHEN NOT (miscounted(prompted) OR miscounted(tooled)) AND prompted IS NOT NULL AND tooled IS NOT NULL
         THEN CAST(whole(prompted) + whole(tooled) AS COUNT) ELSE prompted END AS input_tokens,
    CASE WHEN NOT measured THEN NULL WHEN call THEN e.cached_content_token_count ELSE usageMetadata.cachedContentTokenCount END
        AS cache_read_tokens,
    CASE WHEN NOT measured THEN NULL WHEN call THEN e.output_token_count ELSE usageMetadata.candidatesTokenCount END AS output_tokens,
    CASE WHEN NOT measured THEN NULL WHEN call THEN e.thoughts_token_count ELSE usageMetadata.thoughtsTokenCount END AS reasoning_tokens,
    CASE WHEN NOT measured THEN NULL WHEN call THEN e.total_token_count ELSE usageMetadata.totalTokenCount END AS total_tokens,
    true AS reasoning_beside
FROM (
    SELECT *,
        CASE WHEN call THEN e.input_token_count ELSE usageMetadata.promptTokenCount END AS prompted,
        CASE WHEN call THEN e.tool_token_count ELSE usageMetadata.toolUsePromptTokenCount END AS tooled,
        -- 0 and 0 is what an event of a failure has.
        NOT coalesce(call AND e."event.name" = 'qwen-code.api_error'
                     AND measure(e.input_token_count) = 0 AND measure(e.output_token_count) = 0, false) AS measured
    FROM paired
)

-- name:      copilot-cli
-- title:     GitHub Copilot CLI and Chat: OpenTelemetry lines of the file exporter
-- source:    https://github.com/microsoft/vscode-copilot-chat/blob/main/docs/monitoring/agent_monitoring.md
-- container: json
-- grain:     group
-- evidence:  traceId | hrTime | spanContext
-- evidence:  type | _body | body | name
-- evidence:  attributes
-- time:      endTime | startTime | hrTime
-- model:     attributes."gen_ai.response.model" | attributes."gen_ai.request.model"
-- columns:   type VARCHAR, name VARCHAR, traceId VARCHAR, spanId VARCHAR, spanContext STRUCT(traceId VARCHAR, spanId VARCHAR),
--            startTime JSON, endTime JSON, hrTime JSON, status STRUCT(code VARCHAR),
--            attributes STRUCT("event.name" VARCHAR, "gen_ai.operation.name" VARCHAR, "gen_ai.response.id" VARCHAR,
--                "gen_ai.response.model" VARCHAR, "gen_ai.request.model" VARCHAR, "gen_ai.provider.name" VARCHAR, "gen_ai.system" VARCHAR,
--                "gen_ai.conversation.id" VARCHAR, "copilot_chat.session_id" VARCHAR, "session.id" VARCHAR, "error.type" VARCHAR,
--                "gen_ai.usage.input_tokens" COUNT, "gen_ai.usage.output_tokens" COUNT, "gen_ai.usage.total_tokens" COUNT,
--                "gen_ai.usage.cache_read.input_tokens" COUNT, "gen_ai.usage.cache_creation.input_tokens" COUNT,
--                "gen_ai.usage.cache_write.input_tokens" COUNT, "gen_ai.usage.reasoning.output_tokens" COUNT,
--                "gen_ai.usage.reasoning_tokens" COUNT)
--
-- One answer stands up to four times: as the span of its chat, as a log record of the inference, as the log record of the
-- agent's turn, and inside the sum of the agent's span. The first of these is the call; the others count only where
-- nothing before them tells of it: by response id, or by trace where one of the two has no such id. Cached and reasoning
-- tokens are inside; more cache than input is beside it, and beside the total.
WITH line AS (
    SELECT source_id, record, type, a, status, name, spanId, spanContext,
        coalesce(traceId, spanContext.traceId) AS trace,
        CASE WHEN a."gen_ai.response.id" <> '' AND NOT commonplace(a."gen_ai.response.id") THEN a."gen_ai.response.id" END AS response,
        -- A pair of seconds and nanoseconds, or an instant as it stands.
        list_transform([startTime, endTime, hrTime], lambda clock: CASE WHEN json_type(clock) = 'ARRAY'
            THEN CAST(TRY_CAST(clock ->> '$[0]' AS DECIMAL(38, 0)) * 1000000000 + TRY_CAST(clock ->> '$[1]' AS DECIMAL(38, 0)) AS VARCHAR)
            ELSE clock ->> '$' END) AS clocks,
        CASE
            WHEN coalesce(type, 'span') = 'span' AND coalesce(traceId, spanContext.traceId, type) IS NOT NULL AND a."event.name" IS NULL
                AND (a."gen_ai.operation.name" IN ('chat', 'text_completion', 'generate_content') OR name LIKE 'chat %') THEN 1
            WHEN a."event.name" = 'gen_ai.client.inference.operation.details' THEN 2
            WHEN a."event.name" = 'copilot_chat.agent.turn' THEN 3
            WHEN a."gen_ai.operation.name" = 'invoke_agent' OR name LIKE 'invoke\_agent%' ESCAPE '\' THEN 4
        END AS rank
    FROM (SELECT *, attributes AS a FROM records)
), usable AS (
    SELECT *,
        CASE WHEN a."gen_ai.usage.input_tokens" IS NOT NULL OR a."gen_ai.usage.output_tokens" IS NOT NULL THEN rank END AS telling,
        coalesce(clocks[2], clocks[1], clocks[3]) AS clock
    FROM line
), placed AS (
    SELECT *,
        CASE WHEN response IS NOT NULL THEN min(telling) OVER of_response END AS best_of_response,
        CASE WHEN trace IS NOT NULL THEN min(telling) OVER of_trace END AS best_of_trace,
        CASE WHEN trace IS NOT NULL THEN min(CASE WHEN response IS NULL THEN telling END) OVER of_trace END AS best_without_id,
        -- A span without a clock takes that of its answer's other records, or of its trace.
        coalesce(clock, CASE WHEN response IS NOT NULL THEN max(clock) OVER of_response END,
                 CASE WHEN trace IS NOT NULL THEN max(clock) OVER of_trace END) AS ended,
        coalesce(a."gen_ai.response.model", a."gen_ai.request.model",
                 CASE WHEN trace IS NOT NULL THEN max(coalesce(a."gen_ai.response.model", a."gen_ai.request.model")) OVER of_trace END) AS model,
        coalesce(a."gen_ai.conversation.id", a."copilot_chat.session_id", a."session.id",
                 CASE WHEN response IS NOT NULL THEN max(a."gen_ai.conversation.id") OVER of_response END,
                 CASE WHEN trace IS NOT NULL THEN max(a."gen_ai.conversation.id") OVER of_trace END) AS session
    FROM usable
    WINDOW of_response AS (PARTITION BY source_id, response), of_trace AS (PARTITION BY source_id, trace)
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN rank IS NULL AND type = 'metric' THEN 'a metric, no call'
         WHEN rank IS NULL THEN 'no call of a model'
         WHEN telling IS NULL AND rank > 1 THEN 'an event without usage'
         WHEN rank = 4 AND least(best_of_response, best_of_trace) < 4 THEN 'an aggregate of calls already counted'
         WHEN rank = 2 AND response IS NOT NULL AND least(best_of_response, best_without_id) = 2 THEN NULL
         WHEN least(best_of_response, best_of_trace) < rank THEN 'told by another record of the same answer' END AS skip,
    coalesce(response, CASE WHEN trace IS NOT NULL
        THEN concat_ws(':', trace, coalesce(spanId, spanContext.spanId), CASE WHEN rank > 1 THEN clock END) END) AS request_id,
    -- A log may have it without those that tell of it here.
    CASE WHEN rank > 1 AND response IS NULL AND trace IS NOT NULL AND telling IS NOT NULL
              AND (least(best_of_response, best_of_trace) < rank)
         THEN [concat_ws(':', trace, coalesce(spanId, spanContext.spanId), clock)] END AS restated,
    CASE WHEN rank = 1 THEN coalesce(clocks[1], ended) ELSE ended END AS started_at,
    ended AS completed_at,
    'copilot' AS endpoint,
    model,
    coalesce(a."gen_ai.provider.name", a."gen_ai.system") AS provider,
    coalesce(CASE WHEN rank IN (1, 4) THEN a."gen_ai.operation.name" END, 'chat') AS operation,
    session AS session_id,
    CASE WHEN a."error.type" IS NOT NULL OR status.code = '2' THEN coalesce(a."error.type", 'error') END AS status,
    a."gen_ai.usage.input_tokens" AS input_tokens,
    a."gen_ai.usage.cache_read.input_tokens" AS cache_read_tokens,
    coalesce(a."gen_ai.usage.cache_creation.input_tokens", a."gen_ai.usage.cache_write.input_tokens") AS cache_write_tokens,
    a."gen_ai.usage.output_tokens" AS output_tokens,
    coalesce(a."gen_ai.usage.reasoning.output_tokens", a."gen_ai.usage.reasoning_tokens") AS reasoning_tokens,
    CASE WHEN NOT coalesce(beside, false) THEN a."gen_ai.usage.total_tokens" END AS total_tokens,
    beside AS cache_beside
FROM (
    SELECT *,
        coalesce(measure(a."gen_ai.usage.cache_read.input_tokens"), 0)
            + coalesce(measure(coalesce(a."gen_ai.usage.cache_creation.input_tokens", a."gen_ai.usage.cache_write.input_tokens")), 0)
            > measure(a."gen_ai.usage.input_tokens") AS beside
    FROM placed
)

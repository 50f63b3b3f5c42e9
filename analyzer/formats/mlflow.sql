-- name:      mlflow
-- title:     MLflow 3 traces with their spans: a trace, a list of them, or JSON lines
-- source:    https://mlflow.org/docs/latest/genai/concepts/trace/
--            https://github.com/mlflow/mlflow
-- container: json
-- grain:     split
-- evidence:  info.trace_id | info.request_id
-- evidence:  data.spans
-- evidence:  info.trace_metadata | info.trace_location | info.request_time
-- time:      data.spans.start_time_unix_nano
-- model:     attributes."mlflow.llm.model" | attributes.model
-- let:       SPAN = STRUCT(span_id VARCHAR, parent_span_id VARCHAR, name VARCHAR, start_time_unix_nano VARCHAR,
--                          end_time_unix_nano VARCHAR, status STRUCT(code VARCHAR),
--                          attributes STRUCT("mlflow.spanType" VARCHAR, "mlflow.chat.tokenUsage" VARCHAR,
--                                            "mlflow.llm.model" VARCHAR, "mlflow.llm.provider" VARCHAR,
--                                            "mlflow.llm.cost" VARCHAR, "mlflow.message.format" VARCHAR, model VARCHAR))
-- columns:   info STRUCT(trace_id VARCHAR, request_id VARCHAR,
--                        trace_location STRUCT(mlflow_experiment STRUCT(experiment_id VARCHAR)),
--                        trace_metadata STRUCT("mlflow.trace.session" VARCHAR, "mlflow.trace.user" VARCHAR)),
--            data STRUCT(spans SPAN[])
--
-- The attributes of a span are JSON text each. Spans with mlflow.chat.tokenUsage are calls, and so are those of a model's type
-- that failed; one above others of that kind (a framework around its client, an agent) tells the same usage again. The counts
-- are as the provider's own: the cache is inside the input, but of Anthropic's messages beside it, and beside the total.
WITH RECURSIVE written AS (
    SELECT source_id, record, info, unnest("data".spans, max_depth := 2),
        unnest(range(1, len("data".spans) + 1)) AS place
    FROM records
), span AS (
    SELECT * EXCLUDE (attributes, info, status),
        coalesce(info.trace_id, info.request_id) AS trace,
        info.trace_metadata."mlflow.trace.session" AS session,
        info.trace_metadata."mlflow.trace.user" AS person,
        info.trace_location.mlflow_experiment.experiment_id AS experiment,
        status.code IN ('STATUS_CODE_ERROR', 'ERROR') AS failed,
        TRY(json_transform(TRY_CAST(attributes."mlflow.chat.tokenUsage" AS JSON), '{"input_tokens": "VARCHAR", "output_tokens": "VARCHAR",
            "total_tokens": "VARCHAR", "cache_read_input_tokens": "VARCHAR", "cache_creation_input_tokens": "VARCHAR"}')) AS u,
        TRY_CAST(attributes."mlflow.llm.cost" AS JSON) ->> '$.total_cost' AS cost,
        trim(attributes."mlflow.spanType", '"') AS kind,
        trim(attributes."mlflow.message.format", '"') AS format,
        trim(attributes."mlflow.llm.provider", '"') AS provider,
        trim(coalesce(attributes."mlflow.llm.model", attributes.model), '"') AS model
    FROM written
), call AS (
    SELECT *,
        usage_told(u.input_tokens, u.output_tokens) AS measured,
        measured OR coalesce(kind IN ('CHAT_MODEL', 'LLM', 'EMBEDDING'), false) AS calls,
        coalesce(measure(u.cache_read_input_tokens), 0) + coalesce(measure(u.cache_creation_input_tokens), 0) AS cached
    FROM span
), upper AS (
    -- The spans above calls, to the root. A circle ends: no row comes twice.
    SELECT source_id, record, parent_span_id AS id FROM call WHERE calls AND nullif(parent_span_id, '') IS NOT NULL
    UNION
    SELECT call.source_id, call.record, call.parent_span_id AS id
    FROM call JOIN upper ON upper.source_id = call.source_id AND upper.record = call.record AND upper.id = call.span_id
    WHERE nullif(call.parent_span_id, '') IS NOT NULL
), lowest AS (
    SELECT *, row_number() OVER (PARTITION BY source_id, record ORDER BY place) AS row_place,
        cached > 0 AND (coalesce(format IN ('anthropic', 'claude_code'), false) OR coalesce(cached > measure(u.input_tokens), false)) AS beside
    FROM call
    WHERE calls AND coalesce((source_id, record, span_id) NOT IN (SELECT (source_id, record, id) FROM upper), true)
)
SELECT
    records.source_id,
    records.record,
    CASE WHEN coalesce(row_place, 1) = 1 THEN 1 ELSE 0 END AS records,
    'mlflow:' || "trace" || ':' || nullif(span_id, '') AS request_id,
    CASE WHEN row_place IS NULL THEN 'a trace without a model call' END AS skip,
    start_time_unix_nano AS started_at,
    end_time_unix_nano AS completed_at,
    name AS endpoint,
    model,
    CASE lower(provider) WHEN 'gemini' THEN 'google' WHEN 'vertex_ai' THEN 'google' ELSE lower(provider) END AS provider,
    CASE kind WHEN 'EMBEDDING' THEN 'embeddings' END AS operation,
    coalesce(session, "trace") AS session_id,
    experiment AS team,
    person AS user_name,
    CASE WHEN failed THEN 'error' END AS status,
    CASE WHEN measured THEN u.input_tokens END AS input_tokens,
    CASE WHEN measured THEN u.cache_read_input_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN u.cache_creation_input_tokens END AS cache_write_tokens,
    CASE WHEN measured THEN u.output_tokens END AS output_tokens,
    CASE WHEN measured AND NOT beside THEN u.total_tokens END AS total_tokens,
    beside AS cache_beside,
    CASE WHEN measured THEN cost END AS stated_cost,
    CASE WHEN measured AND cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM records LEFT JOIN lowest ON lowest.source_id = records.source_id AND lowest.record = records.record

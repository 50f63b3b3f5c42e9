-- name:      phoenix
-- title:     Arize Phoenix: the table of spans (get_spans_dataframe) as CSV
-- source:    https://arize.com/docs/phoenix/tracing/how-to-tracing/importing-and-exporting-traces/extract-data-from-spans
--            https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
-- container: csv
-- grain:     group
-- evidence:  span_kind
-- evidence:  status_code
-- evidence:  start_time
-- evidence:  end_time
-- evidence:  name
-- time:      start_time
-- model:     attributes.llm.model_name | attributes.embedding.model_name
-- columns:   context.span_id VARCHAR, context.trace_id VARCHAR, parent_id VARCHAR, name VARCHAR, span_kind VARCHAR,
--            status_code VARCHAR, start_time VARCHAR, end_time VARCHAR, attributes.llm.model_name VARCHAR,
--            attributes.embedding.model_name VARCHAR, attributes.llm.provider VARCHAR, attributes.llm.system VARCHAR,
--            attributes.session.id VARCHAR, attributes.user.id VARCHAR, attributes.llm.cost.total VARCHAR,
--            attributes.llm.token_count.prompt COUNT, attributes.llm.token_count.completion COUNT,
--            attributes.llm.token_count.total COUNT, attributes.llm.token_count.prompt_details.cache_read COUNT,
--            attributes.llm.token_count.prompt_details.cache_write COUNT,
--            attributes.llm.token_count.completion_details.reasoning COUNT
--
-- Spans as JSON are of the format otlp-spans. Those of kind LLM and EMBEDDING are calls, unless one that is measured stands
-- below them (a framework around its client). Cached tokens are inside the prompt; more of them than the prompt are beside it,
-- and beside the total. In such a table whole numbers have a decimal point, as some have none.
WITH RECURSIVE told AS (
    SELECT source_id, record, "context.span_id" AS id, "context.trace_id" AS trace, nullif(parent_id, '') AS parent, name,
        upper(span_kind) AS kind, upper(status_code) AS code, start_time, end_time,
        coalesce("attributes.llm.model_name", "attributes.embedding.model_name") AS model,
        lower(coalesce("attributes.llm.provider", "attributes.llm.system")) AS vendor,
        "attributes.session.id" AS session, "attributes.user.id" AS person, "attributes.llm.cost.total" AS cost,
        "attributes.llm.token_count.prompt" AS input_count, "attributes.llm.token_count.completion" AS output_count,
        "attributes.llm.token_count.total" AS total,
        "attributes.llm.token_count.prompt_details.cache_read" AS read_count,
        "attributes.llm.token_count.prompt_details.cache_write" AS write_count,
        "attributes.llm.token_count.completion_details.reasoning" AS reasoned
    FROM records
), call AS (
    SELECT *,
        kind IN ('LLM', 'EMBEDDING') AS calls,
        usage_told(input_count, output_count) AS measured,
        coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) AS cached
    FROM told
), above AS (
    -- The spans above measured calls, to the root. A circle ends: no row comes twice.
    SELECT source_id, "trace", parent AS id FROM call WHERE calls AND measured AND parent IS NOT NULL
    UNION
    SELECT call.source_id, call."trace", call.parent AS id
    FROM call JOIN above ON above.source_id = call.source_id AND above."trace" = call."trace" AND above.id = call.id
    WHERE call.parent IS NOT NULL
), placed AS (
    SELECT *,
        coalesce((source_id, "trace", id) IN (SELECT (source_id, "trace", id) FROM above), false) AS is_upper,
        coalesce(cached > measure(input_count), false) AS beside
    FROM call
)
SELECT
    source_id,
    record,
    1 AS records,
    "trace" || ':' || nullif(id, '') AS request_id,
    CASE WHEN is_upper AND (measured OR calls) OR NOT calls AND measured THEN 'an aggregate of calls already counted'
         WHEN calls IS NOT TRUE THEN 'a step of a trace, no model call' END AS skip,
    start_time AS started_at,
    end_time AS completed_at,
    name AS endpoint,
    model,
    vendor AS provider,
    CASE kind WHEN 'EMBEDDING' THEN 'embeddings' END AS operation,
    coalesce(session, "trace") AS session_id,
    person AS user_name,
    CASE code WHEN 'ERROR' THEN 'error' END AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured THEN coalesce(output_count, CASE kind WHEN 'EMBEDDING' THEN CAST(0 AS COUNT) END) END AS output_tokens,
    CASE WHEN measured THEN reasoned END AS reasoning_tokens,
    CASE WHEN measured AND NOT beside THEN total END AS total_tokens,
    beside AS cache_beside,
    cost AS stated_cost,
    CASE WHEN cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM placed

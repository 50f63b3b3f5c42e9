-- name:      datadog-llm-observability
-- title:     Datadog LLM Observability: spans of its export API, pages or JSON lines
-- source:    https://docs.datadoghq.com/llm_observability/evaluations/export_api/
-- container: json
-- evidence:  attributes.span_kind
-- evidence:  attributes.metrics
-- evidence:  attributes.start_ns
-- time:      attributes.start_ns
-- model:     attributes.model_name
-- columns:   id VARCHAR,
--            attributes STRUCT(trace_id VARCHAR, span_id VARCHAR, span_kind VARCHAR, name VARCHAR, ml_app VARCHAR,
--                              model_name VARCHAR, model_provider VARCHAR, start_ns VARCHAR, duration VARCHAR, status VARCHAR,
--                              session_id VARCHAR, tags VARCHAR[],
--                              metrics STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                                             cache_read_input_tokens COUNT, cache_write_input_tokens COUNT,
--                                             ephemeral_1h_input_tokens COUNT, reasoning_output_tokens COUNT,
--                                             estimated_total_cost VARCHAR))
--
-- Cached tokens are a part of the input, for all providers. Agents and workflows restate nothing here, and are no calls. The
-- cost is Datadog's estimate, in billionths of a dollar: its example asks 1500 for 10 tokens at $0.15 per million.
SELECT
    source_id,
    CASE WHEN attributes.span_kind NOT IN ('llm', 'embedding') THEN 'a span of other work, no call of a model' END AS skip,
    concat_ws(':', attributes.trace_id, coalesce(attributes.span_id, id)) AS request_id,
    attributes.start_ns AS started_at,
    measure(attributes.duration) / 1000000 AS latency_ms,
    attributes.ml_app AS endpoint,
    attributes.model_name AS model,
    nullif(attributes.model_provider, 'custom') AS provider,
    CASE attributes.span_kind WHEN 'embedding' THEN 'embeddings' ELSE 'chat' END AS operation,
    coalesce(attributes.session_id, list_filter(attributes.tags, lambda tag: starts_with(tag, 'session_id:'))[1][12:], attributes.trace_id)
        AS session_id,
    list_filter(attributes.tags, lambda tag: starts_with(tag, 'team:'))[1][6:] AS team,
    list_filter(attributes.tags, lambda tag: starts_with(tag, 'user_id:'))[1][9:] AS user_name,
    attributes.status AS status,
    attributes.metrics.input_tokens AS input_tokens,
    attributes.metrics.cache_read_input_tokens AS cache_read_tokens,
    attributes.metrics.cache_write_input_tokens AS cache_write_tokens,
    attributes.metrics.ephemeral_1h_input_tokens AS cache_write_1h_tokens,
    CASE WHEN attributes.metrics.output_tokens IS NULL AND attributes.span_kind = 'embedding' AND attributes.metrics.input_tokens IS NOT NULL
         THEN CAST(0 AS COUNT) ELSE attributes.metrics.output_tokens END AS output_tokens,
    attributes.metrics.reasoning_output_tokens AS reasoning_tokens,
    attributes.metrics.total_tokens AS total_tokens,
    TRY_CAST(attributes.metrics.estimated_total_cost AS DECIMAL(28, 6)) * 0.000000001 AS stated_cost,
    CASE WHEN attributes.metrics.estimated_total_cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM records

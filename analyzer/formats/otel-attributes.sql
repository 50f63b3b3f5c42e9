-- name:      otel-attributes
-- title:     OpenTelemetry GenAI spans as flat columns or attributes: Honeycomb, Azure Application Insights, Datadog, Logfire, bare
-- source:    https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
-- container: json csv
-- grain:     group
-- onto:      otlp-spans
-- evidence:  "gen_ai.operation.name" | "gen_ai.request.model" | "gen_ai.response.model" | "gen_ai.provider.name" |
--            "gen_ai.system" | "openinference.span.kind" | attributes."gen_ai.operation.name" |
--            attributes."gen_ai.request.model" | attributes."gen_ai.response.model" | attributes."gen_ai.provider.name" |
--            data."gen_ai.operation.name" | data."gen_ai.request.model" | data."gen_ai.response.model" |
--            data."gen_ai.provider.name" | customDimensions."gen_ai.operation.name" |
--            customDimensions."gen_ai.request.model" | customDimensions."gen_ai.response.model" |
--            customDimensions."gen_ai.provider.name" | meta."gen_ai.operation.name" | meta."gen_ai.request.model" |
--            meta."gen_ai.response.model" | meta."gen_ai.provider.name"
-- evidence:  "gen_ai.operation.name" | "gen_ai.request.model" | "gen_ai.response.model" | "gen_ai.provider.name" |
--            "gen_ai.system" | "openinference.span.kind" | data | customDimensions | meta | timestamp | time |
--            start_time | start_timestamp
-- time:      timestamp | time | start_time | start_timestamp | start
-- model:     gen_ai.response.model | gen_ai.request.model | llm.model_name | embedding.model_name
-- needs:     a time: bare attributes take `--set time=…`
-- columns:   timestamp VARCHAR, time VARCHAR, start_time VARCHAR, start_timestamp VARCHAR,
--            start VARCHAR, end_time VARCHAR, end_timestamp VARCHAR, duration VARCHAR, name VARCHAR,
--            operation_Id VARCHAR, operation_ParentId VARCHAR, id VARCHAR,
--            itemType VARCHAR, success VARCHAR, trace_id VARCHAR, span_id VARCHAR, parent_id VARCHAR,
--            parent_span_id VARCHAR, traceId VARCHAR, spanId VARCHAR, parentSpanId VARCHAR, kind VARCHAR, error VARCHAR,
--            status_code VARCHAR, otel_status_code VARCHAR, service VARCHAR, service_name VARCHAR, cloud_RoleName VARCHAR,
--            attributes JSON, data JSON, customDimensions JSON, meta JSON,
--            metrics JSON, gen_ai.operation.name VARCHAR, gen_ai.system VARCHAR, gen_ai.provider.name VARCHAR,
--            gen_ai.request.model VARCHAR, gen_ai.response.model VARCHAR, gen_ai.response.id VARCHAR,
--            gen_ai.response.finish_reasons VARCHAR, gen_ai.agent.name VARCHAR, gen_ai.conversation.id VARCHAR,
--            gen_ai.usage.input_tokens VARCHAR, gen_ai.usage.output_tokens VARCHAR, gen_ai.usage.prompt_tokens VARCHAR,
--            gen_ai.usage.completion_tokens VARCHAR, gen_ai.usage.total_tokens VARCHAR,
--            gen_ai.usage.cache_read.input_tokens VARCHAR, gen_ai.usage.cache_creation.input_tokens VARCHAR,
--            gen_ai.usage.cache_write.input_tokens VARCHAR, gen_ai.usage.cache_read_input_tokens VARCHAR,
--            gen_ai.usage.cache_creation_input_tokens VARCHAR, gen_ai.usage.reasoning.output_tokens VARCHAR,
--            gen_ai.usage.reasoning_tokens VARCHAR, gen_ai.usage.details.cache_read_tokens VARCHAR,
--            gen_ai.usage.details.cache_write_tokens VARCHAR, gen_ai.usage.details.reasoning_tokens VARCHAR,
--            gen_ai.usage.cost VARCHAR, operation.cost VARCHAR, openai.response.service_tier VARCHAR,
--            gen_ai.openai.response.service_tier VARCHAR, anthropic.response.service_tier VARCHAR,
--            llm.usage.total_tokens VARCHAR, llm.request.type VARCHAR, llm.model_name VARCHAR,
--            llm.response.model_name VARCHAR, llm.provider VARCHAR, llm.system VARCHAR, llm.token_count.prompt VARCHAR,
--            llm.token_count.completion VARCHAR, llm.token_count.total VARCHAR,
--            llm.token_count.prompt_details.cache_read VARCHAR, llm.token_count.prompt_details.cache_write VARCHAR,
--            llm.token_count.completion_details.reasoning VARCHAR, llm.cost.total VARCHAR, embedding.model_name VARCHAR,
--            openinference.span.kind VARCHAR, traceloop.span.kind VARCHAR, traceloop.workflow.name VARCHAR,
--            server.address VARCHAR, error.type VARCHAR, http.route VARCHAR, http.response.status_code VARCHAR,
--            session.id VARCHAR, user.id VARCHAR, enduser.id VARCHAR, service.name VARCHAR, trace.trace_id VARCHAR,
--            trace.span_id VARCHAR, trace.parent_id VARCHAR, duration_ms VARCHAR, meta.annotation_type VARCHAR,
--            span.kind VARCHAR
--
-- The same attributes that `otlp-spans` reads, in the columns of whoever keeps them: each at the top level, or all in one object
-- or a text of one. What a span is, and which of several tell of one call, is told as there. Rows that are no spans (events,
-- traces of Application Insights) tell of a call again.
SELECT
    source_id,
    record,
    -- Without a trace a span has no place, and stands for itself.
    json_object('trace_id', CASE WHEN span <> '' THEN trace END, 'span_id', CASE WHEN trace <> '' THEN coalesce(span, '') ELSE '' END) AS context,
    nullif(nullif(coalesce(m ->> '$."trace.parent_id"', parent_id, parent_span_id, parentSpanId, operation_ParentId), ''), '0')
        AS parent_id,
    CASE WHEN lower(coalesce(m ->> '$."span.kind"', kind)) IN ('server', 'spankind.server', 'span_kind_server') OR itemType = 'request'
         THEN '1' END AS kind,
    begun AS start_time,
    coalesce(end_time, end_timestamp,
        CASE WHEN took_ms >= 0 AND took_ms < 1e10
             THEN CAST(TRY(instant(begun) + to_microseconds(CAST(took_ms * 1000 AS BIGINT))) AS VARCHAR) END) AS end_time,
    CASE WHEN lower(success) IN ('false', '0') OR erred(error) OR upper(coalesce(status_code, otel_status_code)) IN ('2', 'ERROR')
         THEN CAST('{"code": "2"}' AS JSON) END AS status,
    CASE WHEN m ->> '$."meta.annotation_type"' IN ('span_event', 'link') OR itemType NOT IN ('dependency', 'request')
         THEN CAST('{}' AS JSON) ELSE m END AS attributes,
    json_object('attributes', json_object('service.name',
        coalesce(m ->> '$."service.name"', service, service_name, cloud_RoleName))) AS resource
FROM (
    SELECT *,
        coalesce(timestamp, time, start_time, start_timestamp, start) AS begun,
        nullif(coalesce(m ->> '$."trace.trace_id"', trace_id, traceId, operation_Id), '') AS trace,
        nullif(coalesce(m ->> '$."trace.span_id"', span_id, spanId, CASE WHEN operation_Id IS NOT NULL THEN id END), '') AS span,
        -- Datadog counts nanoseconds, beside its `start`; Application Insights milliseconds.
        CASE WHEN start IS NOT NULL THEN measure(duration) / 1000000
             ELSE coalesce(measure(m ->> '$."duration_ms"'), CASE WHEN operation_Id IS NOT NULL THEN measure(duration) END) END
            AS took_ms
    FROM (
        SELECT *, list_reduce(
            list_filter(
                list_transform([attributes, data, customDimensions, meta, metrics],
                    -- A text of an object is that object.
                    lambda one: CASE WHEN json_type(one) = 'VARCHAR' THEN TRY_CAST(one ->> '$' AS JSON) ELSE one END),
                lambda one: json_type(one) = 'OBJECT'),
            lambda all_told, one: json_merge_patch(all_told, one),
            json_object('gen_ai.operation.name', "gen_ai.operation.name", 'gen_ai.system', "gen_ai.system",
            'gen_ai.provider.name', "gen_ai.provider.name", 'gen_ai.request.model', "gen_ai.request.model",
            'gen_ai.response.model', "gen_ai.response.model", 'gen_ai.response.id', "gen_ai.response.id",
            'gen_ai.response.finish_reasons', "gen_ai.response.finish_reasons", 'gen_ai.agent.name', "gen_ai.agent.name",
            'gen_ai.conversation.id', "gen_ai.conversation.id", 'gen_ai.usage.input_tokens', "gen_ai.usage.input_tokens",
            'gen_ai.usage.output_tokens', "gen_ai.usage.output_tokens",
            'gen_ai.usage.prompt_tokens', "gen_ai.usage.prompt_tokens",
            'gen_ai.usage.completion_tokens', "gen_ai.usage.completion_tokens",
            'gen_ai.usage.total_tokens', "gen_ai.usage.total_tokens",
            'gen_ai.usage.cache_read.input_tokens', "gen_ai.usage.cache_read.input_tokens",
            'gen_ai.usage.cache_creation.input_tokens', "gen_ai.usage.cache_creation.input_tokens",
            'gen_ai.usage.cache_write.input_tokens', "gen_ai.usage.cache_write.input_tokens",
            'gen_ai.usage.cache_read_input_tokens', "gen_ai.usage.cache_read_input_tokens",
            'gen_ai.usage.cache_creation_input_tokens', "gen_ai.usage.cache_creation_input_tokens",
            'gen_ai.usage.reasoning.output_tokens', "gen_ai.usage.reasoning.output_tokens",
            'gen_ai.usage.reasoning_tokens', "gen_ai.usage.reasoning_tokens",
            'gen_ai.usage.details.cache_read_tokens', "gen_ai.usage.details.cache_read_tokens",
            'gen_ai.usage.details.cache_write_tokens', "gen_ai.usage.details.cache_write_tokens",
            'gen_ai.usage.details.reasoning_tokens', "gen_ai.usage.details.reasoning_tokens",
            'gen_ai.usage.cost', "gen_ai.usage.cost", 'operation.cost', "operation.cost",
            'openai.response.service_tier', "openai.response.service_tier",
            'gen_ai.openai.response.service_tier', "gen_ai.openai.response.service_tier",
            'anthropic.response.service_tier', "anthropic.response.service_tier",
            'llm.usage.total_tokens', "llm.usage.total_tokens", 'llm.request.type', "llm.request.type",
            'llm.model_name', "llm.model_name", 'llm.response.model_name', "llm.response.model_name",
            'llm.provider', "llm.provider", 'llm.system', "llm.system", 'llm.token_count.prompt', "llm.token_count.prompt",
            'llm.token_count.completion', "llm.token_count.completion", 'llm.token_count.total', "llm.token_count.total",
            'llm.token_count.prompt_details.cache_read', "llm.token_count.prompt_details.cache_read",
            'llm.token_count.prompt_details.cache_write', "llm.token_count.prompt_details.cache_write",
            'llm.token_count.completion_details.reasoning', "llm.token_count.completion_details.reasoning",
            'llm.cost.total', "llm.cost.total", 'embedding.model_name', "embedding.model_name",
            'openinference.span.kind', "openinference.span.kind", 'traceloop.span.kind', "traceloop.span.kind",
            'traceloop.workflow.name', "traceloop.workflow.name", 'server.address', "server.address",
            'error.type', "error.type", 'http.route', "http.route", 'http.response.status_code', "http.response.status_code",
            'session.id', "session.id", 'user.id', "user.id", 'enduser.id', "enduser.id", 'service.name', "service.name",
            'trace.trace_id', "trace.trace_id", 'trace.span_id', "trace.span_id", 'trace.parent_id', "trace.parent_id",
            'duration_ms', "duration_ms", 'meta.annotation_type', "meta.annotation_type", 'span.kind', "span.kind")) AS m
        FROM records
    )
)

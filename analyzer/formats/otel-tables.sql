-- name:      otel-tables
-- title:     OpenTelemetry spans in capitalised words: ClickHouse (otel_traces), Azure Log Analytics, stdouttrace of Go
-- source:    https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
-- container: json csv
-- grain:     group
-- onto:      otlp-spans
-- evidence:  SpanAttributes | SpanContext.TraceID | Properties."gen_ai.operation.name" | Properties."gen_ai.request.model" |
--            Properties."gen_ai.response.model" | Properties."gen_ai.provider.name" | Properties."gen_ai.system"
-- evidence:  TraceId | SpanContext.SpanID | OperationId
-- evidence:  Timestamp | StartTime | TimeGenerated | time
-- time:      Timestamp | StartTime | TimeGenerated | time
-- model:     gen_ai.response.model | gen_ai.request.model | llm.model_name | embedding.model_name | ai.model.id
-- columns:   Timestamp VARCHAR, TraceId VARCHAR, SpanId VARCHAR, ParentSpanId VARCHAR, SpanKind VARCHAR, ServiceName VARCHAR,
--            ScopeName VARCHAR, Duration VARCHAR, StatusCode VARCHAR, SpanAttributes VARCHAR,
--            TimeGenerated VARCHAR, time VARCHAR, OperationId VARCHAR, Id VARCHAR, ParentId VARCHAR, DurationMs VARCHAR,
--            Success VARCHAR, Type VARCHAR, AppRoleName VARCHAR, Properties JSON,
--            StartTime VARCHAR, EndTime VARCHAR, SpanContext JSON, Parent JSON, Status JSON, Attributes JSON, Resource JSON,
--            InstrumentationScope JSON
-- let:       PAIRS = '[{"Key": "VARCHAR", "Value": {"Value": "VARCHAR"}}]'
--
-- The attributes that `otlp-spans` reads, in the tables of whoever keeps them, or as Go's exporter for the console writes
-- them. What a span is, and which of several tell of one call, is told as there. Rows of Log Analytics that are no spans
-- (traces, events) tell of a call again.
SELECT
    source_id,
    record,
    json_object('trace_id', CASE WHEN span <> '' THEN trace END, 'span_id', CASE WHEN trace <> '' THEN coalesce(span, '') ELSE '' END) AS context,
    -- Go writes zeros where there is none.
    CASE WHEN trim(above, '0') <> '' THEN above END AS parent_id,
    CASE WHEN lower(SpanKind) IN ('server', 'span_kind_server', '2') OR Type = 'AppRequests' THEN '1' END AS kind,
    begun AS start_time,
    coalesce(EndTime,
        CASE WHEN took_ms >= 0 AND took_ms < 1e10
             THEN CAST(TRY(instant(begun) + to_microseconds(CAST(took_ms * 1000 AS BIGINT))) AS VARCHAR) END) AS end_time,
    CASE WHEN lower(Success) IN ('false', '0') OR lower(coalesce(StatusCode, Status ->> '$.Code')) IN ('error', 'status_code_error', '2')
         THEN CAST('{"code": "2"}' AS JSON) END AS status,
    CASE WHEN Type NOT IN ('AppDependencies', 'AppRequests') THEN CAST('{}' AS JSON)
         WHEN told IS NOT NULL THEN told
         ELSE CAST('{}' AS JSON) END AS attributes,
    json_object('attributes', json_object('service.name', coalesce(ServiceName, AppRoleName,
        list_filter(from_json("Resource", PAIRS), lambda one: one."Key" = 'service.name')[1]."Value"."Value"))) AS resource,
    json_object('name', coalesce(ScopeName, InstrumentationScope ->> '$.Name')) AS instrumentationScope
FROM (
    SELECT *,
        coalesce("Timestamp", StartTime, TimeGenerated, "time") AS begun,
        nullif(coalesce(TraceId, SpanContext ->> '$.TraceID', OperationId), '') AS trace,
        nullif(coalesce(SpanId, SpanContext ->> '$.SpanID', Id), '') AS span,
        coalesce(ParentSpanId, ParentId, Parent ->> '$.SpanID') AS above,
        coalesce(measure(DurationMs), measure(Duration) / 1000000) AS took_ms,
        coalesce(
            TRY_CAST(SpanAttributes AS JSON),
            -- In its CSV ClickHouse writes a map with apostrophes.
            TRY_CAST(replace(replace(replace(replace(SpanAttributes, '"', '\"'), '\''', chr(1)), '''', '"'), chr(1), '''') AS JSON),
            -- A text of an object is that object.
            CASE WHEN json_type(Properties) = 'VARCHAR' THEN TRY_CAST(Properties ->> '$' AS JSON) ELSE Properties END,
            CASE WHEN json_type("Attributes") = 'ARRAY'
                 THEN CAST(map_from_entries(list_transform(list_distinct(list_transform(pairs, lambda one: one."Key")),
                          lambda name: {'key': name, 'value': list_filter(pairs, lambda one: one."Key" = name)[-1]."Value"."Value"}))
                      AS JSON) END) AS told
    FROM (SELECT *, CASE WHEN json_type("Attributes") = 'ARRAY' THEN from_json("Attributes", PAIRS) END AS pairs FROM records)
)

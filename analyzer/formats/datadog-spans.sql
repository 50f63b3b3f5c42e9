-- name:      datadog-spans
-- title:     Datadog APM: OpenTelemetry GenAI spans of its spans API, pages or JSON lines
-- source:    https://docs.datadoghq.com/api/latest/spans/
-- container: json
-- grain:     group
-- onto:      otlp-spans
-- evidence:  attributes.custom.gen_ai | attributes.custom.llm | attributes.custom.openinference | attributes.custom.ai |
--            attributes.custom."gen_ai.operation.name" | attributes.custom."gen_ai.request.model" |
--            attributes.custom."gen_ai.response.model"
-- evidence:  attributes.start_timestamp
-- evidence:  attributes.trace_id
-- evidence:  attributes.span_id
-- time:      attributes.start_timestamp
-- model:     gen_ai.response.model | gen_ai.request.model | llm.model_name | embedding.model_name | ai.model.id
-- let:       NAMES = ['gen_ai.operation.name', 'gen_ai.system', 'gen_ai.provider.name', 'gen_ai.request.model',
--                     'gen_ai.response.model', 'gen_ai.response.id', 'gen_ai.response.finish_reasons', 'gen_ai.agent.name',
--                     'gen_ai.conversation.id', 'gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens',
--                     'gen_ai.usage.prompt_tokens', 'gen_ai.usage.completion_tokens', 'gen_ai.usage.total_tokens',
--                     'gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_creation.input_tokens',
--                     'gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_read_input_tokens',
--                     'gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.reasoning.output_tokens',
--                     'gen_ai.usage.reasoning_tokens', 'gen_ai.usage.details.cache_read_tokens',
--                     'gen_ai.usage.details.cache_write_tokens', 'gen_ai.usage.details.reasoning_tokens', 'gen_ai.usage.cost',
--                     'operation.cost', 'openai.response.service_tier', 'gen_ai.openai.response.service_tier',
--                     'anthropic.response.service_tier', 'llm.usage.total_tokens', 'llm.request.type', 'llm.model_name',
--                     'llm.response.model_name', 'llm.provider', 'llm.system', 'llm.token_count.prompt',
--                     'llm.token_count.completion', 'llm.token_count.total', 'llm.token_count.prompt_details.cache_read',
--                     'llm.token_count.prompt_details.cache_write', 'llm.token_count.completion_details.reasoning',
--                     'llm.cost.total', 'embedding.model_name', 'openinference.span.kind', 'traceloop.span.kind',
--                     'traceloop.workflow.name', 'ai.operationId', 'ai.model.id', 'ai.model.provider', 'ai.response.id',
--                     'ai.response.model', 'ai.response.finishReason', 'ai.usage.inputTokens', 'ai.usage.outputTokens',
--                     'ai.usage.promptTokens', 'ai.usage.completionTokens', 'ai.usage.totalTokens', 'ai.usage.cachedInputTokens',
--                     'ai.usage.reasoningTokens', 'ai.usage.tokens', 'ai.telemetry.functionId', 'server.address', 'error.type',
--                     'http.route', 'http.response.status_code', 'session.id', 'user.id', 'enduser.id']
-- columns:   attributes STRUCT(trace_id VARCHAR, span_id VARCHAR, parent_id VARCHAR, start_timestamp VARCHAR, end_timestamp VARCHAR,
--                              service VARCHAR, status VARCHAR, custom JSON)
--
-- The attributes that `otlp-spans` reads, under `custom`, where Datadog has an object in place of each dot: `{"gen_ai":
-- {"usage": {"input_tokens": 1}}}`. What a span is, and which of several tell of one call, is told as there.
SELECT
    source_id,
    record,
    json_object('trace_id', attributes.trace_id, 'span_id', coalesce(attributes.span_id, '')) AS context,
    nullif(nullif(attributes.parent_id, ''), '0') AS parent_id,
    CASE lower(attributes.custom ->> '$.span.kind') WHEN 'server' THEN '1' END AS kind,
    attributes.start_timestamp AS start_time,
    attributes.end_timestamp AS end_time,
    CASE WHEN attributes.status = 'error' THEN CAST('{"code": "2"}' AS JSON) END AS status,
    json_merge_patch(CAST(map(NAMES, attributes.custom ->> list_transform(NAMES, lambda name: '$.' || name)) AS JSON), attributes.custom)
        AS attributes,
    json_object('attributes', json_object('service.name', attributes.service)) AS resource
FROM records

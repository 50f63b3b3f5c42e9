-- name:      otlp-spans
-- title:     OpenTelemetry GenAI spans: OTLP/JSON, and spans as the SDKs for Python and JavaScript write them
-- source:    https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
-- container: json
-- grain:     group
-- evidence:  resourceSpans | spanContext.spanId | context.span_id
-- evidence:  resourceSpans | attributes
-- evidence:  resourceSpans | startTime | start_time
-- evidence:  resourceSpans | name
-- time:      startTimeUnixNano | startTime | start_time
-- model:     gen_ai.response.model | gen_ai.request.model | llm.model_name | embedding.model_name | ai.model.id
-- columns:   resourceSpans JSON, resourceLogs JSON, resourceMetrics JSON,
--            spanContext JSON, context JSON, parentSpanId VARCHAR, parentSpanContext JSON, parent_id VARCHAR,
--            kind VARCHAR, startTime JSON, endTime JSON, start_time VARCHAR, end_time VARCHAR, status JSON,
--            attributes JSON, resource JSON, instrumentationScope JSON, instrumentationLibrary JSON
-- let:       WRITTEN = '[{"key": "VARCHAR", "value": {"stringValue": "VARCHAR", "intValue": "VARCHAR",
--                         "doubleValue": "VARCHAR", "arrayValue": {"values": [{"stringValue": "VARCHAR"}]}}}]'
-- let:       WANTED = ('^(gen_ai\.(usage\..+|operation\.name|system|provider\.name|request\.model|agent\.name)|' ||
--                      'gen_ai\.(conversation\.id|response\.(id|model|finish_reasons)|openai\.api_base)|' ||
--                      '(gen_ai\.openai|openai|anthropic)\.response\.service_tier|anthropic\.usage\..+|server\.address|' ||
--                      'error\.type|http\.(route|response\.status_code)|service\.name|session\.id|(end)?user\.id|' ||
--                      'llm\.(token_count\..+|usage\..+|request\.type|model_name|response\.model_name|provider|system)|' ||
--                      'llm\.(finish_reason|cost\.total|invocation_parameters)|embedding\.model_name|' ||
--                      'openinference\.span\.kind|output\.value|operation\.cost|ai\.(usage\..+|operationId)|' ||
--                      'ai\.(model\.(id|provider)|response\.(id|model|finishReason|providerMetadata))|' ||
--                      'ai\.telemetry\.(functionId|metadata\.(userId|sessionId))|traceloop\.(span\.kind|workflow\.name)|' ||
--                      'traceloop\.association\.properties\.(user_id|session_id)|metadata\.user_api_key_(team_)?alias)$')
--
-- A record is a span. Only calls of a model are requests: what an agent, a chain or a server span tells of usage, it tells
-- again. Of several spans of one call, each inside the other, the outermost counts; beside each other they have the same
-- response id. Of the attributes only those that WANTED names are kept; of `output.value` and `llm.invocation_parameters`,
-- where OpenInference alone has the id of the reply and the model of a failed call, only that id and that model; of
-- `ai.response.providerMetadata`, where Vercel has what it leaves out of its own counts, only Anthropic's counts of the
-- cache. Vercel's SDK passed Anthropic's and Bedrock's counts on as they are, the cache beside the input, until it told
-- details of both.
WITH RECURSIVE exported AS (
    SELECT source_id, record, unnest(from_json(resourceSpans, '["JSON"]')) AS export FROM records
), scoped AS (
    SELECT
        source_id, record, export -> '$.resource.attributes' AS resource,
        unnest(from_json(export -> '$.scopeSpans', '["JSON"]')) AS scoped
    FROM exported
), written AS (
    SELECT
        source_id, record, resource, scoped ->> '$.scope.name' AS scope,
        unnest(from_json(scoped -> '$.spans', '["JSON"]')) AS span
    FROM scoped
), span AS (
    SELECT
        source_id, record, scope, coalesce(json_type(span) = 'OBJECT', false) AS sound,
        nullif(span ->> '$.traceId', '') AS trace,
        nullif(span ->> '$.spanId', '') AS id,
        nullif(span ->> '$.parentSpanId', '') AS parent,
        (span ->> '$.kind') IN ('2', 'SPAN_KIND_SERVER') AS served,
        span ->> '$.startTimeUnixNano' AS started_at,
        span ->> '$.endTimeUnixNano' AS completed_at,
        (span ->> '$.status.code') IN ('2', 'STATUS_CODE_ERROR') AS failed,
        list_transform(
            list_concat(from_json(resource, WRITTEN), from_json(span -> '$.attributes', WRITTEN)),
            lambda one: {'key': one."key",
                         'value': coalesce(one."value".stringValue, one."value".intValue, one."value".doubleValue,
                                           one."value".arrayValue."values"[1].stringValue)}) AS told
    FROM written
    UNION ALL
    SELECT
        source_id, record, coalesce(instrumentationScope, instrumentationLibrary) ->> '$.name', true,
        replace(coalesce(spanContext ->> '$.traceId', context ->> '$.trace_id'), '0x', ''),
        replace(coalesce(spanContext ->> '$.spanId', context ->> '$.span_id'), '0x', ''),
        replace(coalesce(nullif(parentSpanId, ''), parentSpanContext ->> '$.spanId', parent_id), '0x', ''),
        kind IN ('1', 'SpanKind.SERVER'),
        -- JavaScript's instants are seconds and nanoseconds.
        coalesce(start_time,
                 CAST(CAST(TRY_CAST(startTime ->> '$[0]' AS BIGINT) AS HUGEINT) * 1000000000
                      + TRY_CAST(startTime ->> '$[1]' AS BIGINT) AS VARCHAR),
                 startTime ->> '$'),
        coalesce(end_time,
                 CAST(CAST(TRY_CAST(endTime ->> '$[0]' AS BIGINT) AS HUGEINT) * 1000000000
                      + TRY_CAST(endTime ->> '$[1]' AS BIGINT) AS VARCHAR),
                 endTime ->> '$'),
        coalesce(status ->> '$.code', status ->> '$.status_code') IN ('2', 'ERROR', 'StatusCode.ERROR'),
        list_concat(
            list_transform(json_keys(attributes), lambda one, place: {'key': one, 'value': (attributes ->> '$.*')[place]}),
            [{'key': 'service.name', 'value': resource ->> '$.attributes."service.name"'}])
    FROM records
    WHERE resourceSpans IS NULL AND coalesce(spanContext ->> '$.spanId', context ->> '$.span_id') IS NOT NULL
), kept AS (
    SELECT * EXCLUDE (told),
        list_transform(
            list_filter(told, lambda one: regexp_matches(one."key", WANTED) AND one."value" <> ''),
            lambda one: {'key': one."key",
                         'value': CASE one."key"
                             WHEN 'output.value' THEN TRY_CAST(one."value" AS JSON) ->> '$.id'
                             WHEN 'llm.invocation_parameters' THEN TRY_CAST(one."value" AS JSON) ->> '$.model'
                             WHEN 'ai.response.providerMetadata' THEN array_to_string(list_transform(
                                 ['cacheReadInputTokens', 'usage.cache_read_input_tokens', 'cacheCreationInputTokens',
                                  'usage.cache_creation_input_tokens', 'usage.cache_creation.ephemeral_1h_input_tokens'],
                                 lambda name: coalesce(nullif(TRY_CAST(one."value" AS JSON) ->> ('$.anthropic.' || name), ''), '-')), ' ')
                             ELSE one."value" END}) AS told
    FROM span
), mapped AS (
    -- A key that comes twice is meant as it comes first.
    SELECT * EXCLUDE (told),
        map_from_entries(list_filter(
            told, lambda one, place: list_position(list_transform(told, lambda other: other."key"), one."key") = place)) AS a
    FROM kept
), read AS (
    SELECT * EXCLUDE (a),
        a['service.name'] AS service,
        CASE WHEN served THEN a['http.route'] END AS route,
        coalesce(a['ai.telemetry.functionId'], a['traceloop.workflow.name'], a['gen_ai.agent.name']) AS feature,
        coalesce(a['gen_ai.conversation.id'], a['session.id'], a['ai.telemetry.metadata.sessionId'],
                 a['traceloop.association.properties.session_id']) AS session,
        coalesce(a['user.id'], a['enduser.id'], a['ai.telemetry.metadata.userId'],
                 a['traceloop.association.properties.user_id']) AS user_name,
        a['metadata.user_api_key_alias'] AS api_key_name,
        a['metadata.user_api_key_team_alias'] AS team,
        coalesce(a['gen_ai.response.id'], a['ai.response.id'],
                 regexp_extract(a['output.value'],
                     '^((chatcmpl|cmpl|resp|msg|gen)[-_][A-Za-z0-9_-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$')) AS said_id,
        coalesce(a['gen_ai.response.model'], a['ai.response.model'], a['llm.response.model_name'], a['llm.model_name'],
                 a['embedding.model_name'], a['gen_ai.request.model'], a['ai.model.id'], a['llm.invocation_parameters']) AS model,
        lower(coalesce(a['gen_ai.provider.name'], a['ai.model.provider'], a['gen_ai.system'], a['llm.provider'],
                       a['llm.system'])) AS vendor,
        coalesce(a['server.address'], a['gen_ai.openai.api_base']) AS host,
        lower(coalesce(a['gen_ai.operation.name'], a['llm.request.type'])) AS operation,
        a['ai.operationId'] AS vercel,
        upper(a['openinference.span.kind']) AS inference,
        a['traceloop.span.kind'] AS traceloop,
        coalesce(a['openai.response.service_tier'], a['gen_ai.openai.response.service_tier'],
                 a['anthropic.response.service_tier']) AS service_tier,
        coalesce(a['error.type'], a['http.response.status_code']) AS error,
        regexp_extract(coalesce(a['ai.response.finishReason'], a['llm.finish_reason'], a['gen_ai.response.finish_reasons']),
                       '[A-Za-z_-]+') AS finish,
        coalesce(a['operation.cost'], a['gen_ai.usage.cost'], a['llm.cost.total']) AS cost,
        coalesce(a['gen_ai.usage.input_tokens'], a['gen_ai.usage.prompt_tokens'], a['llm.usage.prompt_tokens'],
                 a['llm.token_count.prompt'], a['ai.usage.inputTokens'], a['ai.usage.promptTokens'],
                 a['ai.usage.tokens']) AS input,
        coalesce(a['gen_ai.usage.output_tokens'], a['gen_ai.usage.completion_tokens'], a['llm.usage.completion_tokens'],
                 a['llm.token_count.completion'], a['ai.usage.outputTokens'], a['ai.usage.completionTokens']) AS output,
        coalesce(a['gen_ai.usage.total_tokens'], a['llm.usage.total_tokens'], a['llm.token_count.total'],
                 a['ai.usage.totalTokens']) AS total,
        coalesce(a['gen_ai.usage.cache_read.input_tokens'], a['gen_ai.usage.cache_read_input_tokens'],
                 a['gen_ai.usage.input_tokens.cached'], a['gen_ai.usage.details.cache_read_tokens'],
                 a['gen_ai.usage.details.cache_read_input_tokens'], a['gen_ai.usage.details.cached_tokens'],
                 a['llm.usage.cache_read_input_tokens'], a['llm.token_count.prompt_details.cache_read'],
                 a['ai.usage.cachedInputTokens'], a['ai.usage.inputTokenDetails.cacheReadTokens']) AS told_read,
        coalesce(a['gen_ai.usage.cache_creation.input_tokens'], a['gen_ai.usage.cache_write.input_tokens'],
                 a['gen_ai.usage.cache_creation_input_tokens'], a['gen_ai.usage.input_tokens.cache_write'],
                 a['gen_ai.usage.details.cache_write_tokens'], a['gen_ai.usage.details.cache_creation_input_tokens'],
                 a['llm.usage.cache_creation_input_tokens'], a['llm.token_count.prompt_details.cache_write'],
                 a['ai.usage.inputTokenDetails.cacheWriteTokens']) AS told_write,
        a['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'] AS told_1h,
        list_transform(string_split(a['ai.response.providerMetadata'], ' '), lambda n: nullif(n, '-')) AS passed_on,
        a['ai.usage.inputTokenDetails.cacheReadTokens'] IS NULL AND a['ai.usage.inputTokenDetails.noCacheTokens'] IS NULL
            AS without_details,
        coalesce(a['gen_ai.usage.reasoning.output_tokens'], a['gen_ai.usage.reasoning_tokens'],
                 a['gen_ai.usage.output_tokens.reasoning'], a['gen_ai.usage.details.reasoning_tokens'],
                 a['llm.usage.reasoning_tokens'], a['llm.token_count.completion_details.reasoning'],
                 a['ai.usage.reasoningTokens'], a['ai.usage.outputTokenDetails.reasoningTokens']) AS reasoning,
        coalesce(a['gen_ai.usage.details.input_audio_tokens'], a['llm.token_count.prompt_details.audio']) AS heard,
        a['gen_ai.usage.details.cache_audio_read_tokens'] AS heard_again,
        coalesce(a['gen_ai.usage.details.output_audio_tokens'], a['llm.token_count.completion_details.audio']) AS spoken
    FROM mapped
), told AS MATERIALIZED (
    SELECT *,
        row_number() OVER () AS number,
        CASE WHEN said_id <> '' AND NOT commonplace(said_id) THEN said_id END AS response_id,
        concat_ws(':', trace, id) AS place,
        coalesce(told_read, passed_on[1], passed_on[2]) AS cache_read,
        coalesce(told_write, passed_on[3], passed_on[4]) AS cache_write,
        coalesce(told_1h, passed_on[5]) AS cache_write_1h,
        coalesce(vercel IS NOT NULL AND without_details AND regexp_matches(vendor, 'anthropic|bedrock'), false) AS passed_as_is,
        input IS NOT NULL OR output IS NOT NULL AS measured,
        coalesce(inference = 'EMBEDDING' OR starts_with(operation, 'embedding') OR ends_with(vercel, '.doEmbed'), false) AS embeds,
        CASE
            WHEN vercel IS NOT NULL THEN CASE WHEN regexp_matches(vercel, '\.do[A-Z]') THEN 'call' ELSE 'other' END
            WHEN operation IN ('chat', 'text_completion', 'generate_content', 'embeddings',
                               'completion', 'embedding', 'chat.completions', 'text.completions')
              OR inference IN ('LLM', 'EMBEDDING') THEN 'call'
            WHEN inference IS NOT NULL OR traceloop IS NOT NULL
              OR operation IN ('invoke_agent', 'create_agent', 'invoke_workflow', 'execute_tool', 'retrieval', 'rerank')
                THEN 'other'
            -- It does not say what it is: a call, unless one is found inside it.
            WHEN (input IS NOT NULL OR output IS NOT NULL) AND model IS NOT NULL THEN 'perhaps'
            ELSE 'other'
        END AS part
    FROM read
), once AS MATERIALIZED (
    -- Exporters try again: of a span's copies one stands for all in the tree, or a tree of copies had no end of branches.
    SELECT *
    FROM told
    QUALIFY id IS NULL OR trace IS NULL OR row_number() OVER (PARTITION BY source_id, trace, id ORDER BY measured DESC, number) = 1
), inside(number, source_id, trace, above, depth) AS (
    SELECT number, source_id, trace, parent, 1 FROM once WHERE part <> 'other' AND parent IS NOT NULL
    UNION ALL
    SELECT i.number, i.source_id, i.trace, t.parent, i.depth + 1
    FROM inside AS i
    JOIN once AS t ON t.source_id = i.source_id AND t.trace = i.trace AND t.id = i.above
    WHERE t.parent IS NOT NULL AND i.depth < 100  -- a circle of parents ends too
), outer_span AS MATERIALIZED (
    -- Without `outer_number`: a span that is not in this log.
    SELECT i.number, t.number AS outer_number, t.part AS outer_part, t.route, t.feature, i.depth, concat_ws(':', i.trace, i.above) AS outer_place
    FROM inside AS i
    LEFT JOIN once AS t ON t.source_id = i.source_id AND t.trace = i.trace AND t.id = i.above
    WHERE t.number IS DISTINCT FROM i.number
), named_outside AS (
    SELECT
        number,
        arg_min(route, depth) FILTER (WHERE route IS NOT NULL) AS route,
        arg_min(feature, depth) FILTER (WHERE feature IS NOT NULL) AS feature
    FROM outer_span
    GROUP BY number
), pair AS (
    -- Of two spans that each stand inside the other neither restates the other.
    SELECT outer_number, number FROM outer_span WHERE outer_part <> 'other'
    EXCEPT
    SELECT number, outer_number FROM outer_span
), core AS (
    -- The innermost spans with usage.
    SELECT number, response_id, place
    FROM once
    WHERE part <> 'other' AND measured
      AND number NOT IN (SELECT outer_number FROM pair JOIN once USING (number) WHERE once.measured)
), holding AS (
    SELECT
        outer_number AS number,
        count(DISTINCT core.place) AS cores,
        any_value(coalesce(core.response_id, core.place)) AS core_id,
        -- Whose own id none of the spans inside has is a call of its own, and so are they.
        bool_and(coalesce(core.response_id <> once.response_id, false)) AS apart
    FROM pair
    JOIN core USING (number)
    JOIN once ON once.number = outer_number
    GROUP BY outer_number
), copied AS (
    SELECT told.*, coalesce(once.number, told.number) AS copy_of
    FROM told
    LEFT JOIN once ON once.source_id = told.source_id AND once.trace = told.trace AND once.id = told.id
), judged AS (
    SELECT copied.*, cores,
        coalesce(apart, false) AS apart,
        CASE WHEN cores = 1 AND NOT apart THEN core_id END AS core_id,
        coalesce(named_outside.route, copied.feature, named_outside.feature, copied.service) AS endpoint,
        CASE WHEN part = 'other' THEN false
             WHEN cores IS NULL OR apart THEN true
             ELSE part = 'call' AND cores = 1 AND measured END AS alone
    FROM copied
    LEFT JOIN holding ON holding.number = copy_of
    LEFT JOIN named_outside ON named_outside.number = copy_of
), decided AS (
    SELECT judged.*, beyond.place AS beyond,
        coalesce(response_id, core_id, nullif(judged.place, '')) AS call_id,
        alone AND copy_of NOT IN (
            SELECT pair.number FROM pair JOIN judged AS above ON above.number = outer_number
            WHERE above.alone AND NOT above.apart) AS counted
    FROM judged
    LEFT JOIN (SELECT number, outer_place AS place FROM outer_span WHERE outer_number IS NULL) AS beyond ON beyond.number = copy_of
), ranked AS (
    -- The provider's own SDK knows best; Traceloop's span of a stream of Anthropic's has its first input and sums its outputs.
    SELECT *,
        row_number() OVER (
            PARTITION BY source_id, counted, call_id
            ORDER BY input IS NOT NULL AND output IS NOT NULL DESC,
                CASE WHEN starts_with(scope, 'com.anthropic.sdk') THEN 0
                     WHEN scope = 'opentelemetry.instrumentation.anthropic' THEN 2 ELSE 1 END,
                measure(output) DESC NULLS LAST, measure(input) DESC NULLS LAST, number) = 1 OR call_id IS NULL AS best,
        max(CASE WHEN endpoint <> service THEN endpoint END) OVER same AS same_endpoint,
        max(session) OVER same AS same_session,
        max(user_name) OVER same AS same_user,
        max(cost) OVER same AS same_cost
    FROM decided
    WINDOW same AS (PARTITION BY source_id, counted, call_id)
), split AS (
    SELECT *,
        -- More cached than was read: this exporter counts the cache beside the input, and its total leaves it out.
        passed_as_is OR coalesce(coalesce(measure(cache_read), 0) + coalesce(measure(cache_write), 0) > measure(input), false)
            AS cache_beside,
        coalesce(measure(reasoning) > measure(output), false) AS reasoning_beside
    FROM ranked
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE
        WHEN NOT sound OR counted THEN NULL
        WHEN measured AND (part = 'other' OR cores > 1) THEN 'an aggregate of calls already counted'
        WHEN part <> 'other' THEN 'a second span of a call already counted'
        ELSE 'a span of other work, no call of a model'
    END AS skip,
    CASE WHEN NOT sound THEN 'a span that is no object' END AS refusal,
    call_id AS request_id,
    -- A span around this one may be in another log, and so may this one be, without those inside it.
    CASE WHEN counted AND measured AND beyond IS NOT NULL THEN [beyond]
         WHEN measured AND part <> 'other' AND cores > 1 AND NOT counted AND trace IS NOT NULL AND id IS NOT NULL THEN [place] END AS restated,
    started_at,
    completed_at,
    coalesce(same_endpoint, endpoint) AS endpoint,
    model,
    CASE
        WHEN contains(host, 'deepseek.com') THEN 'deepseek'
        WHEN contains(host, 'openrouter.ai') THEN 'openrouter'
        WHEN contains(host, 'azure.com') OR regexp_matches(vendor, 'azure|^az\.') THEN 'azure'
        WHEN contains(vendor, 'bedrock') THEN 'bedrock'
        WHEN regexp_matches(vendor, '^(gcp|google|vertex|gemini)') THEN 'google'
        WHEN vendor IN ('x_ai', 'x-ai') THEN 'xai'
        WHEN starts_with(vendor, 'mistral') THEN 'mistral'
        -- OpenAI's client says so whomever it calls.
        WHEN starts_with(vendor, 'openai') AND starts_with(model, 'deepseek') THEN NULL
        ELSE regexp_extract(vendor, '^[^.]+')
    END AS provider,
    CASE
        WHEN embeds THEN 'embeddings'
        WHEN operation IN ('completion', 'text.completions') THEN 'text_completion'
        WHEN operation IS NULL OR operation = 'chat.completions' THEN 'chat'
        ELSE operation
    END AS operation,
    coalesce(session, same_session, trace) AS session_id,
    api_key_name,
    team,
    coalesce(user_name, same_user) AS user_name,
    CASE WHEN failed THEN coalesce(error, 'error') ELSE finish END AS status,
    CASE WHEN best THEN input END AS input_tokens,
    CASE WHEN best THEN cache_read END AS cache_read_tokens,
    CASE WHEN best THEN cache_write END AS cache_write_tokens,
    CASE WHEN best THEN cache_write_1h END AS cache_write_1h_tokens,
    CASE WHEN best THEN coalesce(output, CASE WHEN embeds AND input IS NOT NULL THEN '0' END) END AS output_tokens,
    CASE WHEN best THEN reasoning END AS reasoning_tokens,
    CASE WHEN best THEN heard END AS input_audio_tokens,
    CASE WHEN best THEN heard_again END AS cache_read_audio_tokens,
    CASE WHEN best THEN spoken END AS output_audio_tokens,
    CASE WHEN best AND NOT cache_beside THEN total END AS total_tokens,
    cache_beside,
    reasoning_beside,
    coalesce(cost, same_cost) AS stated_cost,
    CASE WHEN coalesce(cost, same_cost) IS NOT NULL THEN 'USD' END AS stated_currency,
    service_tier
FROM split
UNION ALL BY NAME
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN json_type(resourceSpans) = 'ARRAY' THEN 'an export without spans'
         WHEN coalesce(resourceLogs, resourceMetrics) IS NOT NULL THEN 'logs or metrics, no spans' END AS skip,
    'no span' AS refusal
FROM records
WHERE (source_id, record) NOT IN (SELECT (source_id, record) FROM told)

-- name:      bedrock-converse
-- title:     Amazon Bedrock Converse: replies and stream events, bare, as the SDK gives them, or inside a log record
-- source:    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
--            https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
-- container: json
-- needs:     a time and a model: wrapped records have them, bare replies take `--set`
-- evidence:  usage | response.usage | response.body.usage | body.usage | message.usage | result.usage | data.usage |
--            metadata.usage | response.metadata.usage | messageStop.stopReason | uri = *'inputTokens'* | end_turn | tool_use |
--            max_tokens | stop_sequence | guardrail_intervened | content_filtered | http*/converse | http*/converse-stream
-- evidence:  stopReason | response.stopReason | response.body.stopReason | body.stopReason | message.stopReason |
--            result.stopReason | data.stopReason | metadata.usage | response.metadata.usage | messageStop |
--            metrics.latencyMs | response.metrics.latencyMs | response.message
-- evidence:  output.message | response.output.message | response.body.output.message | body.output.message |
--            message.output.message | result.output.message | data.output.message | metadata.metrics |
--            response.metadata.metrics | messageStop | metrics | response.metrics | response.message
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     modelId | model_id | model | model_name | response_model | request_model
-- let:       USAGE = STRUCT(inputTokens COUNT, outputTokens COUNT, totalTokens COUNT,
--                           cacheReadInputTokens COUNT, cacheReadInputTokenCount COUNT,
--                           cacheWriteInputTokens COUNT, cacheWriteInputTokenCount COUNT,
--                           cacheDetails STRUCT(ttl VARCHAR, inputTokens COUNT)[])
-- let:       TIER = STRUCT(type VARCHAR)
-- let:       TOOK = STRUCT(latencyMs VARCHAR)
-- let:       OUTPUT = STRUCT(message STRUCT(content STRUCT(toolUse STRUCT(toolUseId VARCHAR))[]))
-- let:       AWS = STRUCT(RequestId VARCHAR, HTTPStatusCode VARCHAR, HTTPHeaders STRUCT(date VARCHAR))
-- let:       EVENT = STRUCT(usage USAGE, metrics TOOK, serviceTier TIER)
-- let:       REPLY = STRUCT(stopReason VARCHAR, usage USAGE, metrics TOOK, serviceTier TIER, output OUTPUT,
--                           metadata EVENT, ResponseMetadata AWS)
-- envelope:  common
-- columns:   stopReason VARCHAR, usage USAGE, metrics TOOK, serviceTier TIER, output OUTPUT, metadata EVENT,
--            ResponseMetadata AWS, $metadata STRUCT(requestId VARCHAR, httpStatusCode VARCHAR), error JSON,
--            messageStart STRUCT(role VARCHAR), contentBlockStart STRUCT(contentBlockIndex VARCHAR),
--            contentBlockDelta STRUCT(contentBlockIndex VARCHAR), contentBlockStop STRUCT(contentBlockIndex VARCHAR),
--            messageStop STRUCT(stopReason VARCHAR),
--            response STRUCT(stopReason VARCHAR, usage USAGE, metrics TOOK, serviceTier TIER, output OUTPUT,
--                            metadata EVENT, ResponseMetadata AWS, body REPLY),
--            body REPLY, message REPLY, result REPLY, data REPLY,
--            modelId VARCHAR, model_id VARCHAR, requestId VARCHAR
--
-- Cache counts stand beside inputTokens and are in the total. Each is told twice, as ...Tokens and as ...TokenCount: one
-- of them is read. Where they are missing and the total is input and output, nothing was cached. cacheDetails is the split
-- of the writes by lifetime. Of a stream only the `metadata` event has usage. A body has no id, model or time: they stand
-- in the SDK's ResponseMetadata or in the record around it.
WITH worded AS (
    SELECT *,
        CASE
            WHEN response.body.usage IS NOT NULL THEN response.body
            WHEN coalesce(response.usage, response.metadata.usage) IS NOT NULL OR response.ResponseMetadata IS NOT NULL
                THEN {'stopReason': response.stopReason, 'usage': response.usage, 'metrics': response.metrics,
                      'serviceTier': response.serviceTier, 'output': response.output, 'metadata': response.metadata,
                      'ResponseMetadata': response.ResponseMetadata}
            WHEN result.usage IS NOT NULL THEN result
            WHEN body.usage IS NOT NULL THEN body
            WHEN message.usage IS NOT NULL THEN message
            WHEN data.usage IS NOT NULL THEN data
            ELSE {'stopReason': stopReason, 'usage': usage, 'metrics': metrics, 'serviceTier': serviceTier, 'output': output,
                  'metadata': metadata, 'ResponseMetadata': ResponseMetadata}
        END AS r
    FROM records
), told AS (
    SELECT *,
        coalesce(r.usage, r.metadata.usage) AS u,
        coalesce(r.ResponseMetadata, ResponseMetadata) AS h
    FROM worded
), counted AS (
    SELECT *,
        coalesce(u.cacheReadInputTokens, u.cacheReadInputTokenCount) AS read_count,
        coalesce(u.cacheWriteInputTokens, u.cacheWriteInputTokenCount) AS write_count,
        measure(u.totalTokens) = measure(u.inputTokens) + measure(u.outputTokens) AS plain,
        list_filter(u.cacheDetails, lambda d: d.ttl = '1h') AS hours,
        try_strptime(h.HTTPHeaders.date, '%a, %d %b %Y %H:%M:%S GMT') AS answered_at
    FROM told
)
SELECT
    source_id,
    coalesce(h.RequestId, "$metadata".requestId, requestId,
             request_id, CASE WHEN NOT regexp_full_match(id, '\d{1,12}') THEN id END) AS request_id,
    CASE WHEN u IS NULL AND (messageStart IS NOT NULL OR contentBlockStart IS NOT NULL OR contentBlockDelta IS NOT NULL
                             OR contentBlockStop IS NOT NULL OR messageStop IS NOT NULL)
         THEN 'a piece of a stream, no answer of its own' END AS skip,
    CASE WHEN u IS NOT NULL AND coalesce(u.inputTokens, u.outputTokens) IS NULL
         THEN 'its usage is not that of Converse (looked for inputTokens, outputTokens)' END AS refusal,
    from_text AS started_at,
    coalesce(to_text, CAST(answered_at AS VARCHAR)) AS completed_at,
    coalesce(took_ms, r.metrics.latencyMs, r.metadata.metrics.latencyMs) AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, 'Converse') AS endpoint,
    regexp_replace(
        coalesce(modelId, model_id, model_text,
                 -- An address has the model as one of its steps, with its colon escaped.
                 replace(replace(nullif(regexp_extract(coalesce(uri, url, path, endpoint), '/model/([^/?#]+)/', 1), ''), '%3A', ':'),
                         '%2F', '/')),
        '^arn:.*:(?:foundation-model|inference-profile)/', '') AS model,
    coalesce(provider, 'bedrock') AS provider,
    'chat' AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(r.stopReason, messageStop.stopReason,
             CASE WHEN error IS NOT NULL THEN coalesce(error ->> '$.Code', error ->> '$.code', 'error') END,
             status_text, h.HTTPStatusCode, "$metadata".httpStatusCode) AS status,
    u.inputTokens AS input_tokens,
    coalesce(read_count, CASE WHEN plain THEN CAST(0 AS COUNT) END) AS cache_read_tokens,
    coalesce(write_count, CASE WHEN plain THEN CAST(0 AS COUNT) END) AS cache_write_tokens,
    CASE WHEN len(hours) = 1 THEN hours[1].inputTokens
         WHEN len(hours) > 1 AND len(list_filter(hours, lambda d: miscounted(d.inputTokens))) = 0
         THEN CAST(list_sum(list_transform(hours, lambda d: whole(d.inputTokens))) AS COUNT) END AS cache_write_1h_tokens,
    u.outputTokens AS output_tokens,
    u.totalTokens AS total_tokens,
    true AS cache_beside,
    coalesce(r.serviceTier.type, r.metadata.serviceTier.type) AS service_tier,
    CASE WHEN r.output.message IS NOT NULL
         THEN len(list_filter(r.output.message.content, lambda block: block.toolUse IS NOT NULL)) END AS tool_calls
FROM counted

-- name:      bedrock-invocation-logs
-- title:     Amazon Bedrock model invocation logs, from S3 or from CloudWatch (export, Insights, subscription, page)
-- source:    https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
-- container: json
-- grain:     split
-- evidence:  schemaType | message | @message | logEvents | events = *ModelInvocationLog*
-- evidence:  schemaType | message | @message | logEvents | events = *modelId* | ModelInvocationLog
-- time:      timestamp
-- model:     modelId
-- let:       BODY = STRUCT(inputTokenCount COUNT, cacheReadInputTokenCount COUNT, cacheWriteInputTokenCount COUNT)
-- let:       LINE = STRUCT(id VARCHAR, eventId VARCHAR, timestamp VARCHAR, message VARCHAR)
-- columns:   schemaType VARCHAR, timestamp VARCHAR, requestId VARCHAR, operation VARCHAR, modelId VARCHAR, errorCode VARCHAR,
--            serviceTier VARCHAR, input BODY, output STRUCT(outputTokenCount COUNT, outputBodyJson JSON),
--            identity STRUCT(arn VARCHAR), requestMetadata JSON,
--            message VARCHAR, @message VARCHAR, messageType VARCHAR, logEvents LINE[], events LINE[]
--
-- Cache counts stand beside inputTokenCount. The body of the answer repeats the usage: nothing is added from it; only the
-- id of an Anthropic answer, how it ended, and which part of the written tokens is kept for an hour are taken. CloudWatch
-- puts the record as text into `message`, one or, in `logEvents` and `events`, many in one line; a record is then one of
-- these.
WITH carried AS (
    SELECT source_id, record, schemaType, timestamp, requestId, operation, modelId, errorCode, serviceTier, input, output,
        identity, requestMetadata, messageType,
        logEvents IS NULL AND events IS NULL AND message IS NULL AND "@message" IS NULL AS plain,
        unnest(CASE WHEN logEvents IS NOT NULL OR events IS NOT NULL THEN
            CASE WHEN len(logEvents) > 0 OR len(events) > 0
                 THEN list_transform(list_concat(logEvents, events), lambda e: e.message) ELSE [NULL] END
            ELSE [coalesce(message, "@message")] END) AS text
    FROM records
), parsed AS (
    SELECT *, TRY_CAST(text AS JSON) AS j FROM carried
), told AS (
    SELECT source_id, record, messageType, plain, text, j,
        coalesce(schemaType, j ->> '$.schemaType') AS kind,
        CASE WHEN plain THEN timestamp ELSE j ->> '$.timestamp' END AS at_text,
        coalesce(requestId, j ->> '$.requestId') AS request,
        coalesce(operation, j ->> '$.operation') AS op,
        coalesce(modelId, j ->> '$.modelId') AS called,
        coalesce(errorCode, j ->> '$.errorCode') AS failure,
        coalesce(serviceTier, j ->> '$.serviceTier') AS tier,
        coalesce(input.inputTokenCount, CAST(j ->> '$.input.inputTokenCount' AS COUNT)) AS input_count,
        coalesce(input.cacheReadInputTokenCount, CAST(j ->> '$.input.cacheReadInputTokenCount' AS COUNT)) AS read_count,
        coalesce(input.cacheWriteInputTokenCount, CAST(j ->> '$.input.cacheWriteInputTokenCount' AS COUNT)) AS write_count,
        coalesce(output.outputTokenCount, CAST(j ->> '$.output.outputTokenCount' AS COUNT)) AS output_count,
        coalesce(output.outputBodyJson, j -> '$.output.outputBodyJson') AS body,
        coalesce(identity.arn, j ->> '$.identity.arn') AS arn,
        coalesce(requestMetadata, j -> '$.requestMetadata') AS tags,
        list_filter(TRY_CAST(body -> '$.usage.cacheDetails' AS STRUCT(ttl VARCHAR, inputTokens VARCHAR)[]),
                    lambda d: d.ttl = '1h' AND NOT miscounted(d.inputTokens)) AS details,
        -- Of Anthropic's answers, whole or as a stream, else of Converse's.
        coalesce(body ->> '$.usage.cache_creation.ephemeral_1h_input_tokens',
                 body ->> '$[0].message.usage.cache_creation.ephemeral_1h_input_tokens',
                 CAST(list_sum(list_transform(details, lambda d: whole(d.inputTokens))) AS VARCHAR)) AS hour_count
    FROM parsed
)
SELECT
    source_id,
    record,
    1 AS records,
    -- An answer's own id where it has one, so that the application's log of the same call is the same request.
    coalesce(CASE WHEN coalesce(body ->> '$.id', body ->> '$[0].message.id') LIKE 'msg\_%' ESCAPE '\'
                  THEN coalesce(body ->> '$.id', body ->> '$[0].message.id') END, request) AS request_id,
    CASE WHEN messageType = 'CONTROL_MESSAGE' THEN 'a message of CloudWatch itself, no call'
         WHEN NOT plain AND text IS NULL THEN 'a page without records' END AS skip,
    CASE WHEN NOT plain AND j IS NULL THEN 'its message is no JSON'
         WHEN kind IS DISTINCT FROM 'ModelInvocationLog' THEN 'no ModelInvocationLog' END AS refusal,
    at_text AS started_at,
    coalesce(tags ->> '$.endpoint', tags ->> '$.route', tags ->> '$.feature', tags ->> '$.task', op) AS endpoint,
    regexp_replace(called, '^arn:.*:(?:foundation-model|inference-profile)/', '') AS model,
    'bedrock' AS provider,
    CASE WHEN called LIKE '%embed%' THEN 'embeddings' ELSE 'chat' END AS operation,
    coalesce(tags ->> '$.session_id', tags ->> '$.sessionId', tags ->> '$.conversation_id') AS session_id,
    -- Who called: a role, and the session that took it, or a user. The account's number says neither.
    coalesce(tags ->> '$.team', tags ->> '$.project', tags ->> '$.cost_center',
             nullif(regexp_extract(arn, ':assumed-role/([^/]+)', 1), '')) AS team,
    coalesce(tags ->> '$.user', tags ->> '$.user_id', nullif(regexp_extract(arn, ':assumed-role/[^/]+/(.+)$', 1), ''),
             nullif(regexp_extract(arn, ':user/(?:.*/)?([^/]+)$', 1), '')) AS user_name,
    coalesce(failure, body ->> '$.stopReason', body ->> '$.stop_reason') AS status,
    input_count AS input_tokens,
    read_count AS cache_read_tokens,
    write_count AS cache_write_tokens,
    CASE WHEN measure(hour_count) <= measure(write_count) THEN CAST(hour_count AS COUNT) END AS cache_write_1h_tokens,
    CASE WHEN called LIKE '%embed%' AND input_count IS NOT NULL THEN coalesce(output_count, CAST(0 AS COUNT))
         ELSE output_count END AS output_tokens,
    true AS cache_beside,
    tier AS service_tier
FROM told

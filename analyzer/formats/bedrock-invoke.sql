-- name:      bedrock-invoke
-- title:     Amazon Bedrock InvokeModel bodies in their vendors' shapes: Titan, Nova, Llama, Mistral, Cohere, AI21, Claude
-- source:    https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
-- container: json
-- needs:     a time and a model: `--set time=… --set model=…`
-- evidence:  generation_token_count | inputTextTokenCount | response_type | generations | completions | output.message |
--            amazon-bedrock-invocationMetrics | embeddingsByType |
--            body.generation_token_count | body.inputTextTokenCount | body.response_type | body.generations |
--            body.completions | body.output.message | response.generation_token_count | response.inputTextTokenCount |
--            response.response_type | response.generations | response.completions |
--            response.body.generation_token_count | response.body.inputTextTokenCount |
--            ResponseMetadata.HTTPHeaders.x-amzn-bedrock-input-token-count |
--            response.ResponseMetadata.HTTPHeaders.x-amzn-bedrock-input-token-count
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     modelId | model_id | model | model_name | response_model | request_model
-- let:       USAGE = STRUCT(inputTokens COUNT, outputTokens COUNT, totalTokens COUNT, cacheReadInputTokenCount COUNT,
--                           cacheWriteInputTokenCount COUNT, input_tokens COUNT, output_tokens COUNT,
--                           cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT,
--                           cache_creation STRUCT(ephemeral_1h_input_tokens COUNT), service_tier VARCHAR,
--                           output_tokens_details STRUCT(thinking_tokens COUNT),
--                           prompt_tokens COUNT, completion_tokens COUNT, total_tokens COUNT)
-- let:       RESULTS = STRUCT(tokenCount COUNT, completionReason VARCHAR)[]
-- let:       METRICS = STRUCT(inputTokenCount COUNT, outputTokenCount COUNT, cacheReadInputTokenCount COUNT,
--                             cacheWriteInputTokenCount COUNT, invocationLatency VARCHAR)
-- let:       HEADERS = STRUCT(date VARCHAR, "x-amzn-bedrock-input-token-count" COUNT,
--                             "x-amzn-bedrock-output-token-count" COUNT,
--                             "x-amzn-bedrock-cache-read-input-token-count" COUNT,
--                             "x-amzn-bedrock-cache-write-input-token-count" COUNT,
--                             "x-amzn-bedrock-invocation-latency" VARCHAR)
-- let:       AWS = STRUCT(RequestId VARCHAR, HTTPHeaders HEADERS)
-- let:       REPLY = STRUCT(id VARCHAR, model VARCHAR, generation_token_count COUNT, prompt_token_count COUNT,
--                           inputTextTokenCount COUNT, results RESULTS, usage USAGE, stop_reason VARCHAR, stopReason VARCHAR,
--                           response_type VARCHAR, "amazon-bedrock-invocationMetrics" METRICS)
-- envelope:  common
-- columns:   generation_token_count COUNT, prompt_token_count COUNT, inputTextTokenCount COUNT, results RESULTS, usage USAGE,
--            stop_reason VARCHAR, stopReason VARCHAR, response_type VARCHAR, amazon-bedrock-invocationMetrics METRICS,
--            totalOutputTextTokenCount COUNT, index VARCHAR, ResponseMetadata AWS, body REPLY, error JSON,
--            response STRUCT(id VARCHAR, model VARCHAR, generation_token_count COUNT, prompt_token_count COUNT,
--                            inputTextTokenCount COUNT, results RESULTS, usage USAGE, stop_reason VARCHAR,
--                            stopReason VARCHAR, response_type VARCHAR, "amazon-bedrock-invocationMetrics" METRICS,
--                            ResponseMetadata AWS, body REPLY),
--            modelId VARCHAR, model_id VARCHAR, requestId VARCHAR
--
-- Every vendor counts in its own words: Llama beside its text, Titan with the input and for each result, Nova and Claude in
-- `usage` with cache counts beside, Mistral and others as OpenAI does. Cohere and AI21 do not count in the body: there the
-- headers of Bedrock tell, or nothing does. Of a stream only the last chunk tells: it has Bedrock's own metrics, or how it
-- ended; counts before it grow.
WITH worded AS (
    SELECT *,
        CASE WHEN response.body IS NOT NULL THEN response.body
             WHEN response IS NOT NULL
                 THEN {'id': response.id, 'model': response.model, 'generation_token_count': response.generation_token_count,
                       'prompt_token_count': response.prompt_token_count, 'inputTextTokenCount': response.inputTextTokenCount,
                       'results': response.results, 'usage': response.usage, 'stop_reason': response.stop_reason,
                       'stopReason': response.stopReason, 'response_type': response.response_type,
                       'amazon-bedrock-invocationMetrics': response."amazon-bedrock-invocationMetrics"}
             WHEN body IS NOT NULL THEN body
             ELSE {'id': id, 'model': model, 'generation_token_count': generation_token_count,
                   'prompt_token_count': prompt_token_count, 'inputTextTokenCount': inputTextTokenCount,
                   'results': results, 'usage': usage, 'stop_reason': stop_reason, 'stopReason': stopReason,
                   'response_type': response_type, 'amazon-bedrock-invocationMetrics': "amazon-bedrock-invocationMetrics"}
        END AS b,
        coalesce(response.ResponseMetadata, ResponseMetadata) AS h
    FROM records
), told AS (
    SELECT *,
        b.usage AS u,
        b."amazon-bedrock-invocationMetrics" AS x,
        list_transform(b.results, lambda r: r.tokenCount) AS made,
        regexp_replace(
            coalesce(modelId, model_id, model_text, b.model,
                     replace(nullif(regexp_extract(coalesce(uri, url, path, endpoint), '/model/([^/?#]+)/', 1), ''), '%3A', ':')),
            '^arn:.*:(?:foundation-model|inference-profile)/', '') AS called
    FROM worded
), counted AS (
    SELECT *,
        coalesce(u.inputTokens, u.input_tokens, u.prompt_tokens, b.prompt_token_count, b.inputTextTokenCount,
                 x.inputTokenCount, h.HTTPHeaders."x-amzn-bedrock-input-token-count") AS input_count,
        coalesce(u.outputTokens, u.output_tokens, u.completion_tokens, b.generation_token_count,
                 totalOutputTextTokenCount,
                 CASE WHEN len(made) = 1 THEN made[1]
                      WHEN len(made) > 1 AND len(list_filter(made, lambda n: n IS NULL OR miscounted(n))) = 0
                      THEN CAST(list_sum(list_transform(made, lambda n: whole(n))) AS COUNT) END,
                 x.outputTokenCount, h.HTTPHeaders."x-amzn-bedrock-output-token-count") AS output_count,
        coalesce(called LIKE '%embed%' OR b.response_type LIKE 'embedding%'
            OR (b.inputTextTokenCount IS NOT NULL AND b.results IS NULL AND index IS NULL), false) AS embeds
    FROM told
)
SELECT
    source_id,
    coalesce(CASE WHEN b.id LIKE 'msg\_%' ESCAPE '\' OR b.id LIKE 'chatcmpl-%' OR b.id LIKE 'cmpl-%' THEN b.id END,
             h.RequestId, requestId, request_id,
             CASE WHEN NOT regexp_full_match(id, '\d{1,12}') THEN id END) AS request_id,
    CASE WHEN x IS NULL AND totalOutputTextTokenCount IS NULL
          AND (index IS NOT NULL OR (b.generation_token_count IS NOT NULL AND b.stop_reason IS NULL))
         THEN 'a piece of a stream, no answer of its own' END AS skip,
    from_text AS started_at,
    coalesce(to_text, CAST(try_strptime(h.HTTPHeaders.date, '%a, %d %b %Y %H:%M:%S GMT') AS VARCHAR)) AS completed_at,
    coalesce(took_ms, x.invocationLatency, h.HTTPHeaders."x-amzn-bedrock-invocation-latency") AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, 'InvokeModel') AS endpoint,
    called AS model,
    coalesce(provider, 'bedrock') AS provider,
    CASE WHEN embeds THEN 'embeddings' ELSE 'chat' END AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(b.stop_reason, b.stopReason, b.results[1].completionReason,
             CASE WHEN error IS NOT NULL THEN coalesce(error ->> '$.Code', error ->> '$.code', 'error') END, status_text) AS status,
    input_count AS input_tokens,
    coalesce(u.cacheReadInputTokenCount, u.cache_read_input_tokens, x.cacheReadInputTokenCount,
             h.HTTPHeaders."x-amzn-bedrock-cache-read-input-token-count") AS cache_read_tokens,
    coalesce(u.cacheWriteInputTokenCount, u.cache_creation_input_tokens, x.cacheWriteInputTokenCount,
             h.HTTPHeaders."x-amzn-bedrock-cache-write-input-token-count") AS cache_write_tokens,
    u.cache_creation.ephemeral_1h_input_tokens AS cache_write_1h_tokens,
    CASE WHEN embeds AND input_count IS NOT NULL THEN coalesce(output_count, CAST(0 AS COUNT))
         ELSE output_count END AS output_tokens,
    u.output_tokens_details.thinking_tokens AS reasoning_tokens,
    coalesce(u.totalTokens, u.total_tokens) AS total_tokens,
    true AS cache_beside,
    u.service_tier AS service_tier
FROM counted

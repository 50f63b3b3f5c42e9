-- name:      gemini
-- title:     Gemini generateContent: replies and stream chunks of the Gemini API and Vertex AI, bare, logged, or from BigQuery
-- source:    https://ai.google.dev/api/generate-content
--            https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/request-response-logging
-- container: json
-- needs:     a time: `--set time=…` where a reply has no createTime
-- evidence:  usageMetadata | response.usageMetadata | response.body.usageMetadata | body.usageMetadata | message.usageMetadata |
--            result.usageMetadata | data.usageMetadata | usage_metadata | response.usage_metadata | full_response |
--            predictions | response.predictions | error.status | response.error.status | response.body.error.status |
--            body.error.status = *TokenCount* | *oken_count* | *rafficType* | *input_tokens* | INVALID_ARGUMENT |
--            FAILED_PRECONDITION | PERMISSION_DENIED | UNAUTHENTICATED | NOT_FOUND | RESOURCE_EXHAUSTED | INTERNAL |
--            UNAVAILABLE | DEADLINE_EXCEEDED | CANCELLED
-- evidence:  candidates | modelVersion | responseId | promptFeedback | response.candidates | response.modelVersion |
--            response.responseId | response.promptFeedback | response.body.candidates | response.body.modelVersion |
--            body.candidates | body.modelVersion | message.candidates | message.modelVersion | result.candidates |
--            result.modelVersion | data.candidates | data.modelVersion | model_version | response.model_version |
--            full_response | embedding | embeddings | response.embedding | response.embeddings | predictions | response.predictions |
--            error.code | response.error.code | response.body.error.code | body.error.code
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime |
--            createTime | logging_time | processed_time
-- model:     modelVersion | model | model_name | response_model | request_model | url
-- let:       DETAIL = STRUCT(modality VARCHAR, tokenCount COUNT, token_count COUNT)[]
-- let:       META = STRUCT(promptTokenCount COUNT, toolUsePromptTokenCount COUNT, candidatesTokenCount COUNT,
--                          responseTokenCount COUNT, thoughtsTokenCount COUNT, cachedContentTokenCount COUNT,
--                          totalTokenCount COUNT, trafficType VARCHAR, serviceTier VARCHAR,
--                          promptTokensDetails DETAIL, cacheTokensDetails DETAIL, candidatesTokensDetails DETAIL,
--                          responseTokensDetails DETAIL,
--                          prompt_token_count COUNT, tool_use_prompt_token_count COUNT, candidates_token_count COUNT,
--                          thoughts_token_count COUNT, cached_content_token_count COUNT, total_token_count COUNT,
--                          traffic_type VARCHAR,
--                          prompt_tokens_details DETAIL, cache_tokens_details DETAIL, candidates_tokens_details DETAIL)
-- let:       CANDIDATES = STRUCT(finishReason VARCHAR, finish_reason VARCHAR,
--                                content STRUCT(parts STRUCT(functionCall STRUCT(name VARCHAR))[]),
--                                groundingMetadata STRUCT(webSearchQueries VARCHAR[]),
--                                grounding_metadata STRUCT(web_search_queries VARCHAR[]))[]
-- let:       PREDICTIONS = STRUCT(embeddings STRUCT(statistics STRUCT(token_count COUNT)))[]
-- let:       REPLY = STRUCT(responseId VARCHAR, response_id VARCHAR, modelVersion VARCHAR, model_version VARCHAR,
--                           createTime VARCHAR, create_time VARCHAR, candidates CANDIDATES,
--                           promptFeedback STRUCT(blockReason VARCHAR), usageMetadata META, usage_metadata META,
--                           totalTokens COUNT, predictions PREDICTIONS, error JSON)
-- envelope:  common
-- columns:   responseId VARCHAR, response_id VARCHAR, modelVersion VARCHAR, model_version VARCHAR, createTime VARCHAR,
--            create_time VARCHAR, candidates CANDIDATES, promptFeedback STRUCT(blockReason VARCHAR), usageMetadata META,
--            usage_metadata META, totalTokens COUNT, predictions PREDICTIONS, error JSON, usage JSON,
--            response STRUCT(responseId VARCHAR, response_id VARCHAR, modelVersion VARCHAR, model_version VARCHAR,
--                            createTime VARCHAR, create_time VARCHAR, candidates CANDIDATES,
--                            promptFeedback STRUCT(blockReason VARCHAR), usageMetadata META, usage_metadata META,
--                            totalTokens COUNT, predictions PREDICTIONS, error JSON, usage JSON, body REPLY),
--            body REPLY, message REPLY, result REPLY, data REPLY, full_response JSON,
--            logging_time VARCHAR, processed_time VARCHAR, api_method VARCHAR, key VARCHAR, metadata JSON
--
-- Cached tokens are inside promptTokenCount. What tools put into the prompt and what the model thought stand beside, and
-- the total holds all. Counts of 0 are left out by the API, so an absent one is 0 where the prompt's is there.
-- Every chunk of a stream repeats the counts from the beginning under the same responseId: the largest tells. Where there
-- is no id, the chunk with a finishReason tells. BigQuery keeps a whole stream as a list: its last counts tell. A batch
-- costs half: Vertex AI's results have a processed_time, those of the Gemini API a `key` beside the response, or in `metadata`
-- there where the answers stood in a reply, and no time.
-- Of what was searched for only the number is taken: since Gemini 3 each search is billed, before that each answer that
-- was grounded in any.
WITH worded AS (
    SELECT *,
        coalesce("key", metadata ->> '$.key') AS batch_key,
        CASE
            WHEN response.body.usageMetadata IS NOT NULL OR response.body.usage_metadata IS NOT NULL OR response.body.error IS NOT NULL
                THEN response.body
            WHEN response.usageMetadata IS NOT NULL OR response.usage_metadata IS NOT NULL OR response.error IS NOT NULL
              OR response.candidates IS NOT NULL OR response.totalTokens IS NOT NULL OR response.predictions IS NOT NULL
                THEN {'responseId': response.responseId, 'response_id': response.response_id, 'modelVersion': response.modelVersion,
                      'model_version': response.model_version, 'createTime': response.createTime,
                      'create_time': response.create_time, 'candidates': response.candidates,
                      'promptFeedback': response.promptFeedback, 'usageMetadata': response.usageMetadata,
                      'usage_metadata': response.usage_metadata, 'totalTokens': response.totalTokens,
                      'predictions': response.predictions, 'error': response.error}
            WHEN body.usageMetadata IS NOT NULL OR body.error IS NOT NULL THEN body
            WHEN message.usageMetadata IS NOT NULL THEN message
            WHEN result.usageMetadata IS NOT NULL THEN result
            WHEN data.usageMetadata IS NOT NULL THEN data
            ELSE {'responseId': responseId, 'response_id': response_id, 'modelVersion': modelVersion,
                  'model_version': CASE WHEN full_response IS NULL THEN model_version END, 'createTime': createTime,
                  'create_time': create_time, 'candidates': candidates, 'promptFeedback': promptFeedback,
                  'usageMetadata': usageMetadata, 'usage_metadata': usage_metadata, 'totalTokens': totalTokens,
                  'predictions': predictions, 'error': error}
        END AS g,
        -- A column of JSON comes from BigQuery as JSON or as text that holds it.
        CASE json_type(full_response) WHEN 'VARCHAR' THEN TRY_CAST(full_response ->> '$' AS JSON) ELSE full_response END AS kept
    FROM records
), unpacked AS (
    -- Only the named keys are taken out of a kept reply, of each chunk where it is a list of them.
    SELECT *,
        coalesce((kept -> '$[*].usageMetadata')[-1], kept -> '$.usageMetadata') AS k,
        kept -> '$.usage' AS a,  -- Claude on Vertex AI answers in Anthropic's shape
        coalesce((kept ->> '$[*].responseId')[1], kept ->> '$.responseId', kept ->> '$.id') AS kept_id,
        coalesce((kept ->> '$[*].modelVersion')[1], kept ->> '$.modelVersion', kept ->> '$.model') AS kept_model,
        coalesce((kept ->> '$[*].createTime')[1], kept ->> '$.createTime') AS kept_time,
        coalesce((kept ->> '$[*].candidates[0].finishReason')[-1], kept ->> '$.candidates[0].finishReason',
                 kept ->> '$.stop_reason') AS kept_stop,
        coalesce(kept ->> '$.error.status', kept ->> '$[0].error.status') AS kept_failure
    FROM worded
), counted AS (
    SELECT *,
        coalesce(g.usageMetadata.promptTokenCount, g.usage_metadata.prompt_token_count,
                 CAST(k ->> '$.promptTokenCount' AS COUNT)) AS prompt,
        coalesce(g.usageMetadata.toolUsePromptTokenCount, g.usage_metadata.tool_use_prompt_token_count,
                 CAST(k ->> '$.toolUsePromptTokenCount' AS COUNT)) AS tools,
        coalesce(g.usageMetadata.candidatesTokenCount, g.usageMetadata.responseTokenCount, g.usage_metadata.candidates_token_count,
                 CAST(k ->> '$.candidatesTokenCount' AS COUNT)) AS answer,
        coalesce(g.usageMetadata.thoughtsTokenCount, g.usage_metadata.thoughts_token_count,
                 CAST(k ->> '$.thoughtsTokenCount' AS COUNT)) AS thoughts,
        coalesce(g.usageMetadata.cachedContentTokenCount, g.usage_metadata.cached_content_token_count,
                 CAST(k ->> '$.cachedContentTokenCount' AS COUNT)) AS cached,
        coalesce(g.usageMetadata.totalTokenCount, g.usage_metadata.total_token_count,
                 CAST(k ->> '$.totalTokenCount' AS COUNT)) AS total,
        coalesce(g.usageMetadata.trafficType, g.usage_metadata.traffic_type, k ->> '$.trafficType') AS traffic,
        coalesce(nullif(g.responseId, ''), nullif(g.response_id, ''), nullif(kept_id, '')) AS reply_id,
        coalesce(g.createTime, g.create_time, kept_time) AS created_text,
        coalesce(g.candidates[1].finishReason, g.candidates[1].finish_reason, g.promptFeedback.blockReason, kept_stop) AS stopped,
        CASE WHEN g.error IS NOT NULL THEN coalesce(g.error ->> '$.status', g.error ->> '$.error.status', 'error')
             ELSE kept_failure END AS failure,
        -- What is not text, by modality; each has one entry.
        list_filter(coalesce(g.usageMetadata.promptTokensDetails, g.usage_metadata.prompt_tokens_details,
                             CAST(k -> '$.promptTokensDetails' AS DETAIL)), lambda d: d.modality IN ('AUDIO', 'IMAGE')) AS heard,
        list_filter(coalesce(g.usageMetadata.cacheTokensDetails, g.usage_metadata.cache_tokens_details,
                             CAST(k -> '$.cacheTokensDetails' AS DETAIL)), lambda d: d.modality IN ('AUDIO', 'IMAGE')) AS kept_apart,
        list_filter(coalesce(g.usageMetadata.candidatesTokensDetails, g.usageMetadata.responseTokensDetails,
                             g.usage_metadata.candidates_tokens_details,
                             CAST(k -> '$.candidatesTokensDetails' AS DETAIL)), lambda d: d.modality IN ('AUDIO', 'IMAGE')) AS spoken,
        coalesce(len(list_filter(g.candidates[1].groundingMetadata.webSearchQueries, lambda q: q <> '')),
                 len(list_filter(g.candidates[1].grounding_metadata.web_search_queries, lambda q: q <> '')),
                 json_array_length(coalesce((kept -> '$[*].candidates[0].groundingMetadata.webSearchQueries')[-1],
                                            kept -> '$.candidates[0].groundingMetadata.webSearchQueries'))) AS queries,
        -- An embedding has counts for each of its texts, and no output.
        list_transform(g.predictions, lambda p: p.embeddings.statistics.token_count) AS texts
    FROM unpacked
), named_one AS (
    SELECT *,
        regexp_replace(coalesce(nullif(g.modelVersion, ''), nullif(g.model_version, ''), nullif(kept_model, ''), model_text,
                                nullif(regexp_extract(coalesce(url, uri, path, endpoint), '/models/([^:/?#]+)', 1), '')),
                       '^.*models/', '') AS served,
        coalesce(from_text, created_text, logging_time, processed_time) AS at_text,
        prompt IS NULL AND answer IS NULL AND total IS NULL AS blank
    FROM counted
)
SELECT
    source_id,
    coalesce(reply_id,
             CASE WHEN created_text IS NOT NULL THEN concat_ws(':', 'gemini', created_text, served) END,
             CASE WHEN kept IS NOT NULL THEN 'vertex:' || request_id
                  WHEN NOT regexp_full_match(request_id, '\d{1,12}') THEN request_id END,
             CASE WHEN NOT regexp_full_match(id, '\d{1,12}') THEN id END) AS request_id,
    CASE WHEN batch_key IS NOT NULL AND blank AND g.error IS NOT NULL AND served IS NULL AND from_text IS NULL
              THEN 'a batch request that failed before any model'
         WHEN blank AND g.totalTokens IS NOT NULL THEN 'a count of tokens, no answer of a model'
         WHEN reply_id IS NULL AND created_text IS NULL AND request_id IS NULL AND id IS NULL AND g.candidates IS NOT NULL
          AND stopped IS NULL THEN 'a piece of a stream, no answer of its own' END AS skip,
    CASE WHEN blank AND texts IS NULL AND a IS NULL AND coalesce(usage, response.usage) IS NOT NULL
         THEN 'its usage is not that of a Gemini reply (looked for usageMetadata)' END AS refusal,
    at_text AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, api_method, CASE WHEN texts IS NULL THEN 'generateContent' ELSE 'predict' END) AS endpoint,
    served AS model,
    coalesce(provider, 'google') AS provider,
    CASE WHEN texts IS NOT NULL OR served LIKE '%embed%' THEN 'embeddings' ELSE 'chat' END AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(failure, stopped, nullif(status_text, '')) AS status,
    CASE WHEN texts IS NOT NULL AND len(texts) = len(list_filter(texts, lambda t: t IS NOT NULL AND NOT miscounted(t)))
             THEN CAST(list_sum(list_transform(texts, lambda t: whole(t))) AS COUNT)
         WHEN tools IS NOT NULL AND NOT miscounted(prompt) AND NOT miscounted(tools)
             THEN CAST(whole(prompt) + whole(tools) AS COUNT)
         WHEN a IS NOT NULL THEN CAST(a ->> '$.input_tokens' AS COUNT)
         ELSE coalesce(tools, prompt) END AS input_tokens,
    CASE WHEN a IS NOT NULL THEN CAST(a ->> '$.cache_read_input_tokens' AS COUNT)
         WHEN prompt IS NOT NULL THEN coalesce(cached, CAST(0 AS COUNT)) ELSE cached END AS cache_read_tokens,
    CAST(a ->> '$.cache_creation_input_tokens' AS COUNT) AS cache_write_tokens,
    CASE WHEN measure(a ->> '$.cache_creation.ephemeral_1h_input_tokens') <= measure(a ->> '$.cache_creation_input_tokens')
         THEN a ->> '$.cache_creation.ephemeral_1h_input_tokens' END AS cache_write_1h_tokens,
    CASE WHEN texts IS NOT NULL THEN CAST(0 AS COUNT)
         WHEN a IS NOT NULL THEN CAST(a ->> '$.output_tokens' AS COUNT)
         WHEN NOT blank THEN coalesce(answer, CAST(0 AS COUNT)) END AS output_tokens,
    CASE WHEN NOT blank THEN coalesce(thoughts, CAST(0 AS COUNT)) END AS reasoning_tokens,
    total AS total_tokens,
    a IS NOT NULL AS cache_beside,
    true AS reasoning_beside,
    CASE WHEN processed_time IS NOT NULL THEN 'batch'
         WHEN traffic IN ('ON_DEMAND', '1') THEN 'standard'
         WHEN traffic IN ('PROVISIONED_THROUGHPUT', '2') THEN 'provisioned_throughput'
         WHEN traffic IS NULL AND g.usageMetadata.serviceTier IS NULL AND batch_key IS NOT NULL AND response IS NOT NULL
          AND from_text IS NULL AND to_text IS NULL THEN 'batch'
         ELSE lower(coalesce(regexp_replace(traffic, '^ON_DEMAND_', ''), g.usageMetadata.serviceTier, k ->> '$.serviceTier')) END
        AS service_tier,
    CASE WHEN a IS NOT NULL THEN CAST(a ->> '$.server_tool_use.web_search_requests' AS BIGINT)
         WHEN queries > 0 THEN CASE WHEN regexp_matches(served, '^gemini-[12]\D') THEN 1 ELSE queries END END AS searches,
    len(list_filter(flatten(list_transform(g.candidates, lambda c: c.content.parts)), lambda part: part.functionCall IS NOT NULL))
        AS tool_calls,
    of_modality(heard, 'AUDIO') AS input_audio_tokens,
    of_modality(heard, 'IMAGE') AS input_image_tokens,
    of_modality(kept_apart, 'AUDIO') AS cache_read_audio_tokens,
    of_modality(kept_apart, 'IMAGE') AS cache_read_image_tokens,
    of_modality(spoken, 'AUDIO') AS output_audio_tokens,
    of_modality(spoken, 'IMAGE') AS output_image_tokens
FROM named_one

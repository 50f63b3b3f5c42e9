-- name:      gemini-batch
-- title:     Gemini batches whose answers stand in the reply itself: operations of the API, jobs of its SDK
-- source:    https://ai.google.dev/api/batch-api
--            https://github.com/googleapis/python-genai/blob/main/google/genai/batches.py
-- container: json
-- grain:     split
-- evidence:  name = batches/* | operations/*
-- evidence:  metadata.state | metadata.batchStats | metadata.createTime | state | create_time
-- evidence:  metadata.model | metadata.@type | model | response.inlinedResponses | metadata.output
-- time:      metadata.endTime | metadata.updateTime | metadata.createTime | end_time | update_time | create_time
-- model:     metadata.model | model
-- let:       DETAIL = STRUCT(modality VARCHAR, tokenCount COUNT, token_count COUNT)[]
-- let:       META = STRUCT(promptTokenCount COUNT, toolUsePromptTokenCount COUNT, candidatesTokenCount COUNT,
--                          thoughtsTokenCount COUNT, cachedContentTokenCount COUNT, totalTokenCount COUNT,
--                          promptTokensDetails DETAIL, cacheTokensDetails DETAIL, candidatesTokensDetails DETAIL,
--                          prompt_token_count COUNT, tool_use_prompt_token_count COUNT, candidates_token_count COUNT,
--                          thoughts_token_count COUNT, cached_content_token_count COUNT, total_token_count COUNT,
--                          prompt_tokens_details DETAIL, cache_tokens_details DETAIL, candidates_tokens_details DETAIL)
-- let:       ANSWER = STRUCT(response STRUCT(responseId VARCHAR, response_id VARCHAR, modelVersion VARCHAR, model_version VARCHAR,
--                                candidates STRUCT(finishReason VARCHAR, finish_reason VARCHAR,
--                                    content STRUCT(parts STRUCT(functionCall STRUCT(name VARCHAR), function_call STRUCT(name VARCHAR))[]),
--                                    groundingMetadata STRUCT(webSearchQueries VARCHAR[]),
--                                    grounding_metadata STRUCT(web_search_queries VARCHAR[]))[],
--                                promptFeedback STRUCT(blockReason VARCHAR), usageMetadata META, usage_metadata META))[]
-- let:       ANSWERS = STRUCT(inlinedResponses STRUCT(inlinedResponses ANSWER))
-- columns:   name VARCHAR, model VARCHAR, state VARCHAR, create_time VARCHAR, update_time VARCHAR, end_time VARCHAR,
--            metadata STRUCT(model VARCHAR, state VARCHAR, displayName VARCHAR, createTime VARCHAR, updateTime VARCHAR, endTime VARCHAR,
--                            output ANSWERS),
--            response ANSWERS, dest STRUCT(inlined_responses ANSWER), display_name VARCHAR
--
-- The operation repeats in `metadata.output` what its `response` holds: one of them is read. What its answers leave out, the
-- batch says of all of them: the model, and as their time when it ended. Answers mean what they mean in a log of replies
-- (see `gemini`), at the batch's half price. A request that failed has no answer, and is no call.
WITH operation AS (
    SELECT *,
        list_filter(coalesce(response.inlinedResponses.inlinedResponses, metadata.output.inlinedResponses.inlinedResponses,
                             dest.inlined_responses), lambda one: one.response IS NOT NULL) AS answers,
        coalesce(metadata.state, state) AS stage
    FROM records
), answered AS (
    SELECT *, answers[place].response AS g
    FROM (SELECT *, unnest(CASE WHEN len(answers) > 0 THEN range(1, len(answers) + 1) ELSE [1] END) AS place FROM operation)
), counted AS (
    SELECT *,
        coalesce(g.usageMetadata.promptTokenCount, g.usage_metadata.prompt_token_count) AS prompt,
        coalesce(g.usageMetadata.toolUsePromptTokenCount, g.usage_metadata.tool_use_prompt_token_count) AS tools,
        coalesce(g.usageMetadata.candidatesTokenCount, g.usage_metadata.candidates_token_count) AS answer,
        coalesce(g.usageMetadata.thoughtsTokenCount, g.usage_metadata.thoughts_token_count) AS thoughts,
        coalesce(g.usageMetadata.cachedContentTokenCount, g.usage_metadata.cached_content_token_count) AS cached,
        coalesce(g.usageMetadata.totalTokenCount, g.usage_metadata.total_token_count) AS total,
        prompt IS NULL AND answer IS NULL AND total IS NULL AS blank,
        coalesce(g.usageMetadata.promptTokensDetails, g.usage_metadata.prompt_tokens_details) AS heard,
        coalesce(g.usageMetadata.cacheTokensDetails, g.usage_metadata.cache_tokens_details) AS kept,
        coalesce(g.usageMetadata.candidatesTokensDetails, g.usage_metadata.candidates_tokens_details) AS spoken,
        regexp_replace(coalesce(nullif(g.modelVersion, ''), nullif(g.model_version, ''), metadata.model, model), '^.*models/', '') AS served,
        len(coalesce(g.candidates[1].groundingMetadata.webSearchQueries, g.candidates[1].grounding_metadata.web_search_queries)) AS queries
    FROM answered
)
SELECT
    source_id, record, CASE WHEN place = 1 THEN 1 ELSE 0 END AS records,
    coalesce(nullif(g.responseId, ''), nullif(g.response_id, ''), name || ':' || place) AS request_id,
    CASE WHEN len(answers) > 0 THEN NULL
         WHEN regexp_matches(stage, '(PENDING|RUNNING|QUEUED|PAUSED|UPDATING)$') THEN 'a batch that has not ended'
         WHEN regexp_matches(stage, '(FAILED|CANCELLED|CANCELLING|EXPIRED)$') THEN 'a batch that came to no answer'
         ELSE 'a batch whose answers stand elsewhere' END AS skip,
    coalesce(metadata.endTime, metadata.updateTime, metadata.createTime, end_time, update_time, create_time) AS started_at,
    'batchGenerateContent' AS endpoint,
    served AS model,
    'google' AS provider,
    CASE WHEN served LIKE '%embed%' THEN 'embeddings' ELSE 'chat' END AS operation,
    coalesce(g.candidates[1].finishReason, g.candidates[1].finish_reason, g.promptFeedback.blockReason) AS status,
    CASE WHEN tools IS NOT NULL AND NOT miscounted(prompt) AND NOT miscounted(tools) THEN CAST(whole(prompt) + whole(tools) AS COUNT)
         ELSE coalesce(tools, prompt) END AS input_tokens,
    CASE WHEN prompt IS NOT NULL THEN coalesce(cached, CAST(0 AS COUNT)) ELSE cached END AS cache_read_tokens,
    CASE WHEN NOT blank THEN coalesce(answer, CAST(0 AS COUNT)) END AS output_tokens,
    CASE WHEN NOT blank THEN coalesce(thoughts, CAST(0 AS COUNT)) END AS reasoning_tokens,
    total AS total_tokens,
    true AS reasoning_beside,
    'batch' AS service_tier,
    len(list_filter(flatten(list_transform(g.candidates, lambda c: c.content.parts)),
        lambda part: part.functionCall IS NOT NULL OR part.function_call IS NOT NULL)) AS tool_calls,
    CASE WHEN queries > 0 THEN CASE WHEN regexp_matches(served, '^gemini-[12]\D') THEN 1 ELSE queries END END AS searches,
    of_modality(heard, 'AUDIO') AS input_audio_tokens,
    of_modality(heard, 'IMAGE') AS input_image_tokens,
    of_modality(kept, 'AUDIO') AS cache_read_audio_tokens,
    of_modality(kept, 'IMAGE') AS cache_read_image_tokens,
    of_modality(spoken, 'AUDIO') AS output_audio_tokens,
    of_modality(spoken, 'IMAGE') AS output_image_tokens
FROM counted

-- name:      generic
-- title:     Any JSON lines or CSV that name a time, a model and token counts in common words
-- source:    README.md, section "Logs in your own words"
-- container: json csv
-- rank:      last
-- evidence:  model | model_name | response_model | request_model | model_id | modelId | modelName | model_version | llm_model |
--            ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime |
--            @timestamp | logged_at | createdAt | startedAt | asctime | usage | token_usage | usage_metadata |
--            input_tokens | prompt_tokens | tokens_in | tokens_prompt | promptTokens | inputTokens | ContextTokens | input_length
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime |
--            @timestamp | logged_at | createdAt | startedAt | asctime
-- model:     model | model_name | response_model | request_model | model_id | modelId | modelName | model_version | llm_model
-- anew:      cache_read_input_tokens | cacheReadTokens | cache_read | cacheRead |
--            usage.cacheReadTokens | usage.cache_read | usage.cacheRead
-- let:       READ = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, cache_creation_input_tokens COUNT,
--                          cache_creation_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, thinking_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       TOLD = STRUCT(cached_tokens COUNT, cache_read COUNT, cache_creation COUNT, audio_tokens COUNT, image_tokens COUNT,
--                          cached_tokens_details STRUCT(audio_tokens COUNT, image_tokens COUNT))
-- let:       SPOKEN = STRUCT(audio_tokens COUNT, reasoning COUNT)
-- let:       USAGE = STRUCT(prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT,
--                           total_tokens COUNT, prompt_cache_hit_tokens COUNT, prompt_cache_miss_tokens COUNT,
--                           cached_tokens COUNT, num_cached_tokens COUNT, cache_read_tokens COUNT, cache_write_tokens COUNT,
--                           cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT, reasoning_tokens COUNT,
--                           cached_input_tokens COUNT, cached_prompt_tokens COUNT, cache_creation_tokens COUNT,
--                           cache_read COUNT, cache_write COUNT, thinking_tokens COUNT,
--                           input COUNT, output COUNT, prompt COUNT, completion COUNT, total COUNT, reasoning COUNT,
--                           prompt_tokens_details READ, input_tokens_details READ,
--                           completion_tokens_details MADE, output_tokens_details MADE,
--                           input_token_details TOLD, output_token_details SPOKEN,
--                           promptTokenCount COUNT, candidatesTokenCount COUNT, thoughtsTokenCount COUNT,
--                           toolUsePromptTokenCount COUNT, cachedContentTokenCount COUNT, totalTokenCount COUNT,
--                           inputTokens COUNT, outputTokens COUNT, totalTokens COUNT, cachedInputTokens COUNT,
--                           cacheReadInputTokens COUNT, cacheWriteInputTokens COUNT, reasoningTokens COUNT,
--                           promptTokens COUNT, completionTokens COUNT, cachedTokens COUNT, cachedPromptTokens COUNT,
--                           cacheReadTokens COUNT, cacheWriteTokens COUNT, cacheCreationTokens COUNT,
--                           cacheCreationInputTokens COUNT, cacheRead COUNT, cacheWrite COUNT,
--                           prompt_token_count COUNT, candidates_token_count COUNT, thoughts_token_count COUNT,
--                           tool_use_prompt_token_count COUNT, cached_content_token_count COUNT, total_token_count COUNT,
--                           cache_creation STRUCT(ephemeral_5m_input_tokens COUNT, ephemeral_1h_input_tokens COUNT),
--                           service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT))
-- let:       REPLY = STRUCT(id VARCHAR, usage VARCHAR, service_tier VARCHAR)
-- envelope:  common
-- columns:   response_id VARCHAR, generation_id VARCHAR,
--            finish_reason VARCHAR, error VARCHAR, service_tier VARCHAR,
--            app_name VARCHAR, caller VARCHAR, purpose VARCHAR, use_case VARCHAR, agent_name VARCHAR, agent VARCHAR, component VARCHAR,
--            service VARCHAR, tag VARCHAR,
--            model_id VARCHAR, modelId VARCHAR, modelName VARCHAR, model_version VARCHAR, llm_model VARCHAR,
--            usage USAGE, usageMetadata VARCHAR, usage_metadata VARCHAR, token_usage VARCHAR, tokens VARCHAR, tokens_used VARCHAR,
--            response STRUCT(id VARCHAR, usage VARCHAR, service_tier VARCHAR, body REPLY),
--            body REPLY, message REPLY,
--            result STRUCT(usage VARCHAR), data STRUCT(usage VARCHAR),
--            prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--            prompt_cache_hit_tokens COUNT, prompt_cache_miss_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--            cache_read_tokens COUNT, cache_write_tokens COUNT, cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT,
--            cache_write_1h_tokens COUNT, reasoning_tokens COUNT, prompt_tokens_details READ, input_tokens_details READ,
--            completion_tokens_details MADE, output_tokens_details MADE, input_token_details TOLD, output_token_details SPOKEN,
--            tokens_in COUNT, tokens_prompt COUNT, promptTokens COUNT, inputTokens COUNT, ContextTokens COUNT, input_length COUNT,
--            in_tokens COUNT, tokens_input COUNT, tokensIn COUNT, input_token_count COUNT, prompt_token_count COUNT,
--            tokens_out COUNT, tokens_completion COUNT, completionTokens COUNT, outputTokens COUNT, GeneratedTokens COUNT, output_length COUNT,
--            out_tokens COUNT, tokens_output COUNT, tokensOut COUNT, output_token_count COUNT, answer_tokens COUNT, generated_tokens COUNT,
--            candidates_token_count COUNT, candidates_tokens COUNT,
--            tokens_cached COUNT, cachedInputTokens COUNT, cache_hit_tokens COUNT, cache_miss_tokens COUNT,
--            cached_input_tokens COUNT, input_cached_tokens COUNT, cached_prompt_tokens COUNT, prompt_cached_tokens COUNT,
--            cachedTokens COUNT, cached_content_token_count COUNT,
--            cacheReadTokens COUNT, cacheReadInputTokens COUNT, cache_read VARCHAR, cacheRead VARCHAR,
--            cache_creation_tokens COUNT, cacheCreationTokens COUNT, cacheCreationInputTokens COUNT, cacheWriteTokens COUNT,
--            cache_write VARCHAR, cacheWrite VARCHAR, cache_create VARCHAR,
--            tokens_reasoning COUNT, reasoningTokens COUNT, thinking_tokens COUNT, thinkingTokens COUNT, thoughts_tokens COUNT,
--            thoughts_token_count COUNT, totalTokens COUNT, total_token_count COUNT, tokens_total COUNT, tool_calls VARCHAR,
--            cost VARCHAR, cost_usd VARCHAR, spend VARCHAR, total_cost VARCHAR, response_cost VARCHAR,
--            costUSD VARCHAR, total_cost_usd VARCHAR, estimated_cost_usd VARCHAR, estimated_cost VARCHAR,
--            hash_ids VARCHAR[], prefix_blocks VARCHAR[], block_size INTEGER
--
-- A usage object keeps its provider's own rule: Anthropic's and Bedrock's cache counts stand beside the input, Gemini's
-- thoughts beside the output, everybody else's inside. Flat columns mean what their words say: cached is part of the
-- input, unless Anthropic's words tell of more than that in any record of the log and model. Where a total is given, it
-- decides.
WITH worded AS (
    SELECT *,
        -- Elsewhere than at the top usage is read as text, and taken apart only where there is some: that is cheaper.
        coalesce(usage, COUNT_CAST(TRY_CAST(coalesce(response.usage, response.body.usage, body.usage, message.usage, result.usage,
                                                   data.usage, usageMetadata, usage_metadata, token_usage,
                                                   -- Elsewhere `tokens` are a number, or the tokens themselves.
                                                   CASE WHEN starts_with(tokens, '{') THEN tokens END,
                                                   CASE WHEN starts_with(tokens_used, '{') THEN tokens_used END) AS JSON) AS USAGE)) AS u,
        -- In flat columns these may be a word of a cache of answers, too.
        CASE WHEN regexp_full_match(coalesce(cache_read, cacheRead), '[0-9]{1,15}(\.0)?')
             THEN CAST(whole(coalesce(cache_read, cacheRead)) AS COUNT) END AS reads,
        CASE WHEN regexp_full_match(coalesce(cache_write, cacheWrite, cache_create), '[0-9]{1,15}(\.0)?')
             THEN CAST(whole(coalesce(cache_write, cacheWrite, cache_create)) AS COUNT) END AS writes,
        coalesce(model_text, model_id, modelId, modelName, model_version, llm_model) AS called,
        coalesce(request_id, id, response_id, generation_id, response.id, response.body.id, body.id, message.id) AS identity
    FROM records
), counted AS (
    SELECT *,
        coalesce(u.prompt_tokens, u.input_tokens, u.inputTokens, u.promptTokens, u.promptTokenCount, u.prompt_token_count,
                 u.input, u.prompt,
                 prompt_tokens, input_tokens, tokens_in, tokens_prompt, promptTokens, inputTokens, ContextTokens, input_length,
                 in_tokens, tokens_input, tokensIn, input_token_count, prompt_token_count) AS input_count,
        coalesce(u.completion_tokens, u.output_tokens, u.outputTokens, u.completionTokens, u.candidatesTokenCount, u.candidates_token_count,
                 u.output, u.completion,
                 completion_tokens, output_tokens, tokens_out, tokens_completion, completionTokens, outputTokens, GeneratedTokens, output_length,
                 out_tokens, tokens_output, tokensOut, output_token_count, answer_tokens, generated_tokens,
                 candidates_token_count, candidates_tokens) AS output_count,
        coalesce(u.prompt_cache_hit_tokens, u.prompt_tokens_details.cached_tokens, u.input_tokens_details.cached_tokens,
                 u.input_token_details.cached_tokens, u.input_token_details.cache_read, u.cache_read_tokens, u.cache_read_input_tokens,
                 u.cached_tokens, u.num_cached_tokens, u.cachedInputTokens, u.cacheReadInputTokens, u.cachedContentTokenCount,
                 u.cached_input_tokens, u.cached_prompt_tokens, u.cachedTokens, u.cachedPromptTokens, u.cacheReadTokens,
                 u.cached_content_token_count, u.cache_read, u.cacheRead,
                 prompt_cache_hit_tokens, prompt_tokens_details.cached_tokens, input_tokens_details.cached_tokens,
                 input_token_details.cached_tokens, input_token_details.cache_read, cache_read_tokens,
                 cached_tokens, cache_read_input_tokens, tokens_cached, cachedInputTokens, cache_hit_tokens, num_cached_tokens,
                 cached_input_tokens, input_cached_tokens, cached_prompt_tokens, prompt_cached_tokens, cachedTokens,
                 cached_content_token_count, cacheReadTokens, cacheReadInputTokens, reads) AS read_count,
        coalesce(u.prompt_cache_miss_tokens, prompt_cache_miss_tokens, cache_miss_tokens) AS miss_count,
        coalesce(u.cache_creation_input_tokens, u.cache_write_tokens, u.cacheWriteInputTokens, u.prompt_tokens_details.cache_write_tokens,
                 u.prompt_tokens_details.cache_creation_input_tokens, u.input_tokens_details.cache_write_tokens,
                 u.prompt_tokens_details.cache_creation_tokens, u.input_token_details.cache_creation,
                 u.cache_creation_tokens, u.cacheCreationTokens, u.cacheCreationInputTokens, u.cacheWriteTokens, u.cache_write, u.cacheWrite,
                 cache_write_tokens, cache_creation_input_tokens, prompt_tokens_details.cache_write_tokens,
                 input_tokens_details.cache_write_tokens, input_token_details.cache_creation,
                 cache_creation_tokens, cacheCreationTokens, cacheCreationInputTokens, cacheWriteTokens, writes) AS write_count,
        -- Words of Anthropic's and of those who took its words over: what they tell may be no part of the input.
        coalesce(u.cache_creation_tokens, u.cacheCreationTokens, u.cacheCreationInputTokens, u.cacheReadTokens, u.cacheWriteTokens,
                 u.cache_read, u.cache_write, u.cacheRead, u.cacheWrite,
                 cache_read_input_tokens, cache_creation_input_tokens, cache_creation_tokens, cacheCreationTokens,
                 cacheCreationInputTokens, cacheReadInputTokens, cacheReadTokens, cacheWriteTokens, reads, writes) IS NOT NULL AS loose,
        u.cache_creation AS lived,
        coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens,
                 u.output_tokens_details.thinking_tokens, u.output_token_details.reasoning, u.reasoning_tokens, u.reasoningTokens,
                 u.thoughtsTokenCount, u.thoughts_token_count, u.thinking_tokens, u.reasoning,
                 reasoning_tokens, completion_tokens_details.reasoning_tokens, output_tokens_details.reasoning_tokens,
                 output_token_details.reasoning, tokens_reasoning, reasoningTokens, thinking_tokens, thinkingTokens, thoughts_tokens,
                 thoughts_token_count) AS reasoning_count,
        coalesce(u.toolUsePromptTokenCount, u.tool_use_prompt_token_count) AS tool_count
    FROM worded
)
SELECT
    source_id,
    -- A running number is no identity by itself: two logs count from one. Nor is the id that a server of one's own gives to
    -- all replies. With its instant and counts it is.
    CASE WHEN strlen(identity) <= 20 AND regexp_full_match(identity,
              '\d{1,12}|((chat)?cmpl-)?(stub|static|default|string|placeholder|dummy|mock)')
         THEN concat_ws(':', 'n', identity, from_text, called, input_count, output_count) ELSE nullif(identity, '') END AS request_id,
    from_text AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, app_name, CASE WHEN NOT regexp_full_match(caller, '.*\.[a-z]+:[0-9]+') THEN caller END, purpose, use_case, agent_name, agent, component, service, tag) AS endpoint,
    called AS model,
    provider,
    operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(status_text, nullif(finish_reason, ''), CASE WHEN erred(error) THEN 'error' END) AS status,
    -- DeepSeek's hits and misses add up to its input.
    CASE WHEN input_count IS NULL AND read_count IS NOT NULL AND NOT miscounted(read_count) AND NOT miscounted(miss_count)
         THEN CAST(whole(read_count) + whole(miss_count) AS COUNT)
         -- What Gemini's tools put into the prompt stands beside it.
         WHEN tool_count IS NOT NULL AND NOT miscounted(input_count)
         THEN CASE WHEN miscounted(tool_count) THEN tool_count
                   ELSE CAST(whole(input_count) + whole(tool_count) AS COUNT) END
         ELSE input_count END AS input_tokens,
    CASE WHEN read_count IS NULL AND miss_count IS NOT NULL AND input_count IS NOT NULL
          AND NOT miscounted(miss_count) AND NOT miscounted(input_count)
         THEN CAST(whole(input_count) - whole(miss_count) AS COUNT) ELSE read_count END AS cache_read_tokens,
    -- A lifetime that is left out has no tokens.
    CASE WHEN write_count IS NOT NULL THEN write_count
         WHEN lived.ephemeral_5m_input_tokens IS NULL THEN lived.ephemeral_1h_input_tokens
         WHEN lived.ephemeral_1h_input_tokens IS NULL THEN lived.ephemeral_5m_input_tokens
         WHEN NOT miscounted(lived.ephemeral_5m_input_tokens) AND NOT miscounted(lived.ephemeral_1h_input_tokens)
         THEN CAST(whole(lived.ephemeral_5m_input_tokens) + whole(lived.ephemeral_1h_input_tokens) AS COUNT) END AS cache_write_tokens,
    coalesce(lived.ephemeral_1h_input_tokens, cache_write_1h_tokens) AS cache_write_1h_tokens,
    -- An embedding has no output.
    CASE WHEN output_count IS NULL AND input_count IS NOT NULL AND lower(called) LIKE '%embed%' THEN CAST(0 AS COUNT)
         ELSE output_count END AS output_tokens,
    reasoning_count AS reasoning_tokens,
    coalesce(u.total_tokens, u.totalTokens, u.totalTokenCount, u.total_token_count, u.total,
             CASE WHEN u IS NULL THEN coalesce(total_tokens, totalTokens, total_token_count, tokens_total) END) AS total_tokens,
    coalesce(u.cacheReadInputTokens, u.cacheWriteInputTokens) IS NOT NULL
        OR (u.input_tokens IS NOT NULL AND coalesce(u.cache_read_input_tokens, u.cache_creation_input_tokens,
            lived.ephemeral_5m_input_tokens, lived.ephemeral_1h_input_tokens) IS NOT NULL)
        -- The same objects at the top level: these words are no flat columns of anybody's own.
        OR (u IS NULL AND prompt_tokens IS NULL AND input_tokens IS NOT NULL AND cache_creation_input_tokens IS NOT NULL)
        OR (u IS NULL AND inputTokens IS NOT NULL
            AND coalesce(cacheReadInputTokens, cacheCreationInputTokens) IS NOT NULL)
        -- More than the input is not a part of it.
        OR (loose AND coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) > measure(input_count))
        AS cache_beside,
    loose AS cache_loose,
    coalesce(u.promptTokenCount, u.prompt_token_count, u.candidates_token_count) IS NOT NULL
        OR (u IS NULL AND coalesce(candidates_token_count, candidates_tokens) IS NOT NULL) AS reasoning_beside,
    -- Fast mode is dearer whatever the tier.
    coalesce(CASE WHEN u.speed = 'fast' THEN 'fast' END, u.service_tier, response.service_tier, response.body.service_tier,
             body.service_tier, message.service_tier, service_tier, CASE WHEN u.inference_geo = 'us' THEN 'standard' END)
        -- `placed_tier`, in words that other engines know.
        || CASE WHEN u.inference_geo = 'us' THEN '/us' ELSE '' END AS service_tier,
    CASE WHEN regexp_full_match(tool_calls, '\d{1,9}(\.0)?') THEN CAST(regexp_replace(tool_calls, '\.0$', '') AS BIGINT) END AS tool_calls,
    coalesce(cost, cost_usd, spend, total_cost, response_cost, costUSD, total_cost_usd, estimated_cost_usd, estimated_cost)
        AS stated_cost,
    coalesce(prefix_blocks, hash_ids) AS prefix_blocks,
    CASE WHEN coalesce(prefix_blocks, hash_ids) IS NOT NULL THEN coalesce(block_size, 512) END AS block_size,
    -- Realtime and transcriptions of OpenAI's, and LangChain, write `token` where others write `tokens`.
    coalesce(u.prompt_tokens_details.audio_tokens, u.input_tokens_details.audio_tokens, u.input_token_details.audio_tokens,
             prompt_tokens_details.audio_tokens, input_tokens_details.audio_tokens, input_token_details.audio_tokens) AS input_audio_tokens,
    coalesce(u.input_token_details.cached_tokens_details.audio_tokens, input_token_details.cached_tokens_details.audio_tokens)
        AS cache_read_audio_tokens,
    coalesce(u.completion_tokens_details.audio_tokens, u.output_tokens_details.audio_tokens, u.output_token_details.audio_tokens,
             completion_tokens_details.audio_tokens, output_tokens_details.audio_tokens, output_token_details.audio_tokens)
        AS output_audio_tokens,
    coalesce(u.prompt_tokens_details.image_tokens, u.input_tokens_details.image_tokens, u.input_token_details.image_tokens,
             prompt_tokens_details.image_tokens, input_tokens_details.image_tokens, input_token_details.image_tokens) AS input_image_tokens,
    coalesce(u.input_token_details.cached_tokens_details.image_tokens, input_token_details.cached_tokens_details.image_tokens)
        AS cache_read_image_tokens,
    coalesce(u.completion_tokens_details.image_tokens, u.output_tokens_details.image_tokens,
             completion_tokens_details.image_tokens, output_tokens_details.image_tokens) AS output_image_tokens,
    u.server_tool_use.web_search_requests AS searches,
    u.server_tool_use.web_fetch_requests AS fetches
FROM counted

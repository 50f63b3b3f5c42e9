-- name:      openai-chat
-- title:     OpenAI-compatible chat completions: replies and stream chunks (OpenAI, Azure, DeepSeek, OpenRouter, xAI, Groq, vLLM, …)
-- source:    https://platform.openai.com/docs/api-reference/chat/object
--            https://api-docs.deepseek.com/api/create-chat-completion
-- container: json
-- evidence:  object = chat.completion | chat.completion.chunk | text_completion
-- evidence:  created
-- evidence:  model
-- time:      created | timestamp | ts
-- model:     model
-- grain:     split
-- let:       HOUR = STRUCT(ephemeral_1h_input_tokens COUNT)
-- let:       DETAILS = STRUCT(cached_tokens COUNT, cache_write_tokens COUNT, cache_creation_input_tokens COUNT,
--                             cache_creation_tokens COUNT, cached_creation_tokens COUNT, cache_creation_token_details HOUR,
--                             audio_tokens COUNT, image_tokens COUNT, web_search_requests COUNT)
-- let:       MADE = STRUCT(reasoning_tokens COUNT, audio_tokens COUNT, image_tokens COUNT)
-- let:       USAGE = STRUCT(prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                           prompt_cache_hit_tokens COUNT, prompt_cache_miss_tokens COUNT, cached_tokens COUNT, num_cached_tokens COUNT,
--                           prompt_tokens_details DETAILS, input_tokens_details DETAILS,
--                           completion_tokens_details MADE, output_tokens_details MADE, num_search_queries COUNT,
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT),
--                           cache_read_input_tokens COUNT, cache_creation_input_tokens COUNT, cache_creation HOUR,
--                           service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           cost VARCHAR, is_byok BOOLEAN, cost_details STRUCT(upstream_inference_cost VARCHAR),
--                           cost_in_usd_ticks VARCHAR, num_sources_used VARCHAR)
-- columns:   id VARCHAR, object VARCHAR, created VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR, provider VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, url VARCHAR, feature VARCHAR,
--            session_id VARCHAR, conversation_id VARCHAR, thread_id VARCHAR,
--            api_key_name VARCHAR, api_key_alias VARCHAR, key_name VARCHAR, team VARCHAR, team_id VARCHAR, project VARCHAR,
--            user VARCHAR, user_id VARCHAR, started_at VARCHAR, timestamp VARCHAR, ts VARCHAR, latency_ms VARCHAR,
--            status VARCHAR, error VARCHAR, service_tier VARCHAR, system_fingerprint VARCHAR, time_info STRUCT(total_time VARCHAR),
--            choices STRUCT(finish_reason VARCHAR, delta STRUCT(role VARCHAR), message STRUCT(tool_calls STRUCT(id VARCHAR)[]))[],
--            x_groq STRUCT(usage USAGE), usage USAGE,
--            tools STRUCT(type VARCHAR, model VARCHAR)[], tool_usage STRUCT(image_gen USAGE)
--
-- Cached and written tokens are inside prompt_tokens, reasoning is inside completion_tokens; where total_tokens
-- says otherwise (xAI: reasoning beside), the total decides. prompt_cache_hit_tokens, cached_tokens, num_cached_tokens and
-- prompt_tokens_details.cached_tokens are the same count, and x_groq.usage is usage again: one is read, never a sum.
-- Chunks of one stream share their id; the one with usage (the last one, where usage is cumulative) tells of the
-- request, the others are duplicates. Logs of one API mix: a Responses reply and an embedding are read as well; what a
-- reply's tool drew is in no count of its `usage`: the tokens of another model, and a row of their own.
WITH reply AS (
    SELECT * EXCLUDE (usage, x_groq), coalesce(usage, x_groq.usage) AS u, x_groq IS NOT NULL AS groq,
        object LIKE '%.chunk' AS chunk,
        -- An id that no other server will give: 16 characters or more behind its prefix, or letters and digits mixed.
        coalesce(NOT regexp_full_match(id, '([A-Za-z]+[-_])?([0-9]{0,15}|[A-Za-z_-]{0,15}|[A-Za-z0-9_-]{0,7})'), false) AS unique_id
    FROM records
), loose AS (
    -- What has to be seen beside its neighbours: chunks, and what comes under an id that proves nothing.
    SELECT source_id, record, nullif(id, '') AS id, unique_id, chunk, model, created, object IS NULL AS event,
        NOT coalesce(chunk, false) OR choices[1].finish_reason IS NOT NULL OR choices[1] IS NULL AS ends,
        u IS NOT NULL AND choices[1] IS NULL AS appended,
        -- Groq's compound models call every reply "stub"; Ollama draws a number below a thousand.
        NOT unique_id AND (system_fingerprint = 'fp_ollama'
            OR regexp_full_match(id, '(.*[-_])?(stub|static|default|string|none|null|unknown|placeholder|dummy|mock)')) IS TRUE AS static_id,
        chunk AND unique_id AND u IS NULL AND choices[1].finish_reason IS NULL AND choices[1].delta.role IS NULL AS inner_piece,
        CASE WHEN NOT miscounted(u.prompt_tokens) THEN TRY_CAST(measure(u.prompt_tokens) AS BIGINT) END AS given,
        CASE WHEN NOT miscounted(u.completion_tokens) THEN TRY_CAST(measure(u.completion_tokens) AS BIGINT) END AS made
    FROM reply
    WHERE chunk OR (object IS NULL AND error IS NOT NULL) OR (id <> '' AND NOT unique_id)
), neighbours AS (
    SELECT *,
        -- Groq's compound models give every piece of a stream another id, and its last chunk the id "stub". Where some chunk of
        -- the model is called so, pieces of one id that neither begin nor end a stream are one that was logged again.
        inner_piece AND (count(*) OVER (PARTITION BY source_id, id) = 1
            OR bool_and(inner_piece) OVER (PARTITION BY source_id, id)
               AND (source_id, model) IN (SELECT (source_id, model) FROM loose WHERE static_id)) AS lone,
        event AND coalesce(lag(chunk AND NOT ends) OVER (PARTITION BY source_id ORDER BY record), false) AS broken_off,
        lag(ends) OVER (PARTITION BY source_id, model, id ORDER BY record) AS after_end,
        ends AND (created, given, made) IS NOT DISTINCT FROM
            lag((created, given, made)) OVER (PARTITION BY source_id, model, id ORDER BY record) AS told_again
    FROM loose
), runs AS (
    -- Chunks under an id that proves nothing belong together up to the one that ends their stream.
    SELECT *,
        min(CASE WHEN NOT unique_id THEN record END)
            OVER (PARTITION BY source_id, model ORDER BY record ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_weak,
        sum(CASE WHEN NOT unique_id AND (after_end IS NULL OR (after_end AND NOT appended AND NOT told_again)) THEN 1 ELSE 0 END)
            OVER (PARTITION BY source_id, model, id ORDER BY record) AS run
    FROM neighbours
    WHERE lone OR (NOT unique_id AND NOT event)
), joined AS (
    SELECT r.*,
        CASE WHEN r.lone THEN w.id ELSE r.id END AS run_id,
        CASE WHEN r.lone THEN coalesce(w.run, 0) ELSE r.run END AS run_number
    -- A piece that was logged again belongs to the stream in which it came first.
    FROM (SELECT * REPLACE (first_value(next_weak) OVER (PARTITION BY source_id, id ORDER BY record) AS next_weak) FROM runs) AS r
    LEFT JOIN (SELECT source_id, record, id, run FROM runs) AS w ON w.source_id = r.source_id AND w.record = r.next_weak
), told AS (
    SELECT source_id, record, run_id,
        coalesce(bool_or(static_id) OVER one, false) AS static_id,
        first_value(CASE WHEN lone THEN id END IGNORE NULLS) OVER one AS piece_id,
        concat_ws(':', coalesce(run_id, 'stream'), min(created) OVER one, model, max(given) OVER one, max(made) OVER one) AS composite,
        concat_ws(':', coalesce(run_id, 'stream'), min(created) OVER one, model) AS without_counts
    FROM joined
    WINDOW one AS (PARTITION BY source_id, model, run_id, run_number ORDER BY record ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), identity AS (
    -- Where an id is known or seen to stand for several calls, a call is known by its time, model and counts as well.
    SELECT source_id, record,
        CASE WHEN piece_id IS NOT NULL THEN piece_id
             -- The end of a stream that was logged again has its pieces where it came first.
             WHEN static_id AND min(piece_id) OVER ended IS NOT NULL THEN min(piece_id) OVER ended
             WHEN run_id IS NULL OR static_id OR min(composite) OVER same <> max(composite) OVER same THEN composite
             ELSE run_id END AS request_id,
        -- So it is known where its stream was cut before the counts came.
        CASE WHEN request_id = composite AND composite <> without_counts THEN without_counts END AS cut_id
    FROM told
    WINDOW same AS (PARTITION BY source_id, run_id), ended AS (PARTITION BY source_id, composite)
), settled AS (
    SELECT r.*,
        coalesce(i.request_id, nullif(r.id, '')) AS request_id,
        coalesce(n.broken_off, false) AS broken_off,
        CASE WHEN r.chunk AND u IS NOT NULL THEN i.cut_id END AS cut_id,
        starts_with(coalesce(r.id, ''), 'gen-') AS routed_on,
        u.cost_in_usd_ticks IS NOT NULL OR u.num_sources_used IS NOT NULL OR starts_with(coalesce(model, ''), 'grok-') AS xai,
        coalesce(u.prompt_tokens, u.input_tokens) AS given,
        coalesce(u.completion_tokens, u.output_tokens) AS made,
        coalesce(u.prompt_cache_hit_tokens, u.prompt_tokens_details.cached_tokens, u.input_tokens_details.cached_tokens,
                 u.cached_tokens, u.num_cached_tokens, u.cache_read_input_tokens) AS cached,
        -- One count under many names.
        filled([u.prompt_tokens_details.cache_write_tokens, u.prompt_tokens_details.cache_creation_input_tokens,
                u.input_tokens_details.cache_write_tokens, u.cache_creation_input_tokens,
                u.prompt_tokens_details.cache_creation_tokens, u.prompt_tokens_details.cached_creation_tokens]) AS written,
        coalesce(u.prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens,
                 u.cache_creation.ephemeral_1h_input_tokens) AS written_1h,
        coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens) AS reasoned
    FROM reply AS r
    LEFT JOIN identity AS i ON i.source_id = r.source_id AND i.record = r.record
    LEFT JOIN (SELECT source_id, record, broken_off FROM neighbours WHERE broken_off) AS n ON n.source_id = r.source_id AND n.record = r.record
)
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    request_id || CASE WHEN place = 0 THEN '' ELSE ':image_gen' END AS request_id,
    CASE WHEN cut_id IS NOT NULL AND place = 0 THEN [cut_id] END AS restated,
    -- Azure begins a stream with a chunk of content-filter results that has no id, time or model.
    CASE WHEN object = '' AND coalesce(id, '') = '' THEN 'a preamble of a stream, no answer'
         WHEN broken_off THEN 'a stream event without an answer'
         WHEN object = 'list' AND u IS NULL THEN 'a list, no answer of a model' END AS skip,
    coalesce(started_at, CASE WHEN latency_ms IS NULL THEN coalesce(created, created_at, timestamp, ts) END) AS started_at,
    coalesce(completed_at, created, created_at, timestamp, ts) AS completed_at,
    latency_ms,
    coalesce(endpoint, route, path, url, feature, CASE object
        WHEN 'chat.completion' THEN '/v1/chat/completions'
        WHEN 'chat.completion.chunk' THEN '/v1/chat/completions'
        WHEN 'text_completion' THEN '/v1/completions'
        WHEN 'response' THEN '/v1/responses'
        WHEN 'list' THEN '/v1/embeddings' END) AS endpoint,
    CASE WHEN place = 0 THEN nullif(model, '')
         ELSE coalesce(list_filter(tools, lambda tool: tool.type = 'image_generation')[1].model, 'image-generation') END AS model,
    -- OpenRouter names whom it asked; who was called is OpenRouter.
    CASE WHEN routed_on THEN 'openrouter'
         WHEN provider IS NOT NULL THEN lower(provider)
         WHEN u.prompt_cache_hit_tokens IS NOT NULL THEN 'deepseek'
         WHEN groq THEN 'groq'
         WHEN xai THEN 'xai'
         WHEN time_info IS NOT NULL THEN 'cerebras' END AS provider,
    CASE WHEN place = 1 THEN 'images' ELSE CASE object WHEN 'text_completion' THEN 'text_completion' WHEN 'response' THEN 'responses'
                WHEN 'list' THEN 'embeddings' ELSE 'chat' END END AS operation,
    coalesce(session_id, conversation_id, thread_id) AS session_id,
    coalesce(api_key_name, api_key_alias, key_name) AS api_key_name,
    coalesce(team, team_id, project) AS team,
    coalesce("user", user_id) AS user_name,
    CASE WHEN erred(error) THEN coalesce(TRY_CAST(error AS JSON) ->> '$.code', TRY_CAST(error AS JSON) ->> '$.type', 'error')
         ELSE coalesce(choices[1].finish_reason, status) END AS status,
    given AS input_tokens,
    cached AS cache_read_tokens,
    -- OpenRouter tells tokens that are read and kept on as written too (a fee for storage); the input has them once.
    CASE WHEN routed_on AND measure(cached) <= measure(given) AND measure(cached) + measure(written) > measure(given)
          AND measure(total_count) = measure(given) + measure(made) THEN NULL ELSE written END AS cache_write_tokens,
    made AS output_tokens,
    -- OpenRouter's reasoning can exceed by a few the output that contains it.
    CASE WHEN routed_on AND measure(reasoned) > measure(made) AND measure(total_count) = measure(given) + measure(made)
         THEN made ELSE reasoned END AS reasoning_tokens,
    -- Some of xAI's replies have the cached tokens beside the prompt's and in no total.
    CASE WHEN xai AND measure(cached) > measure(given)
          AND measure(total_count) IN (measure(given) + measure(made), measure(given) + measure(made) + measure(reasoned))
         THEN NULL WHEN passed_on THEN NULL ELSE total_count END AS total_tokens,
    xai AND measure(cached) > measure(given) OR passed_on AS cache_beside,
    xai AND NOT routed_on AND object <> 'response'
        AND (measure(total_count) IS NULL OR measure(total_count) <> measure(given) + measure(made)) AS reasoning_beside,
    CASE WHEN place = 0 THEN len(choices[1].message.tool_calls) END AS tool_calls,
    -- With one's own key at OpenRouter the upstream cost is paid beside OpenRouter's fee; a tick of xAI is 1e-10 USD; Perplexity's cost is an object.
    CASE WHEN u.is_byok THEN CAST(coalesce(money(u.cost), 0) + money(u.cost_details.upstream_inference_cost) AS VARCHAR)
         WHEN u.cost_in_usd_ticks IS NOT NULL
         THEN CAST(TRY_CAST(u.cost_in_usd_ticks AS DECIMAL(20, 0)) * CAST(0.0000000001 AS DECIMAL(11, 10)) AS VARCHAR)
         WHEN starts_with(u.cost, '{') THEN TRY_CAST(u.cost AS JSON) ->> '$.total_cost'
         ELSE u.cost END AS stated_cost,
    CASE WHEN routed_on OR u.cost_in_usd_ticks IS NOT NULL OR starts_with(u.cost, '{') THEN 'USD' END AS stated_currency,
    -- Of Anthropic's models a gateway tells the speed, which is dearer whatever the tier, and the place.
    CASE WHEN place = 0 THEN placed_tier(coalesce(CASE WHEN u.speed = 'fast' THEN 'fast' END, service_tier, u.service_tier), u.inference_geo) END
        AS service_tier,
    CASE WHEN measure(written_1h) <= measure(written) THEN written_1h END AS cache_write_1h_tokens,
    coalesce(u.prompt_tokens_details.audio_tokens, u.input_tokens_details.audio_tokens) AS input_audio_tokens,
    coalesce(u.completion_tokens_details.audio_tokens, u.output_tokens_details.audio_tokens) AS output_audio_tokens,
    coalesce(u.prompt_tokens_details.image_tokens, u.input_tokens_details.image_tokens) AS input_image_tokens,
    coalesce(u.completion_tokens_details.image_tokens, u.output_tokens_details.image_tokens, CASE WHEN place = 1 THEN made END)
        AS output_image_tokens,
    coalesce(u.server_tool_use.web_search_requests, u.prompt_tokens_details.web_search_requests, u.num_search_queries) AS searches,
    u.server_tool_use.web_fetch_requests AS fetches
FROM (
    SELECT *,
        u.total_tokens AS total_count,
        -- Anthropic's words for more than the prompt: a gateway passed its counts on as they are, the cache beside.
        coalesce(u.cache_read_input_tokens, u.cache_creation_input_tokens) IS NOT NULL AND NOT routed_on
            AND coalesce(coalesce(measure(cached), 0) + coalesce(measure(written), 0) > measure(given), false)
            AND coalesce(measure(u.total_tokens) = measure(given) + measure(made), true) AS passed_on
    FROM (
        SELECT * REPLACE (
            CASE WHEN place = 0 THEN u ELSE drawn END AS u,
            CASE WHEN place = 0 THEN given ELSE drawn.input_tokens END AS given,
            CASE WHEN place = 0 THEN made ELSE drawn.output_tokens END AS made,
            CASE WHEN place = 0 THEN cached END AS cached,
            CASE WHEN place = 0 THEN written END AS written,
            CASE WHEN place = 0 THEN reasoned END AS reasoned)
        FROM (
            SELECT *,
                tool_usage.image_gen AS drawn,
                unnest(CASE WHEN measure(tool_usage.image_gen.input_tokens) > 0 OR measure(tool_usage.image_gen.output_tokens) > 0
                            THEN [0, 1] ELSE [0] END) AS place
            FROM settled
        )
    )
)

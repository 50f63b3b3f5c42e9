-- name:      simonw-llm
-- title:     Simon Willison's `llm`: `llm logs --json`, as a list or as lines
-- source:    https://llm.datasette.io/en/stable/logging.html
-- container: json
-- grain:     group
-- evidence:  datetime_utc
-- evidence:  model
-- evidence:  duration_ms | conversation_id | token_details
-- time:      datetime_utc
-- model:     model
-- columns:   id VARCHAR, model VARCHAR, resolved_model VARCHAR, conversation_id VARCHAR, duration_ms VARCHAR, datetime_utc VARCHAR,
--            input_tokens COUNT, output_tokens COUNT, token_details VARCHAR,
--            response_json STRUCT(id VARCHAR, model VARCHAR, responseId VARCHAR, usage STRUCT(
--                prompt_tokens_details STRUCT(cached_tokens COUNT), input_tokens_details STRUCT(cached_tokens COUNT)))
--
-- token_details is JSON in a string that leaves zeros out: with it, cached tokens that it does not name were 0; without it,
-- nothing is known. Not every provider tells of reasoning: that is known only where it is named. Cached and reasoning tokens
-- are inside, but Anthropic's cache counts stand beside, and so do Gemini's thoughts where they cannot be inside. The
-- provider's id and name of the model are in response_json, where that was kept; the program's own name may hold a prefix of
-- its plugin.
WITH detailed AS (
    SELECT *,
        TRY_CAST(token_details AS JSON) AS d,
        -- A list may hold the same answer with and without its response_json.
        coalesce(max(CASE WHEN NOT commonplace(response_json.id) THEN coalesce(response_json.id, response_json.responseId) END) OVER same, id) AS identity,
        max(named(response_json.model)) OVER same AS answered_by
    FROM records
    WINDOW same AS (PARTITION BY source_id, id)
)
SELECT
    source_id, record, 1 AS records,
    nullif(identity, '') AS request_id,
    datetime_utc AS started_at,
    duration_ms AS latency_ms,
    'llm' AS endpoint,
    coalesce(answered_by, named(resolved_model), model) AS model,
    'chat' AS operation,
    conversation_id AS session_id,
    input_tokens,
    coalesce(
        d ->> '$.prompt_cache_hit_tokens', d ->> '$.prompt_tokens_details.cached_tokens', d ->> '$.input_tokens_details.cached_tokens',
        d ->> '$.cache_read_input_tokens', d ->> '$.cachedContentTokenCount',
        CAST(response_json.usage.prompt_tokens_details.cached_tokens AS VARCHAR),
        CAST(response_json.usage.input_tokens_details.cached_tokens AS VARCHAR),
        CASE WHEN json_type(d) = 'OBJECT' THEN '0' END) AS cache_read_tokens,
    coalesce(d ->> '$.cache_creation_input_tokens',
             CAST(sum_of(d ->> '$.cache_creation.ephemeral_5m_input_tokens', hour_writes) AS VARCHAR)) AS cache_write_tokens,
    hour_writes AS cache_write_1h_tokens,
    output_tokens,
    coalesce(d ->> '$.completion_tokens_details.reasoning_tokens', d ->> '$.output_tokens_details.reasoning_tokens',
             d ->> '$.output_tokens_details.thinking_tokens', thoughts) AS reasoning_tokens,
    coalesce(d ->> '$.cache_read_input_tokens', d ->> '$.cache_creation_input_tokens', d ->> '$.cache_creation') IS NOT NULL AS cache_beside,
    measure(thoughts) > measure(output_tokens) OR thoughts <> '0' AND measure(d ->> '$.candidatesTokenCount') = measure(output_tokens)
        AS reasoning_beside
FROM (
    SELECT *,
        d ->> '$.thoughtsTokenCount' AS thoughts,
        d ->> '$.cache_creation.ephemeral_1h_input_tokens' AS hour_writes
    FROM detailed
)

-- name:      opik
-- title:     Opik: spans as JSON lines, and traces with their spans (opik export)
-- source:    https://www.comet.com/docs/opik/tracing/advanced/export-data
--            https://github.com/comet-ml/opik
-- container: json
-- grain:     group
-- evidence:  trace_id | trace.id
-- evidence:  start_time | trace.start_time
-- evidence:  usage | total_estimated_cost | parent_span_id | spans
-- evidence:  project_id | project_name | created_by | last_updated_at | trace.project_id | trace.created_by |
--            trace.last_updated_at
-- time:      start_time
-- model:     model
-- let:       ERROR = STRUCT(exception_type VARCHAR)
-- let:       SPAN = STRUCT(id VARCHAR, trace_id VARCHAR, parent_span_id VARCHAR, project_id VARCHAR, project_name VARCHAR,
--                          name VARCHAR, type VARCHAR, start_time VARCHAR, end_time VARCHAR, model VARCHAR, provider VARCHAR,
--                          created_by VARCHAR, error_info ERROR, total_estimated_cost VARCHAR, usage MAP(VARCHAR, VARCHAR))
-- columns:   id VARCHAR, trace_id VARCHAR, parent_span_id VARCHAR, project_id VARCHAR, project_name VARCHAR,
--            name VARCHAR, type VARCHAR, start_time VARCHAR, end_time VARCHAR, model VARCHAR, provider VARCHAR,
--            created_by VARCHAR, error_info ERROR, total_estimated_cost VARCHAR, usage MAP(VARCHAR, VARCHAR),
--            trace STRUCT(id VARCHAR, thread_id VARCHAR), spans SPAN[]
--
-- Spans of type llm are calls, unless a measured one stands below them, whose usage they tell again. Of Anthropic's usage Opik
-- counts what was read from the cache to the prompt, and what was written to it to the completion: there, and of Bedrock's,
-- the provider's own counts are read, which Opik keeps under original_usage; the cache stands beside them. Of all others it is
-- inside, as Gemini's thoughts are inside of the completion; the prompt of Gemini's tools is beside its own.
WITH RECURSIVE span AS (
    SELECT * EXCLUDE (spans, "trace"), CAST(NULL AS VARCHAR) AS thread, 1 AS place FROM records WHERE spans IS NULL
    UNION ALL BY NAME
    SELECT source_id, record, unnest(spans, max_depth := 2), "trace".thread_id AS thread, unnest(range(1, len(spans) + 1)) AS place
    FROM records
), told AS (
    SELECT *,
        coalesce(usage['original_usage.cache_read_input_tokens'], usage['original_usage.cacheReadInputTokens'],
                 usage['original_usage.prompt_tokens_details.cached_tokens'],
                 usage['original_usage.input_tokens_details.cached_tokens'],
                 usage['original_usage.cached_content_token_count'], usage['original_usage.prompt_cache_hit_tokens'],
                 usage['cache_read_input_tokens']) AS read_count,
        coalesce(usage['original_usage.cache_creation_input_tokens'], usage['original_usage.cacheWriteInputTokens'],
                 usage['cache_creation_input_tokens']) AS write_count,
        usage['original_usage.tool_use_prompt_token_count'] AS of_tools,
        -- Whether the provider's own counts are those of Anthropic or of Bedrock.
        usage['original_usage.input_tokens'] IS NOT NULL AND usage['original_usage.prompt_tokens'] IS NULL
            AND coalesce(usage['original_usage.cache_read_input_tokens'],
                         usage['original_usage.cache_creation_input_tokens']) IS NOT NULL AS of_anthropic,
        usage['original_usage.inputTokens'] IS NOT NULL AS of_bedrock
    FROM span
), counted AS (
    SELECT *,
        CASE WHEN of_anthropic THEN usage['original_usage.input_tokens']
             WHEN of_bedrock THEN usage['original_usage.inputTokens']
             WHEN measure(of_tools) > 0 AND usage['original_usage.prompt_token_count'] = usage['prompt_tokens']
             THEN CAST(sum_of(usage['prompt_tokens'], of_tools) AS VARCHAR)
             ELSE coalesce(usage['prompt_tokens'], usage['input_tokens']) END AS input_count,
        CASE WHEN of_anthropic THEN usage['original_usage.output_tokens']
             WHEN of_bedrock THEN usage['original_usage.outputTokens']
             ELSE coalesce(usage['completion_tokens'], usage['output_tokens']) END AS output_count,
        usage_told(input_count, output_count) AS measured
    FROM told
), upper AS (
    -- The spans above measured calls, to the root. A circle ends: no row comes twice.
    SELECT source_id, parent_span_id AS id FROM counted WHERE type = 'llm' AND measured AND parent_span_id IS NOT NULL
    UNION
    SELECT counted.source_id, counted.parent_span_id AS id
    FROM counted JOIN upper ON upper.source_id = counted.source_id AND upper.id = counted.id
    WHERE counted.parent_span_id IS NOT NULL
), placed AS (
    SELECT *, coalesce((source_id, id) IN (SELECT (source_id, id) FROM upper), false) AS is_upper,
        coalesce(coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) > measure(input_count), false) AS exceeds
    FROM counted
)
SELECT
    source_id,
    record,
    CASE WHEN place = 1 THEN 1 ELSE 0 END AS records,
    CASE WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id ELSE 'opik:' || nullif(id, '') END AS request_id,
    -- The span right above may be in another log.
    list_transform(
        list_filter([CASE WHEN is_upper THEN id END, CASE WHEN type = 'llm' AND measured THEN parent_span_id END], lambda above: above <> ''),
        lambda above: CASE WHEN TRY_CAST(above AS UUID) IS NULL THEN 'opik:' ELSE '' END || above) AS restated,
    CASE WHEN is_upper AND (measured OR type = 'llm') OR type <> 'llm' AND measured THEN 'an aggregate of calls already counted'
         WHEN type IS DISTINCT FROM 'llm' THEN 'a step of a trace, no model call' END AS skip,
    start_time AS started_at,
    end_time AS completed_at,
    name AS endpoint,
    model,
    CASE lower(provider) WHEN 'google_ai' THEN 'google' WHEN 'google_vertexai' THEN 'google' WHEN 'anthropic_vertexai' THEN 'google'
         ELSE lower(provider) END AS provider,
    coalesce(thread, trace_id) AS session_id,
    coalesce(project_name, project_id) AS team,
    created_by AS user_name,
    CASE WHEN error_info IS NOT NULL THEN 'error' END AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN coalesce(usage['original_usage.completion_tokens_details.reasoning_tokens'],
                                     usage['original_usage.output_tokens_details.reasoning_tokens'],
                                     usage['original_usage.thoughts_token_count']) END AS reasoning_tokens,
    CASE WHEN measured THEN usage['original_usage.prompt_tokens_details.audio_tokens'] END AS input_audio_tokens,
    CASE WHEN measured THEN usage['original_usage.completion_tokens_details.audio_tokens'] END AS output_audio_tokens,
    CASE WHEN measured AND NOT of_anthropic AND NOT of_bedrock AND NOT exceeds AND of_tools IS NULL THEN usage['total_tokens']
         END AS total_tokens,
    of_anthropic OR of_bedrock OR exceeds AS cache_beside,
    total_estimated_cost AS stated_cost,
    CASE WHEN total_estimated_cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM placed
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, 'a trace without a model call' AS skip FROM records WHERE len(spans) = 0

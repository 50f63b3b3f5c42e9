-- name:      langsmith
-- title:     LangSmith runs: JSON lines, and pages of its API
-- source:    https://docs.langchain.com/langsmith/run-data-format
--            https://docs.langchain.com/langsmith/log-llm-trace
-- container: json
-- grain:     group
-- evidence:  run_type | runs
-- evidence:  start_time | cursors | parsed_query
-- evidence:  trace_id | dotted_order | session_id | cursors | parsed_query
-- time:      start_time
-- model:     extra.metadata.ls_model_name | extra.invocation_params.model
-- let:       READ = STRUCT(cache_read VARCHAR, cache_creation VARCHAR, ephemeral_5m_input_tokens VARCHAR,
--                          ephemeral_1h_input_tokens VARCHAR, audio VARCHAR, priority VARCHAR, flex VARCHAR,
--                          priority_cache_read VARCHAR, flex_cache_read VARCHAR)
-- let:       MADE = STRUCT(reasoning VARCHAR, audio VARCHAR, priority_reasoning VARCHAR, flex_reasoning VARCHAR)
-- let:       USAGE = STRUCT(input_tokens VARCHAR, output_tokens VARCHAR, total_tokens VARCHAR,
--                           input_token_details READ, output_token_details MADE)
-- let:       EXTRA = STRUCT(metadata STRUCT(ls_provider VARCHAR, ls_model_name VARCHAR, thread_id VARCHAR, session_id VARCHAR,
--                                           conversation_id VARCHAR, user_id VARCHAR, usage_metadata USAGE),
--                           invocation_params STRUCT(model VARCHAR, model_name VARCHAR))
-- let:       OUTPUTS = STRUCT(id VARCHAR, model VARCHAR, service_tier VARCHAR, usage_metadata USAGE)
-- let:       ENTRY = STRUCT(id VARCHAR, trace_id VARCHAR, parent_run_id VARCHAR, dotted_order VARCHAR, name VARCHAR,
--                           run_type VARCHAR, start_time VARCHAR, end_time VARCHAR, status VARCHAR, session_id VARCHAR,
--                           extra EXTRA, outputs OUTPUTS, usage_metadata USAGE, prompt_tokens VARCHAR,
--                           completion_tokens VARCHAR, total_tokens VARCHAR, prompt_token_details READ,
--                           completion_token_details MADE, total_cost VARCHAR)
-- columns:   id VARCHAR, trace_id VARCHAR, parent_run_id VARCHAR, dotted_order VARCHAR, name VARCHAR,
--            run_type VARCHAR, start_time VARCHAR, end_time VARCHAR, status VARCHAR, session_id VARCHAR,
--            extra EXTRA, outputs OUTPUTS, usage_metadata USAGE, prompt_tokens VARCHAR,
--            completion_tokens VARCHAR, total_tokens VARCHAR, prompt_token_details READ,
--            completion_token_details MADE, total_cost VARCHAR, runs ENTRY[]
--
-- Runs of type llm are calls, and those of type embedding that name a model; all others restate the sums of what runs below them, and so does an llm run that has
-- another llm run below it (a client inside a framework). Cached and written tokens are inside the input; older runs of
-- Anthropic models have them beside it, and beside the total. cache_creation and its two lifetimes are the same tokens.
-- At OpenAI's other service tiers LangChain gives their names to details of usage.
WITH entry AS (
    SELECT * EXCLUDE (runs) FROM records WHERE runs IS NULL
    UNION ALL BY NAME
    SELECT source_id, record, unnest(runs, max_depth := 2) FROM records
), told AS (
    SELECT *,
        coalesce(usage_metadata, outputs.usage_metadata, extra.metadata.usage_metadata) AS u
    FROM entry
), counted AS (
    SELECT *,
        coalesce(u.input_tokens, prompt_tokens) AS input_count,
        coalesce(u.output_tokens, completion_tokens) AS output_count,
        coalesce(u.total_tokens, total_tokens) AS total_count,
        coalesce(u.input_token_details, prompt_token_details) AS d,
        coalesce(u.output_token_details, completion_token_details) AS m,
        coalesce(outputs.model, extra.metadata.ls_model_name, extra.invocation_params.model_name,
                 extra.invocation_params.model) AS model,
        run_type = 'llm' OR coalesce(run_type = 'embedding' AND named(model) IS NOT NULL, false) AS calls
    FROM told
), measured AS (
    SELECT *,
        greatest(measure(d.cache_creation),
                 coalesce(measure(d.ephemeral_5m_input_tokens), 0) + measure(d.ephemeral_1h_input_tokens),
                 measure(d.ephemeral_5m_input_tokens)) AS written,
        -- 0 and 0 is what a run has whose usage was not told.
        usage_told(input_count, output_count) AS told_usage
    FROM counted
), upper AS (
    -- Every run that has a measured run of the same kind below it: dotted_order names a run's ancestors, each behind its instant.
    SELECT DISTINCT source_id, run_type, unnest(list_transform(string_split(dotted_order, '.')[:-2], lambda step: step[-36:])) AS id
    FROM measured
    WHERE calls AND told_usage
    UNION
    SELECT source_id, run_type, parent_run_id FROM measured WHERE calls AND told_usage AND parent_run_id IS NOT NULL
), placed AS (
    SELECT *,
        calls AND coalesce((source_id, run_type, id) IN (SELECT (source_id, run_type, id) FROM upper), false) AS is_upper,
        -- The run right above may be in another log.
        CASE WHEN calls AND told_usage AND (source_id, parent_run_id) NOT IN (SELECT (source_id, id) FROM measured WHERE id IS NOT NULL)
             THEN parent_run_id END AS beyond
    FROM measured
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN regexp_matches(outputs.id, '^(chatcmpl-|resp_|msg_|gen-)') AND NOT commonplace(outputs.id) THEN outputs.id
         WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id
         ELSE 'langsmith:' || nullif(id, '') END AS request_id,
    list_transform(
        list_filter([CASE WHEN is_upper THEN id END, beyond], lambda above: above <> ''),
        lambda above: CASE WHEN TRY_CAST(above AS UUID) IS NULL THEN 'langsmith:' ELSE '' END || above) AS restated,
    CASE WHEN NOT calls AND told_usage OR is_upper
         THEN 'an aggregate of calls already counted'
         WHEN NOT calls THEN 'a step of a trace, no model call' END AS skip,
    start_time AS started_at,
    end_time AS completed_at,
    name AS endpoint,
    model,
    CASE run_type WHEN 'embedding' THEN 'embeddings' END AS operation,
    lower(extra.metadata.ls_provider) AS provider,
    coalesce(extra.metadata.thread_id, extra.metadata.session_id, extra.metadata.conversation_id, trace_id) AS session_id,
    session_id AS team,  -- LangSmith calls a project a session
    extra.metadata.user_id AS user_name,
    status,
    CASE WHEN told_usage THEN input_count END AS input_tokens,
    CASE WHEN told_usage THEN coalesce(d.cache_read, d.priority_cache_read, d.flex_cache_read) END AS cache_read_tokens,
    CASE WHEN told_usage THEN written END AS cache_write_tokens,
    CASE WHEN told_usage THEN d.ephemeral_1h_input_tokens END AS cache_write_1h_tokens,
    CASE WHEN told_usage THEN coalesce(output_count, CASE run_type WHEN 'embedding' THEN '0' END) END AS output_tokens,
    CASE WHEN told_usage THEN coalesce(m.reasoning, m.priority_reasoning, m.flex_reasoning) END AS reasoning_tokens,
    CASE WHEN told_usage THEN d.audio END AS input_audio_tokens,
    CASE WHEN told_usage THEN m.audio END AS output_audio_tokens,
    CASE WHEN told_usage AND NOT coalesce(beside, false) THEN total_count END AS total_tokens,
    beside AS cache_beside,
    CASE WHEN coalesce(d.priority, d.priority_cache_read) IS NOT NULL THEN 'priority'
         WHEN coalesce(d.flex, d.flex_cache_read) IS NOT NULL THEN 'flex' ELSE outputs.service_tier END AS service_tier,
    total_cost AS stated_cost,
    CASE WHEN total_cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM (
    SELECT *,
        coalesce(measure(coalesce(d.cache_read, d.priority_cache_read, d.flex_cache_read)), 0) + coalesce(written, 0) > measure(input_count)
            AND coalesce(measure(total_count) = measure(input_count) + measure(output_count), true) AS beside
    FROM placed
)
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, 'an empty page' AS skip FROM records WHERE len(runs) = 0

-- name:      braintrust
-- title:     Braintrust logs and experiments: exports of spans or of traces as JSON lines
-- source:    https://www.braintrust.dev/docs/admin/data-management/export
--            https://www.braintrust.dev/docs/reference/btql
--            https://github.com/braintrustdata/braintrust-spec
-- container: json
-- grain:     group
-- evidence:  span_attributes
-- evidence:  root_span_id
-- evidence:  span_id | span_parents | is_root | log_id
-- evidence:  metrics | created | _xact_id
-- time:      metrics.start | created
-- model:     metadata.model
-- columns:   id VARCHAR, span_id VARCHAR, root_span_id VARCHAR, span_parents VARCHAR[], project_id VARCHAR, created VARCHAR,
--            error VARCHAR, span_attributes STRUCT(name VARCHAR, type VARCHAR),
--            metadata STRUCT(model VARCHAR, provider VARCHAR, user_id VARCHAR, session_id VARCHAR, thread_id VARCHAR),
--            metrics STRUCT("start" VARCHAR, "end" VARCHAR, cached VARCHAR, llm_calls VARCHAR, prompt_tokens COUNT,
--                           completion_tokens COUNT, tokens COUNT, total_tokens COUNT, prompt_cached_tokens COUNT,
--                           prompt_cache_creation_tokens COUNT, prompt_cache_creation_5m_tokens COUNT,
--                           prompt_cache_creation_1h_tokens COUNT, completion_reasoning_tokens COUNT,
--                           prompt_audio_tokens COUNT, completion_audio_tokens COUNT, completion_image_tokens COUNT,
--                           estimated_cost VARCHAR, total_cost VARCHAR)
--
-- Spans of type llm are calls, and so is a span that names a model and its tokens; but a span that has a measured call below it
-- restates the sum of what is there (an agent's, or a framework's around its client). An export of traces has one row a trace,
-- which holds the sum of its calls and their number: it stands for them all where they are in no other log. Cached and written
-- tokens are inside the prompt; more of them than the prompt are beside it, and beside the total. Reasoning stands where the
-- total tells. 0 and 0 is a call whose usage is not known, such as a failure.
WITH RECURSIVE span AS (
    SELECT *,
        coalesce(root_span_id, '') AS trace,
        metrics.llm_calls IS NOT NULL AS is_sum,
        coalesce(span_attributes.type = 'llm', false) AS of_a_client,
        -- 1 and true: Braintrust's proxy has answered from its cache.
        coalesce(lower(metrics.cached) IN ('1', '1.0', 'true'), false) AS from_cache,
        usage_told(metrics.prompt_tokens, metrics.completion_tokens) AS measured,
        greatest(measure(metrics.prompt_cache_creation_tokens),
                 measure(metrics.prompt_cache_creation_5m_tokens) + coalesce(measure(metrics.prompt_cache_creation_1h_tokens), 0),
                 measure(metrics.prompt_cache_creation_1h_tokens)) AS written
    FROM records
), call AS (
    SELECT *,
        NOT is_sum AND (of_a_client OR measured AND named(metadata.model) IS NOT NULL) AS calls,
        coalesce(measure(metrics.prompt_cached_tokens), 0) + coalesce(written, 0) AS cached
    FROM span
), upper AS (
    -- The spans above measured calls, to the root. A circle ends: no row comes twice.
    SELECT source_id, trace, unnest(span_parents) AS id FROM call WHERE calls AND measured
    UNION
    SELECT above.source_id, above.trace, unnest(above.span_parents) AS id
    FROM call AS above JOIN upper ON upper.source_id = above.source_id AND upper.trace = above.trace AND upper.id = above.span_id
), placed AS (
    SELECT *,
        CASE WHEN is_sum THEN (source_id, trace) IN (SELECT (source_id, trace) FROM call WHERE calls AND measured)
             ELSE coalesce((source_id, trace, span_id) IN (SELECT (source_id, trace, id) FROM upper), false) END AS is_upper,
        coalesce(cached > measure(metrics.prompt_tokens)
                 AND coalesce(measure(coalesce(metrics.tokens, metrics.total_tokens))
                              = measure(metrics.prompt_tokens) + measure(metrics.completion_tokens), true), false) AS beside,
        -- The spans right above may be in another log, and its trace's sum.
        list_filter(span_parents, lambda above: above <> '') AS above
    FROM call
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN is_sum AND TRY_CAST(metrics.llm_calls AS DOUBLE) BETWEEN 2 AND 1000000000
         THEN CAST(TRY_CAST(metrics.llm_calls AS DOUBLE) AS BIGINT) ELSE 1 END AS calls,
    'braintrust:' || CASE WHEN is_sum THEN nullif(trace, '') || ':trace' ELSE trace || ':' || coalesce(nullif(span_id, ''), id) END AS request_id,
    CASE WHEN is_upper THEN ['braintrust:' || trace || ':' || CASE WHEN is_sum THEN 'trace' ELSE span_id END]
         WHEN calls AND measured THEN list_transform(list_concat(above, ['trace']), lambda one: 'braintrust:' || trace || ':' || one)
         END AS restated,
    CASE
        WHEN calls AND from_cache THEN 'answered from the gateway''s own cache, no provider call'
        WHEN is_sum AND coalesce(TRY_CAST(metrics.llm_calls AS DOUBLE), 0) = 0 AND NOT measured THEN 'a trace without a model call'
        WHEN is_upper AND (measured OR calls) OR NOT is_sum AND NOT calls AND measured THEN 'an aggregate of calls already counted'
        WHEN NOT is_sum AND NOT calls THEN 'a step of a trace, no model call'
    END AS skip,
    coalesce(metrics."start", created) AS started_at,
    metrics."end" AS completed_at,
    span_attributes.name AS endpoint,
    metadata.model AS model,
    lower(metadata.provider) AS provider,
    coalesce(metadata.session_id, metadata.thread_id, root_span_id) AS session_id,
    project_id AS team,
    metadata.user_id AS user_name,
    CASE WHEN erred(error) THEN 'error' END AS status,
    CASE WHEN measured THEN metrics.prompt_tokens END AS input_tokens,
    CASE WHEN measured THEN metrics.prompt_cached_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN written END AS cache_write_tokens,
    CASE WHEN measured AND measure(metrics.prompt_cache_creation_1h_tokens) <= written
         THEN metrics.prompt_cache_creation_1h_tokens END AS cache_write_1h_tokens,
    CASE WHEN measured THEN metrics.completion_tokens END AS output_tokens,
    CASE WHEN measured THEN metrics.completion_reasoning_tokens END AS reasoning_tokens,
    CASE WHEN measured THEN metrics.prompt_audio_tokens END AS input_audio_tokens,
    CASE WHEN measured THEN metrics.completion_audio_tokens END AS output_audio_tokens,
    CASE WHEN measured THEN metrics.completion_image_tokens END AS output_image_tokens,
    CASE WHEN measured AND NOT beside THEN coalesce(metrics.tokens, metrics.total_tokens) END AS total_tokens,
    beside AS cache_beside,
    coalesce(metrics.estimated_cost, metrics.total_cost) AS stated_cost,
    CASE WHEN coalesce(metrics.estimated_cost, metrics.total_cost) IS NOT NULL THEN 'USD' END AS stated_currency
FROM placed

-- name:      weave
-- title:     W&B Weave calls as JSON lines
-- source:    https://docs.wandb.ai/weave/guides/tracking/costs
--            https://docs.wandb.ai/weave/guides/tracking/trace-to-llm
-- container: json
-- grain:     group
-- evidence:  op_name
-- evidence:  started_at
-- evidence:  trace_id
-- evidence:  summary | parent_id | inputs
-- time:      started_at
-- model:     the keys of summary.usage
-- let:       USAGE = STRUCT(requests VARCHAR, prompt_tokens COUNT, completion_tokens COUNT, input_tokens COUNT,
--                           output_tokens COUNT, total_tokens COUNT, cache_read_input_tokens COUNT,
--                           cache_creation_input_tokens COUNT, prompt_tokens_details STRUCT(cached_tokens COUNT),
--                           input_tokens_details STRUCT(cached_tokens COUNT),
--                           completion_tokens_details STRUCT(reasoning_tokens COUNT),
--                           output_tokens_details STRUCT(reasoning_tokens COUNT))
-- let:       COST = STRUCT(prompt_tokens_total_cost VARCHAR, completion_tokens_total_cost VARCHAR)
-- columns:   id VARCHAR, project_id VARCHAR, trace_id VARCHAR, parent_id VARCHAR, thread_id VARCHAR, op_name VARCHAR,
--            display_name VARCHAR, started_at VARCHAR, ended_at VARCHAR, wb_user_id VARCHAR,
--            inputs STRUCT(model VARCHAR),
--            summary STRUCT(usage MAP(VARCHAR, USAGE),
--                           weave STRUCT(status VARCHAR, costs MAP(VARCHAR, COST)))
--
-- summary.usage of a call is the sum of all calls below it, keyed by model: only those without a measured call below
-- them count, and each of their models becomes a row. In an export of roots alone the roots do, with their number of
-- requests. A call of a client library without usage failed, or was not counted. A call above others may be in another
-- log, alone or as it was before they were: its ids are restated.
WITH call AS (
    SELECT *,
        list_filter(map_entries(summary.usage), lambda one:
            coalesce(one.value.prompt_tokens, one.value.input_tokens, one.value.completion_tokens, one.value.output_tokens,
                     one.value.total_tokens) IS NOT NULL) AS used,
        regexp_replace(regexp_extract(op_name, '([^/]+)$', 1), ':[^:]*$', '') AS op,
        coalesce(regexp_matches(lower(op), '(completions?|messages|responses|embeddings|chat)\.(create|acreate|parse|stream|complete)$'
                                           || '|litellm\.a?completion$|generate_content'), false) AS of_a_client
    FROM records
), upper AS (
    SELECT DISTINCT source_id, parent_id AS id FROM call WHERE len(used) > 0 AND parent_id IS NOT NULL
), exploded AS (
    SELECT *, unnest(CASE WHEN len(used) > 0 AND NOT is_upper THEN used ELSE [NULL] END) AS one,
        unnest(CASE WHEN len(used) > 0 AND NOT is_upper THEN range(1, len(used) + 1) ELSE [1] END) AS place
    FROM (
        SELECT *,
            coalesce((source_id, id) IN (SELECT (source_id, id) FROM upper), false) AS is_upper,
            CASE WHEN len(used) > 0 AND (source_id, parent_id) NOT IN (SELECT (source_id, id) FROM call WHERE id IS NOT NULL)
                 THEN parent_id END AS beyond
        FROM call
    )
), read AS (
    SELECT * EXCLUDE (one),
        one.key AS model,
        one.value AS u,
        summary.weave.costs[one.key] AS c,
        coalesce(one.value.prompt_tokens, one.value.input_tokens) AS input_count,
        coalesce(one.value.completion_tokens, one.value.output_tokens) AS output_count,
        coalesce(one.value.prompt_tokens_details.cached_tokens, one.value.input_tokens_details.cached_tokens,
                 one.value.cache_read_input_tokens) AS read_count
    FROM exploded
), told AS (
    SELECT *,
        u.cache_creation_input_tokens AS written_count,
        coalesce(measure(read_count), 0) + coalesce(measure(u.cache_creation_input_tokens), 0) AS cached,
        usage_told(input_count, output_count) AS measured
    FROM read
)
SELECT
    source_id,
    record,
    CASE WHEN place = 1 THEN 1 ELSE 0 END AS records,
    CASE WHEN TRY_CAST(u.requests AS BIGINT) > 1 THEN TRY_CAST(u.requests AS BIGINT) ELSE 1 END AS calls,
    CASE WHEN TRY_CAST(id AS UUID) IS NULL THEN 'weave:' ELSE '' END || nullif(id, '')
        || CASE WHEN len(used) > 1 THEN ':' || model ELSE '' END AS request_id,
    CASE WHEN place = 1 AND (is_upper OR beyond IS NOT NULL) THEN flatten(list_transform(
        list_filter([CASE WHEN is_upper THEN id END, beyond], lambda above: above <> ''),
        lambda above: list_transform(
            list_concat([''], list_transform(used, lambda one: ':' || one.key)),
            lambda model: CASE WHEN TRY_CAST(above AS UUID) IS NULL THEN 'weave:' ELSE '' END || above || model))) END AS restated,
    CASE
        WHEN is_upper THEN 'an aggregate of calls already counted'
        WHEN u IS NULL AND NOT of_a_client THEN 'a step of a trace, no model call'
    END AS skip,
    started_at,
    ended_at AS completed_at,
    coalesce(nullif(display_name, ''), op) AS endpoint,
    coalesce(model, inputs.model) AS model,
    coalesce(thread_id, trace_id) AS session_id,
    project_id AS team,
    wb_user_id AS user_name,
    summary.weave.status AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN written_count END AS cache_write_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN coalesce(u.completion_tokens_details.reasoning_tokens, u.output_tokens_details.reasoning_tokens)
         END AS reasoning_tokens,
    -- A total that is less than input, output and a cache that must stand beside them was made without the cache.
    CASE WHEN measured AND NOT coalesce(cached > measure(input_count)
                                        AND measure(u.total_tokens) = measure(input_count) + measure(output_count), false)
         THEN u.total_tokens END AS total_tokens,
    u.input_tokens IS NOT NULL AND coalesce(u.cache_read_input_tokens, u.cache_creation_input_tokens) IS NOT NULL AS cache_beside,
    TRY_CAST(c.prompt_tokens_total_cost AS DECIMAL(36, 15))
        + TRY_CAST(c.completion_tokens_total_cost AS DECIMAL(36, 15)) AS stated_cost,
    CASE WHEN c IS NOT NULL THEN 'USD' END AS stated_currency
FROM told

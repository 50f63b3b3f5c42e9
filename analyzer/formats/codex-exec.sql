-- name:      codex-exec
-- title:     Codex without a terminal: the events of `codex exec --json`, kept as a log
-- source:    https://github.com/openai/codex/blob/main/codex-rs/exec/src/exec_events.rs
-- container: json
-- grain:     group
-- evidence:  type | data.model_name = thread.started | turn.completed | turn.failed | item.* | gpt-* | codex-*
-- evidence:  usage | thread_id | item | error | data.usage
-- time:      timestamp | created_at | data.timestamp
-- model:     model | model_name | data.model | data.model_name
-- let:       USAGE = STRUCT(input_tokens COUNT, cached_input_tokens COUNT, cache_write_input_tokens COUNT, output_tokens COUNT,
--                           reasoning_output_tokens COUNT, total_tokens COUNT,
--                           prompt_tokens COUNT, cached_tokens COUNT, completion_tokens COUNT)
-- columns:   type VARCHAR, timestamp VARCHAR, created_at VARCHAR, model VARCHAR, model_name VARCHAR, thread_id VARCHAR,
--            usage USAGE, data STRUCT(timestamp VARCHAR, created_at VARCHAR, model VARCHAR, model_name VARCHAR, usage USAGE)
--
-- A turn's usage is the running total of its thread: a thread that is resumed in the same log goes on counting, so a
-- later turn is what the total grew by. Codex itself writes neither time nor model (`--set time=… --set model=…`); scripts
-- that keep the events add them. Cached, written and reasoning tokens are inside.
WITH read AS (
    SELECT *,
        coalesce(data.usage, usage) AS u,
        -- A word that is no time must not hide the one that is.
        CASE WHEN instant(timestamp) IS NOT NULL THEN timestamp WHEN instant(created_at) IS NOT NULL THEN created_at
             WHEN instant(data.timestamp) IS NOT NULL THEN data.timestamp WHEN instant(data.created_at) IS NOT NULL THEN data.created_at
             WHEN timestamp NOT IN ('true', 'false') THEN timestamp END AS from_text,
        coalesce(named(model), named(model_name), named(data.model), named(data.model_name)) AS model_text,
        last_value(CASE WHEN type = 'thread.started' THEN thread_id END IGNORE NULLS) OVER so_far AS thread,
        count(*) FILTER (WHERE type = 'thread.started') OVER so_far AS run
    FROM records
    WINDOW so_far AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING)
), counted AS (
    SELECT *,
        coalesce(u.input_tokens, u.prompt_tokens) AS i,
        coalesce(u.cached_input_tokens, u.cached_tokens) AS r,
        u.cache_write_input_tokens AS w,
        coalesce(u.output_tokens, u.completion_tokens) AS o,
        u.reasoning_output_tokens AS g
    FROM read
), summed AS (
    SELECT *,
        CASE WHEN i IS NOT NULL AND o IS NOT NULL AND NOT (miscounted(i) OR miscounted(r) OR miscounted(w) OR miscounted(o) OR miscounted(g))
             THEN [whole(i), coalesce(whole(r), 0), coalesce(whole(w), 0), whole(o), coalesce(whole(g), 0)] END AS sums
    FROM counted
), compared AS (
    SELECT *,
        lag(sums IGNORE NULLS) OVER of_thread AS before,
        lag(CASE WHEN sums IS NOT NULL THEN run END IGNORE NULLS) OVER of_thread AS run_before
    FROM summed
    WINDOW of_thread AS (PARTITION BY source_id, thread ORDER BY record)
), called AS (
    SELECT *,
        CASE WHEN sums IS NULL THEN NULL
             WHEN thread IS NOT NULL AND run > run_before AND sums[1] >= before[1] AND sums[2] >= before[2] AND sums[3] >= before[3]
              AND sums[4] >= before[4] AND sums[5] >= before[5]
             THEN [sums[1] - before[1], sums[2] - before[2], sums[3] - before[3], sums[4] - before[4], sums[5] - before[5]]
             ELSE sums END AS growth
    FROM compared
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN type = 'turn.failed' OR i IS NOT NULL OR o IS NOT NULL THEN NULL
         WHEN type LIKE 'item.%' THEN 'an item of the conversation'
         WHEN type = 'error' THEN 'an error notice of the program'
         WHEN type IN ('thread.started', 'turn.started') THEN 'the beginning of a thread or turn'
         WHEN type IS NOT NULL THEN 'an event without usage' END AS skip,
    CASE WHEN sums IS NOT NULL AND coalesce(thread, from_text) IS NOT NULL
         THEN concat_ws(':', 'codex-exec', thread, from_text, array_to_string(sums, ',')) END AS request_id,
    from_text AS started_at,
    'codex/exec' AS endpoint,
    model_text AS model,
    CASE WHEN starts_with(model_text, 'gpt-') THEN 'openai' END AS provider,
    'responses' AS operation,
    thread AS session_id,
    CASE WHEN type = 'turn.failed' THEN 'error' END AS status,
    CASE WHEN growth IS NULL THEN i ELSE CAST(growth[1] AS COUNT) END AS input_tokens,
    CASE WHEN growth IS NULL OR r IS NULL THEN r ELSE CAST(growth[2] AS COUNT) END AS cache_read_tokens,
    CASE WHEN growth IS NULL OR w IS NULL THEN w ELSE CAST(growth[3] AS COUNT) END AS cache_write_tokens,
    CASE WHEN growth IS NULL THEN o ELSE CAST(growth[4] AS COUNT) END AS output_tokens,
    CASE WHEN growth IS NULL OR g IS NULL THEN g ELSE CAST(growth[5] AS COUNT) END AS reasoning_tokens,
    -- A total of 0 beside counts is one that nobody filled in.
    CASE WHEN growth IS NULL OR growth = sums THEN CASE WHEN measure(u.total_tokens) <> 0 THEN u.total_tokens END END AS total_tokens
FROM called

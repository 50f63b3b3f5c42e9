-- name:      codex
-- title:     Codex rollouts (~/.codex/sessions/**/rollout-*.jsonl, archived_sessions)
-- source:    https://github.com/openai/codex/blob/main/codex-rs/protocol/src/protocol.rs
-- container: json
-- grain:     group
-- evidence:  type = session_meta | turn_context | event_msg | response_item | compacted | token_usage_record
-- evidence:  payload
-- time:      timestamp
-- model:     payload.model of the turn_context before
-- let:       USAGE = STRUCT(input_tokens COUNT, cached_input_tokens COUNT, cache_write_input_tokens COUNT,
--                           output_tokens COUNT, reasoning_output_tokens COUNT, total_tokens COUNT)
-- columns:   timestamp VARCHAR, type VARCHAR,
--            payload STRUCT(type VARCHAR, id VARCHAR, model VARCHAR, model_name VARCHAR, cwd VARCHAR, model_provider VARCHAR,
--                           forked_from_id VARCHAR, source JSON, thread_id VARCHAR, response_id VARCHAR, usage USAGE,
--                           service_tier VARCHAR, thread_settings STRUCT(model VARCHAR, service_tier VARCHAR),
--                           info STRUCT(model VARCHAR, service_tier VARCHAR, total_token_usage USAGE, last_token_usage USAGE))
--
-- `token_count` tells the running total of its thread: a call is what the total grew by, a total that did not grow is
-- told again, and one that fell began anew. The first total of a log may hold calls of an earlier one: its own call is
-- `last_token_usage`. Where a response's `token_usage_record` stands, it is the call, with the provider's id, and the
-- totals only repeat it. A fork or a subagent begins with its parent's history, written again in one go at the time of
-- the fork: that is told by the parent's log. `info` is null where only rate limits are told: where nothing else of the
-- turn is measured, a call was made whose usage nobody knows. Cached, written and reasoning tokens are inside. Logs that
-- were put together are parts of their own: the header of a fork's parent comes in one go with the fork's own, another
-- log's header at another time than what stands before it. A call is of the service tier that it names, else of the one
-- that the settings of its thread named last: fast mode (`priority`) is dearer by half and more.
WITH setting AS (
    -- Settings stand among the events: what they say is handed on before those are put aside.
    SELECT *,
        last_value(CASE WHEN type = 'session_meta' THEN '' WHEN type = 'turn_context' THEN nullif(payload.service_tier, '')
                        ELSE nullif(payload.thread_settings.service_tier, '') END IGNORE NULLS) OVER so_far AS set_tier,
        last_value(CASE WHEN type = 'session_meta' THEN '' ELSE nullif(payload.thread_settings.model, '') END IGNORE NULLS)
            OVER so_far AS set_model
    FROM records
    WHERE type IN ('session_meta', 'turn_context', 'token_usage_record')
       OR (type = 'event_msg' AND payload.type IN ('token_count', 'thread_settings_applied'))
    WINDOW so_far AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING)
), plain AS (
    SELECT source_id, record, type, timestamp, instant(timestamp) AS stamp, payload, nullif(set_model, '') AS set_model,
        coalesce(nullif(payload.service_tier, ''), nullif(payload.info.service_tier, ''), nullif(set_tier, '')) AS tier,
        type = 'event_msg' AND payload.type = 'token_count' AS counter,
        type = 'token_usage_record' AS response,
        payload.info.total_token_usage AS total,
        payload.info.last_token_usage AS last,
        nullif(CASE WHEN type IN ('turn_context', 'event_msg', 'token_usage_record')
                    THEN coalesce(payload.model, payload.model_name, payload.info.model) END, '') AS model
    FROM setting
    WHERE type <> 'event_msg' OR payload.type = 'token_count'
), headed AS (
    SELECT *,
        lag(stamp) OVER in_order AS stamp_before,
        lag(type) OVER in_order = 'session_meta' AND lag(record) OVER in_order = record - 1 AS below_a_header,
        lag(CASE WHEN type = 'session_meta' THEN payload.id END IGNORE NULLS) OVER in_order AS thread_before
    FROM plain
    WINDOW in_order AS (PARTITION BY source_id ORDER BY record)
), told AS (
    SELECT *,
        count(*) FILTER (WHERE type = 'session_meta' AND NOT below_a_header AND payload.id IS DISTINCT FROM thread_before
                           AND (stamp - stamp_before >= INTERVAL 1 SECOND OR stamp_before - stamp >= INTERVAL 1 SECOND))
            OVER (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING) AS part
    FROM headed
), judged AS (
    SELECT *,
        -- No sums of counts that are none: such a record is refused as it stands.
        coalesce(total IS NOT NULL AND NOT (miscounted(total.input_tokens) OR miscounted(total.cached_input_tokens)
            OR miscounted(total.cache_write_input_tokens) OR miscounted(total.output_tokens)
            OR miscounted(total.reasoning_output_tokens) OR total.input_tokens IS NULL OR total.output_tokens IS NULL), false) AS totalled,
        last.input_tokens IS NOT NULL AND last.output_tokens IS NOT NULL AS lasting
    FROM told
), numbered AS (
    SELECT *,
        CASE WHEN counter AND totalled THEN [whole(total.input_tokens), coalesce(whole(total.cached_input_tokens), 0),
             coalesce(whole(total.cache_write_input_tokens), 0), whole(total.output_tokens),
             coalesce(whole(total.reasoning_output_tokens), 0)] END AS sums,
        CASE WHEN counter AND lasting AND NOT (miscounted(last.input_tokens) OR miscounted(last.cached_input_tokens)
              OR miscounted(last.cache_write_input_tokens) OR miscounted(last.output_tokens) OR miscounted(last.reasoning_output_tokens))
             THEN [whole(last.input_tokens), coalesce(whole(last.cached_input_tokens), 0),
             coalesce(whole(last.cache_write_input_tokens), 0), whole(last.output_tokens),
             coalesce(whole(last.reasoning_output_tokens), 0)] END AS lasts,
        -- A thread that came from another one says so, or holds the other one's header too.
        coalesce(bool_or(type = 'session_meta' AND (payload.forked_from_id IS NOT NULL OR (payload.source ->> '$.subagent') IS NOT NULL))
            OVER of_log, false)
            OR coalesce(min(CASE WHEN type = 'session_meta' THEN payload.id END) OVER of_log
                     <> max(CASE WHEN type = 'session_meta' THEN payload.id END) OVER of_log, false) AS forked,
        first_value(CASE WHEN type = 'session_meta' THEN payload.id END IGNORE NULLS) OVER whole_log AS thread,
        first_value(CASE WHEN type = 'session_meta' THEN payload.source ->> '$.subagent' END IGNORE NULLS) OVER whole_log AS agent,
        first_value(CASE WHEN type = 'session_meta' THEN payload.model_provider END IGNORE NULLS) OVER whole_log AS provider,
        first_value(CASE WHEN type = 'session_meta' THEN stamp END IGNORE NULLS) OVER whole_log AS begun,
        coalesce(last_value(model IGNORE NULLS) OVER so_far, set_model) AS current_model,
        last_value(CASE WHEN type IN ('session_meta', 'turn_context') THEN payload.cwd END IGNORE NULLS) OVER so_far AS cwd,
        count(*) FILTER (WHERE type = 'turn_context') OVER so_far AS turn,
        coalesce(stamp - lag(stamp) OVER in_order >= INTERVAL 1 SECOND, false) AS after_a_while
    FROM judged
    WINDOW of_log AS (PARTITION BY source_id, part),
           in_order AS (PARTITION BY source_id, part ORDER BY record),
           whole_log AS (PARTITION BY source_id, part ORDER BY record ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
           so_far AS (PARTITION BY source_id, part ORDER BY record ROWS UNBOUNDED PRECEDING)
), placed AS (
    SELECT *,
        forked AND (coalesce(stamp < begun, false) OR NOT bool_or(after_a_while) OVER so_far
                    OR (response AND payload.thread_id <> thread)) AS replayed,
        -- Only the first of the same total and last: the others are the same event, told again.
        CASE WHEN sums IS NOT NULL THEN row_number() OVER (PARTITION BY source_id, part, sums, lasts ORDER BY record) END AS telling
    FROM numbered
    WINDOW so_far AS (PARTITION BY source_id, part ORDER BY record ROWS UNBOUNDED PRECEDING)
), compared AS (
    SELECT *,
        lag(CASE WHEN telling = 1 THEN sums END IGNORE NULLS) OVER in_order AS before,
        -- Responses with their own record since the total was told last.
        count(*) FILTER (WHERE response AND payload.usage.input_tokens IS NOT NULL) OVER so_far AS responses,
        coalesce(bool_or(response OR sums IS NOT NULL OR lasts IS NOT NULL) OVER (PARTITION BY source_id, part, turn), false) AS measured,
        row_number() OVER (PARTITION BY source_id, part, turn, counter AND total IS NULL AND last IS NULL ORDER BY record) AS notice
    FROM placed
    WINDOW in_order AS (PARTITION BY source_id, part ORDER BY record),
           so_far AS (PARTITION BY source_id, part ORDER BY record ROWS UNBOUNDED PRECEDING)
), grown AS (
    SELECT *,
        CASE
            WHEN NOT counter OR (sums IS NULL AND lasts IS NULL) THEN NULL
            WHEN sums IS NULL THEN lasts
            WHEN before IS NULL THEN coalesce(lasts, sums)
            WHEN sums = lasts THEN lasts  -- a new counter
            WHEN sums[1] < before[1] OR sums[2] < before[2] OR sums[3] < before[3] OR sums[4] < before[4] OR sums[5] < before[5]
                THEN coalesce(lasts, sums)
            ELSE [sums[1] - before[1], sums[2] - before[2], sums[3] - before[3], sums[4] - before[4], sums[5] - before[5]]
        END AS growth,
        coalesce(responses > lag(CASE WHEN counter AND telling = 1 THEN responses END, 1, 0 IGNORE NULLS) OVER in_order, false) AS recorded
    FROM compared
    WINDOW in_order AS (PARTITION BY source_id, part ORDER BY record)
), called AS (
    SELECT *,
        CASE
            WHEN type = 'session_meta' THEN 'the header of a log'
            WHEN type = 'turn_context' THEN 'the settings of a turn'
            WHEN replayed THEN 'history of the thread that this one came from'
            WHEN response THEN NULL
            WHEN total IS NULL AND last IS NULL AND (measured OR notice > 1 OR current_model IS NULL) THEN 'rate limits, no call'
            WHEN growth IS NULL THEN NULL
            WHEN telling > 1 OR growth = [0, 0, 0, 0, 0] THEN 'a running total that did not grow'
            WHEN recorded THEN 'counted by its token_usage_record'
        END AS skip,
        -- Reasoning stands beside only where the total of all tokens says so.
        CASE WHEN sums IS NULL OR growth = lasts THEN last ELSE total END AS said
    FROM grown
)
SELECT
    source_id, record, 1 AS records, skip,
    CASE WHEN response THEN coalesce(nullif(payload.response_id, ''), concat_ws(':', 'codex', thread, timestamp))
         -- Copies of a log and branches repeat instant and counts; no thread is in it, for a branch has another one.
         WHEN growth IS NOT NULL THEN concat_ws(':', 'codex', CAST(stamp AS VARCHAR), array_to_string(coalesce(sums, lasts), ','))
    END AS request_id,
    timestamp AS started_at,
    CASE WHEN agent IS NULL THEN 'codex' ELSE 'codex/subagent' END AS endpoint,
    current_model AS model,
    coalesce(provider, CASE WHEN starts_with(current_model, 'gpt-') THEN 'openai' END) AS provider,
    'responses' AS operation,
    tier AS service_tier,
    thread AS session_id,
    nullif(regexp_extract(cwd, '([^/\\]+)[/\\]*$', 1), '') AS team,
    CASE WHEN response THEN payload.usage.input_tokens WHEN growth IS NOT NULL THEN CAST(growth[1] AS COUNT)
         ELSE coalesce(total.input_tokens, last.input_tokens) END AS input_tokens,
    CASE WHEN response THEN payload.usage.cached_input_tokens
         WHEN growth IS NOT NULL THEN CASE WHEN said.cached_input_tokens IS NOT NULL THEN CAST(growth[2] AS COUNT) END
         ELSE coalesce(total.cached_input_tokens, last.cached_input_tokens) END AS cache_read_tokens,
    CASE WHEN response THEN payload.usage.cache_write_input_tokens
         WHEN growth IS NOT NULL THEN CASE WHEN said.cache_write_input_tokens IS NOT NULL THEN CAST(growth[3] AS COUNT) END
         ELSE coalesce(total.cache_write_input_tokens, last.cache_write_input_tokens) END AS cache_write_tokens,
    CASE WHEN response THEN payload.usage.output_tokens WHEN growth IS NOT NULL THEN CAST(growth[4] AS COUNT)
         ELSE coalesce(total.output_tokens, last.output_tokens) END AS output_tokens,
    CASE WHEN response THEN payload.usage.reasoning_output_tokens
         WHEN growth IS NOT NULL THEN CASE WHEN said.reasoning_output_tokens IS NOT NULL THEN CAST(growth[5] AS COUNT) END
         ELSE coalesce(total.reasoning_output_tokens, last.reasoning_output_tokens) END AS reasoning_tokens,
    measure(said.total_tokens) = measure(said.input_tokens) + measure(said.output_tokens) + measure(said.reasoning_output_tokens) AS reasoning_beside
FROM called
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, timestamp AS started_at,
    CASE WHEN type IN ('response_item', 'compacted') THEN 'an item of the conversation' WHEN type = 'event_msg' THEN 'an event without usage'
         WHEN timestamp IS NULL THEN NULL ELSE 'bookkeeping of the transcript' END AS skip
FROM records
WHERE coalesce(NOT (type IN ('session_meta', 'turn_context', 'token_usage_record') OR (type = 'event_msg' AND payload.type = 'token_count')), true)

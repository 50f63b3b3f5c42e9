-- workloads.sql
-- Question: What kind of work does each endpoint do, as far as a log tells?
-- Reads:    calls, percentiles
-- Returns:  endpoint            VARCHAR  NULL when the log names none
--           requests            BIGINT   calls
--           measured            BIGINT   of them with known usage
--           seconds             BIGINT   of the period asked for, or from the first call to the last; at least one day
--           output_tokens       BIGINT   tokens; NULL when no call's are known
--           output_tokens_p90   DOUBLE   exact, with linear interpolation; NULL where only exports tell
--           input_tokens_p90    DOUBLE   the same
--           cache_hit_rate      DOUBLE   0 to 1, token-weighted, where the split is known; NULL when it never is
--           tool_calls_known    BIGINT   calls whose log tells how many tools they called
--           tool_calls_chained  BIGINT   of them those that called at least one
--           reasoning_known     BIGINT   calls whose log tells of reasoning
--           reasoning_share     DOUBLE   0 to 1: the part of their output that was reasoning; NULL when none is known
-- Grain:    one row per endpoint
-- Settings: since, until
WITH whole AS (
    SELECT greatest(86400, date_diff('second', coalesce(getvariable('since'), min(instant)), coalesce(getvariable('until'), max(until)))) AS seconds
    FROM calls
), worked AS (
    SELECT
        endpoint,
        CAST(sum(calls) AS BIGINT) AS requests,
        CAST(coalesce(sum(calls) FILTER (WHERE measured), 0) AS BIGINT) AS measured,
        CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
        CAST(sum(cache_read_tokens) AS DOUBLE)
            / nullif(CAST(sum(input_tokens) FILTER (WHERE cache_read_tokens IS NOT NULL) AS DOUBLE), 0) AS cache_hit_rate,
        CAST(coalesce(sum(calls) FILTER (WHERE tool_calls IS NOT NULL), 0) AS BIGINT) AS tool_calls_known,
        CAST(coalesce(sum(calls) FILTER (WHERE tool_calls > 0), 0) AS BIGINT) AS tool_calls_chained,
        CAST(coalesce(sum(calls) FILTER (WHERE reasoning_tokens IS NOT NULL), 0) AS BIGINT) AS reasoning_known,
        CAST(sum(reasoning_tokens) AS DOUBLE)
            / nullif(CAST(sum(output_tokens) FILTER (WHERE reasoning_tokens IS NOT NULL) AS DOUBLE), 0) AS reasoning_share
    FROM calls
    GROUP BY endpoint
)
SELECT
    w.endpoint,
    w.requests,
    w.measured,
    CAST(whole.seconds AS BIGINT) AS seconds,
    w.output_tokens,
    o.p90 AS output_tokens_p90,
    i.p90 AS input_tokens_p90,
    w.cache_hit_rate,
    w.tool_calls_known,
    w.tool_calls_chained,
    w.reasoning_known,
    w.reasoning_share
FROM worked AS w
CROSS JOIN whole
LEFT JOIN percentiles AS o ON o.endpoint IS NOT DISTINCT FROM w.endpoint AND o.side = 'output'
LEFT JOIN percentiles AS i ON i.endpoint IS NOT DISTINCT FROM w.endpoint AND i.side = 'input'
ORDER BY w.endpoint

-- What `modelled` takes from the hits of requests in sessions that a move touches, with what `cold` takes from those of them
-- that stay.
--
-- A request hits what the model that would serve it has seen of the session: the prompt and the answer of the session's last
-- request there, in whole units of the provider's cache, if that is not older than the cache lives. A session's first
-- request hits the prefix of its endpoint, as it was observed: `shifts_cold_starts` takes that where the model has not seen
-- the endpoint. Never more than was observed. Where only token shares move, all keep what was observed.
WITH told AS (
    SELECT
        t.session,
        t.session_check,
        t.server,
        t.place,
        t.flow,
        t.any_moved,
        t.started_at,
        t.input_tokens,
        t.output_tokens,
        t.cache_read_tokens,
        t.input_tokens + t.output_tokens - (t.input_tokens + t.output_tokens) % t.cache_unit AS units,
        NOT d.moved OR t.started_at = d.first_started AS kept
    FROM turns AS t
    JOIN session_domains AS d ON d.session = t.session AND d.session_check = t.session_check
    WHERE t.measured
), followed AS (
    SELECT
        flow,
        any_moved,
        kept,
        started_at,
        cache_read_tokens,
        lag(started_at) OVER (PARTITION BY session, session_check, server ORDER BY started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen_at,
        lag(units) OVER (PARTITION BY session, session_check, server ORDER BY started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen
    FROM told
), met AS (
    SELECT
        flow,
        any_moved,
        cache_read_tokens,
        CASE
            WHEN kept THEN cache_read_tokens
            WHEN started_at - seen_at <= getvariable('cache_ttl') THEN least(cache_read_tokens, seen)
            ELSE 0
        END AS hits
    FROM followed
    WHERE cache_read_tokens > 0
)
SELECT
    flow,
    sum(CAST(hits - cache_read_tokens AS HUGEINT)) AS modelled,
    sum(CAST(CASE WHEN any_moved THEN 0 ELSE -cache_read_tokens END AS HUGEINT)) AS cold
FROM met
GROUP BY flow

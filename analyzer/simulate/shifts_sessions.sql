-- What `modelled` takes from the hits of requests in sessions that a move touches, with what `cold` takes from those of them
-- that stay. The slot is a relation with all requests of those sessions, and perhaps of others.
--
-- A request hits what the model that would serve it has seen of the session: the prompt and the answer of the session's last
-- request there, in whole units of the provider's cache, if that is not older than the cache lives. A session's first
-- request hits the prefix of its endpoint, as it was observed: `shifts_cold_starts` takes that where the model has not seen
-- the endpoint. Never more than was observed. Where only token shares move, all keep what was observed. A request without usage
-- is no turn of a cache, which server 0 stands for, but what it moves, moves.
--
-- One sort tells the last request and what is true of the whole session, which costs less than to look each session up.
WITH told AS (
    SELECT
        session,
        session_check,
        CASE WHEN measured THEN server ELSE 0 END AS server,
        place,
        flow,
        moved,
        any_moved,
        started_at,
        input_tokens,
        output_tokens,
        cache_read_tokens,
        input_tokens + output_tokens - (input_tokens + output_tokens) % cache_unit AS units
    FROM {turns}
), followed AS (
    SELECT
        flow,
        server,
        any_moved,
        started_at,
        cache_read_tokens,
        bool_or(moved) OVER (PARTITION BY session, session_check) AS replayed,
        bool_or(any_moved) OVER (PARTITION BY session, session_check) AS touched,
        min(started_at) OVER (PARTITION BY session, session_check) AS first_started,
        lag(server) OVER (PARTITION BY session, session_check ORDER BY server, started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS before,
        lag(started_at) OVER (PARTITION BY session, session_check ORDER BY server, started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen_at,
        lag(units) OVER (PARTITION BY session, session_check ORDER BY server, started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen
    FROM told
), met AS (
    SELECT
        flow,
        any_moved,
        cache_read_tokens,
        CASE
            WHEN NOT replayed OR started_at = first_started THEN cache_read_tokens
            WHEN before = server AND started_at - seen_at <= getvariable('cache_ttl') THEN least(cache_read_tokens, seen)
            ELSE 0
        END AS hits
    FROM followed
    WHERE touched AND server > 0 AND cache_read_tokens > 0
)
SELECT
    flow,
    sum(CAST(hits - cache_read_tokens AS HUGEINT)) AS modelled,
    sum(CAST(CASE WHEN any_moved THEN 0 ELSE -cache_read_tokens END AS HUGEINT)) AS cold
FROM met
GROUP BY flow

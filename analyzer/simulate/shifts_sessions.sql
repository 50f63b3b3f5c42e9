-- What `modelled` takes from the hits of requests in sessions that a move touches, with what `cold` takes from those of them
-- that stay.
--
-- A request hits what the model that would serve it has seen of the session: the prompt and the answer of the session's last
-- request there, in whole units of the provider's cache, if that is not older than the cache lives. A session's first
-- request hits the prefix of its endpoint, as it was observed: `shifts_cold_starts` takes that where the model has not seen
-- the endpoint. Never more than was observed. Where only token shares move, all keep what was observed.
WITH turns AS (
    SELECT
        p.flow,
        p.any_moved,
        p.cache_unit,
        p.cache_read_tokens,
        p.started_at,
        d.first_started,
        d.moved AS replayed,
        lag(p.started_at) OVER (PARTITION BY d.number, p.server ORDER BY p.started_at, p.input_tokens, p.output_tokens, p.cache_read_tokens, p.place, p.flow) AS seen_at,
        lag(p.input_tokens + p.output_tokens) OVER (PARTITION BY d.number, p.server ORDER BY p.started_at, p.input_tokens, p.output_tokens, p.cache_read_tokens, p.place, p.flow) AS seen
    FROM placed AS p
    JOIN session_domains AS d ON d.session_id = p.session_id
    WHERE p.cache_basis = 'session' AND p.measured
), met AS (
    SELECT
        flow,
        any_moved,
        cache_read_tokens,
        CASE
            WHEN NOT replayed OR started_at = first_started THEN cache_read_tokens
            WHEN started_at - seen_at <= getvariable('cache_ttl') THEN least(cache_read_tokens, seen - seen % cache_unit)
            ELSE 0
        END AS hits
    FROM turns
    WHERE cache_read_tokens > 0
)
SELECT
    flow,
    sum(CAST(hits - cache_read_tokens AS HUGEINT)) AS modelled,
    sum(CAST(CASE WHEN any_moved THEN 0 ELSE -cache_read_tokens END AS HUGEINT)) AS cold
FROM met
GROUP BY flow

-- What `modelled` takes from the hits of requests with a session. Only sessions that a move splits are replayed, and those
-- whose first request meets a model that has not seen its endpoint; all others keep the hits that were observed.
--
-- A request keeps its hits where the model that serves it last saw the session as it did in reality, and where it did not
-- move and has no earlier request in either. Else it hits what that model has seen: the prompt and the answer of the
-- session's last request there, in whole units of the provider's cache, if that is not older than the cache lives; a first
-- request hits the prefix of its endpoint, as observed, where the model has seen that. Never more than was observed.
INSERT INTO shifts
WITH replayed AS (
    SELECT session_id FROM session_domains WHERE split
    UNION
    SELECT p.session_id
    FROM placed AS p
    JOIN cold_starts AS c
        ON c.serves = p.serves AND c.logged_endpoint IS NOT DISTINCT FROM p.logged_endpoint AND c.started_at = p.started_at
    WHERE p.cache_basis = 'session' AND p.moved AND p.measured AND p.cache_read_tokens > 0
), turns AS (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY session_id ORDER BY started_at, request_id, row_id) AS turn,
        lag(row_id) OVER (PARTITION BY session_id, served ORDER BY started_at, request_id, row_id) AS was_after,
        lag(row_id) OVER (PARTITION BY session_id, serves ORDER BY started_at, request_id, row_id) AS is_after,
        lag(started_at) OVER (PARTITION BY session_id, serves ORDER BY started_at, request_id, row_id) AS seen_at,
        lag(input_tokens + output_tokens) OVER (PARTITION BY session_id, serves ORDER BY started_at, request_id, row_id) AS seen
    FROM placed AS p
    WHERE cache_basis = 'session' AND measured AND session_id IN (SELECT session_id FROM replayed)
), met AS (
    SELECT
        t.*,
        CASE
            WHEN is_after = was_after THEN cache_read_tokens
            WHEN NOT moved AND is_after IS NULL AND was_after IS NULL THEN cache_read_tokens
            WHEN turn = 1 AND c.serves IS NULL THEN cache_read_tokens
            WHEN t.started_at - seen_at <= getvariable('cache_ttl') THEN least(cache_read_tokens, seen - seen % cache_unit)
            ELSE 0
        END AS hits
    FROM turns AS t
    LEFT JOIN cold_starts AS c
        ON c.serves = t.serves AND c.logged_endpoint IS NOT DISTINCT FROM t.logged_endpoint AND c.started_at = t.started_at
)
SELECT endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known, cache_basis, route,
    sum(CAST(hits - cache_read_tokens AS HUGEINT)), 0
FROM met
WHERE cache_read_tokens > 0
GROUP BY endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known, cache_basis, route

-- What `modelled` takes from the hits of first requests of sessions that move to a model that has not seen their endpoint for as
-- long as a cache lives: no prefix that the endpoint's requests share is in its cache then.
WITH met AS (
    SELECT p.flow, p.session_id, p.started_at, p.cache_read_tokens
    FROM placed AS p
    JOIN cold_starts AS c
        ON c.serves = p.serves AND c.logged_endpoint IS NOT DISTINCT FROM p.logged_endpoint AND c.first_started = p.started_at
    WHERE p.cache_basis = 'session' AND p.measured AND p.moved AND p.cache_read_tokens > 0
), begun AS (
    SELECT session_id, min(started_at) AS first_started
    FROM placed
    WHERE cache_basis = 'session' AND session_id IN (SELECT session_id FROM met)
    GROUP BY session_id
)
SELECT m.flow, -sum(CAST(m.cache_read_tokens AS HUGEINT)) AS modelled, 0 AS cold
FROM met AS m
JOIN begun AS b ON b.session_id = m.session_id AND b.first_started = m.started_at
GROUP BY m.flow

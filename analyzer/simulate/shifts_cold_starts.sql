-- What `modelled` takes from the hits of first requests of sessions that move to a model that has not seen their endpoint for as
-- long as a cache lives: no prefix that the endpoint's requests share is in its cache then.
WITH met AS (
    SELECT t.flow, t.session, t.session_check, t.started_at, t.cache_read_tokens
    FROM turns AS t
    JOIN cold_starts AS c
        ON c.serves = t.serves AND c.logged_endpoint IS NOT DISTINCT FROM t.logged_endpoint AND c.first_started = t.started_at
    WHERE t.measured AND t.moved AND t.cache_read_tokens > 0
), begun AS (
    SELECT t.session, t.session_check, min(t.started_at) AS first_started
    FROM turns AS t
    JOIN (SELECT DISTINCT session, session_check FROM met) AS m ON m.session = t.session AND m.session_check = t.session_check
    GROUP BY t.session, t.session_check
)
SELECT m.flow, -sum(CAST(m.cache_read_tokens AS HUGEINT)) AS modelled, 0 AS cold
FROM met AS m
JOIN begun AS b
    ON b.session = m.session AND b.session_check = m.session_check AND b.first_started = m.started_at
GROUP BY m.flow

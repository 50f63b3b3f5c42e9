-- What `cold` takes from the hits of requests that stay where they are, in sessions that a move touches. Those that move lose
-- theirs as a whole (`shifts_flows`), and need no look one by one.
WITH touched AS (
    SELECT DISTINCT session, session_check FROM turns WHERE any_moved
)
SELECT t.flow, 0 AS modelled, -sum(CAST(t.cache_read_tokens AS HUGEINT)) AS cold
FROM turns AS t
JOIN touched AS d ON d.session = t.session AND d.session_check = t.session_check
WHERE NOT t.any_moved AND t.cache_read_tokens > 0
GROUP BY t.flow

-- What `cold` takes from the hits of requests that stay where they are, in sessions that a move touches. Those that move lose
-- theirs as a whole (`shifts_flows`), and need no look one by one.
SELECT flow, 0 AS modelled, -sum(CAST(cache_read_tokens AS HUGEINT)) AS cold
FROM placed
WHERE cache_basis = 'session' AND NOT any_moved AND cache_read_tokens > 0
    AND session_id IN (SELECT session_id FROM session_domains)
GROUP BY flow

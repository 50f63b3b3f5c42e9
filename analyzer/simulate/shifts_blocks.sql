-- Requests whose prefix blocks are known meet the cache of blocks at the model that would serve them, if their domain, all that
-- begins with the same block, has a move in it. The hits that were observed are the most there can be; where the log knows
-- none, the request costs as all misses in every scenario, and the self-test tells what it would have hit. Where only token
-- shares move, all keep what was observed. The slot is that of `block_hits`.
SELECT
    p.flow,
    CAST(sum(CASE WHEN b.replayed THEN least(b.hits, p.cache_read_tokens) - p.cache_read_tokens ELSE 0 END) AS HUGEINT) AS modelled,
    CAST(-sum(p.cache_read_tokens) AS HUGEINT) AS cold
FROM placed AS p
JOIN block_hits AS b ON b.key = p.{key}
WHERE b.touched AND p.cache_read_tokens > 0
GROUP BY p.flow

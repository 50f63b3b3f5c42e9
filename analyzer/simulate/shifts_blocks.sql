-- Requests whose prefix blocks are known meet the cache of blocks at the model that would serve them, if their domain, all that
-- begins with the same block, has a move in it. Where the log knows the hits they are the most there can be. Where it does
-- not, a request that moves has those of the blocks, as an estimate, and `cold` has none.
SELECT
    p.flow,
    CAST(coalesce(sum(least(b.hits, p.cache_read_tokens)) FILTER (WHERE p.split_known), 0)
        + coalesce(sum(b.hits) FILTER (WHERE NOT p.split_known AND p.moved), 0)
        - coalesce(sum(p.cache_read_tokens), 0) AS HUGEINT),
    CAST(-coalesce(sum(p.cache_read_tokens), 0) AS HUGEINT)
FROM placed AS p
JOIN block_hits AS b ON b.row_id = p.row_id
WHERE b.touched
GROUP BY p.flow

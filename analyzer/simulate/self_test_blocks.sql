-- What `self_test` tells, of requests whose prefix blocks are known. Where hits were not logged, what the blocks tell is the estimate.
-- The slot is that of `block_hits`.
SELECT
    CASE WHEN p.cache_read_tokens IS NULL THEN 'blocks, hits not logged' ELSE 'blocks' END AS cache_basis,
    count(*) AS requests,
    CAST(coalesce(sum(p.input_tokens), 0) AS HUGEINT) AS input_tokens,
    CAST(sum(p.cache_read_tokens) AS HUGEINT) AS observed,
    CAST(coalesce(sum(b.hits), 0) AS HUGEINT) AS predicted
FROM placed AS p
JOIN block_hits AS b ON b.key = p.{key}
GROUP BY CASE WHEN p.cache_read_tokens IS NULL THEN 'blocks, hits not logged' ELSE 'blocks' END

-- How well the cache model tells the history as it was: the hits that were observed against those that it would have told,
-- of requests that follow another one of their session at the same model, and of those whose prefix blocks are known. Where
-- hits were not logged, what the blocks tell is the estimate.
WITH turns AS (
    SELECT
        p.cache_read_tokens,
        p.input_tokens,
        p.cache_unit,
        p.started_at,
        lag(p.started_at) OVER seen AS seen_at,
        lag(p.input_tokens + p.output_tokens) OVER seen AS seen
    FROM placed AS p
    WHERE p.cache_basis = 'session' AND p.measured
    WINDOW seen AS (PARTITION BY p.session_id, p.server ORDER BY p.started_at, p.input_tokens, p.output_tokens, p.cache_read_tokens, p.flow)
)
SELECT
    'session' AS cache_basis,
    count(*) AS requests,
    CAST(coalesce(sum(input_tokens), 0) AS HUGEINT) AS input_tokens,
    CAST(coalesce(sum(cache_read_tokens), 0) AS HUGEINT) AS observed,
    CAST(coalesce(sum(CASE WHEN started_at - seen_at <= getvariable('cache_ttl')
        THEN least(input_tokens, seen - seen % cache_unit) ELSE 0 END), 0) AS HUGEINT) AS predicted
FROM turns
WHERE seen_at IS NOT NULL AND cache_read_tokens IS NOT NULL
UNION ALL
SELECT
    CASE WHEN p.cache_read_tokens IS NULL THEN 'blocks, hits not logged' ELSE 'blocks' END,
    count(*),
    CAST(coalesce(sum(p.input_tokens), 0) AS HUGEINT),
    CAST(sum(p.cache_read_tokens) AS HUGEINT),
    CAST(coalesce(sum(b.hits), 0) AS HUGEINT)
FROM placed AS p
JOIN block_hits AS b ON b.row_id = p.row_id
GROUP BY CASE WHEN p.cache_read_tokens IS NULL THEN 'blocks, hits not logged' ELSE 'blocks' END
ORDER BY cache_basis

-- An exact cache of prefix blocks at each model that would serve: a request hits its leading blocks that the model has met
-- within the time that a cache lives, and never more than its prompt. A block's name stands for all that comes before it, too.
WITH logged AS (
    SELECT p.row_id, p.server, p.any_moved, p.started_at, p.request_id, p.input_tokens, r.prefix_blocks,
        coalesce(r.block_size, 512) AS block_size,
        -- Short numbers count the blocks of one log; longer names are hashes of content, and mean the same in all logs.
        CASE WHEN regexp_full_match(r.prefix_blocks[1], '\d{1,9}') THEN r.source_id ELSE -1 END AS scope
    FROM placed AS p
    JOIN requests AS r ON r.rowid = p.row_id
    WHERE p.cache_basis = 'blocks' AND p.measured
), touched AS (
    SELECT DISTINCT scope, prefix_blocks[1] AS opening FROM logged WHERE any_moved
), laid AS (
    SELECT row_id, server, scope, started_at, request_id, unnest(prefix_blocks) AS block,
        generate_subscripts(prefix_blocks, 1) AS place
    FROM logged
), met AS (
    SELECT row_id, place, started_at, lag(row_id) OVER seen AS before, lag(started_at) OVER seen AS before_at
    FROM laid
    WINDOW seen AS (PARTITION BY server, scope, block ORDER BY started_at, request_id, row_id, place)
), prefixes AS (
    SELECT row_id, count(*) AS blocks,
        min(place) FILTER (WHERE before IS NULL OR before = row_id OR started_at - before_at > getvariable('cache_ttl')) AS missed
    FROM met
    GROUP BY row_id
)
SELECT l.row_id, t.opening IS NOT NULL AS touched,
    CAST(least(l.input_tokens, coalesce(p.missed - 1, p.blocks) * l.block_size) AS BIGINT) AS hits
FROM logged AS l
JOIN prefixes AS p ON p.row_id = l.row_id
LEFT JOIN touched AS t ON t.scope = l.scope AND t.opening = l.prefix_blocks[1]

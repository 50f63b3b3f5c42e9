-- An exact cache of prefix blocks at each model that would serve: a request hits its leading blocks that the model has met
-- within the time that a cache lives, and never more than its prompt. A block's name stands for all that comes before it, too.
-- The slot is the column that tells requests apart.
WITH logged AS (
    SELECT {key} AS key, server, measured, moved, any_moved, started_at, request_id, input_tokens, prefix_blocks, prefix_blocks[1] AS opening,
        coalesce(block_size, 512) AS block_size,
        -- Short numbers count the blocks of one log, however it grew; longer names are hashes of content, and mean the same in
        -- all logs.
        CASE WHEN regexp_matches(prefix_blocks[1], '^[0-9]{1,9}$') THEN coalesce(b.first_id, placed.source_id, 0) ELSE -1 END AS scope
    FROM placed
    LEFT JOIN log_beginnings AS b ON b.source_id = placed.source_id
    WHERE cache_basis = 'blocks'
), touched AS (
    -- A request without usage is no turn of a cache, but what it moves, moves.
    SELECT scope, opening, bool_or(moved) AS whole FROM logged WHERE any_moved GROUP BY scope, opening
), laid AS (
    SELECT key, server, scope, started_at, request_id, unnest(numbered(prefix_blocks)) AS one
    FROM logged
    WHERE measured
), met AS (
    SELECT
        key,
        one.place AS place,
        started_at,
        lag(key) OVER (PARTITION BY server, scope, one.block ORDER BY started_at, request_id, key, one.place) AS before,
        lag(started_at) OVER (PARTITION BY server, scope, one.block ORDER BY started_at, request_id, key, one.place) AS before_at
    FROM laid
), prefixes AS (
    SELECT key, count(*) AS blocks,
        min(place) FILTER (WHERE before IS NULL OR before = key OR started_at - before_at > getvariable('cache_ttl')) AS missed
    FROM met
    GROUP BY key
)
SELECT l.key, t.opening IS NOT NULL AS touched, coalesce(t.whole, false) AS replayed,
    CAST(least(l.input_tokens, coalesce(p.missed - 1, p.blocks) * l.block_size) AS BIGINT) AS hits
FROM logged AS l
JOIN prefixes AS p ON p.key = l.key
LEFT JOIN touched AS t ON t.scope = l.scope AND t.opening = l.opening

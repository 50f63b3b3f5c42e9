-- Requests whose prefix blocks are known meet an exact cache of blocks at the model that would serve them: a request hits its
-- leading blocks that the model has met within the time that a cache lives. Only domains with a move in them are replayed; a
-- domain is all that begins with the same block. Where the log knows the hits they are the most there can be; where it does
-- not, those of the blocks are the estimate, and `cold` has none.
INSERT INTO shifts
WITH logged AS (
    SELECT p.*, r.prefix_blocks, coalesce(r.block_size, 512) AS block_size,
        -- Short numbers count the blocks of one log; longer names are hashes of content, and mean the same in all logs.
        CASE WHEN regexp_full_match(r.prefix_blocks[1], '\d{1,9}') THEN r.source_id ELSE -1 END AS scope
    FROM placed AS p
    JOIN requests AS r ON r.rowid = p.row_id
    WHERE p.cache_basis = 'blocks' AND p.measured
), touched AS (
    SELECT DISTINCT scope, prefix_blocks[1] AS opening FROM logged WHERE any_moved
), domain AS (
    SELECT l.* FROM logged AS l JOIN touched AS t ON t.scope = l.scope AND t.opening = l.prefix_blocks[1]
), laid AS (
    SELECT row_id, serves, scope, started_at, request_id, unnest(prefix_blocks) AS block,
        generate_subscripts(prefix_blocks, 1) AS place
    FROM domain
), met AS (
    SELECT row_id, place, started_at,
        lag(row_id) OVER seen AS before, lag(started_at) OVER seen AS before_at
    FROM laid
    WINDOW seen AS (PARTITION BY serves, scope, block ORDER BY started_at, request_id, row_id, place)
), prefixes AS (
    SELECT row_id, count(*) AS blocks,
        min(place) FILTER (WHERE before IS NULL OR before = row_id OR started_at - before_at > getvariable('cache_ttl')) AS missed
    FROM met
    GROUP BY row_id
), hit AS (
    SELECT d.*, least(coalesce(d.cache_read_tokens, d.input_tokens), d.input_tokens,
        coalesce(l.missed - 1, l.blocks) * d.block_size) AS hits
    FROM domain AS d
    JOIN prefixes AS l ON l.row_id = d.row_id
)
SELECT
    flow,
    CAST(coalesce(sum(hits) FILTER (WHERE moved OR split_known), 0) - coalesce(sum(cache_read_tokens), 0) AS HUGEINT),
    CAST(-coalesce(sum(cache_read_tokens), 0) AS HUGEINT)
FROM hit
GROUP BY flow

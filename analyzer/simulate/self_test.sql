-- How well the cache model tells the history as it was: the hits that were observed against those that it would have told,
-- of requests that follow another one of their session at the same model.
WITH turns AS (
    SELECT
        p.cache_read_tokens,
        p.input_tokens,
        p.cache_unit,
        p.started_at,
        lag(p.started_at) OVER (PARTITION BY p.session_id, p.server ORDER BY p.started_at, p.input_tokens, p.output_tokens, p.cache_read_tokens, p.place, p.flow) AS seen_at,
        lag(p.input_tokens + p.output_tokens) OVER (PARTITION BY p.session_id, p.server ORDER BY p.started_at, p.input_tokens, p.output_tokens, p.cache_read_tokens, p.place, p.flow) AS seen
    FROM placed AS p
    WHERE p.cache_basis = 'session' AND p.measured
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

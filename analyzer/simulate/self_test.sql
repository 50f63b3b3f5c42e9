-- How well the cache model tells the history as it was: the hits that were observed against those that it would have told,
-- of requests that follow another one of their session at the same model.
WITH followed AS (
    SELECT
        cache_read_tokens,
        input_tokens,
        cache_unit,
        started_at,
        lag(started_at) OVER (PARTITION BY session, session_check, server ORDER BY started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen_at,
        lag(input_tokens + output_tokens) OVER (PARTITION BY session, session_check, server ORDER BY started_at, input_tokens, output_tokens, cache_read_tokens, place, flow) AS seen
    FROM turns
    WHERE measured
)
SELECT
    'session' AS cache_basis,
    count(*) AS requests,
    CAST(coalesce(sum(input_tokens), 0) AS HUGEINT) AS input_tokens,
    CAST(coalesce(sum(cache_read_tokens), 0) AS HUGEINT) AS observed,
    CAST(coalesce(sum(CASE WHEN started_at - seen_at <= getvariable('cache_ttl')
        THEN least(input_tokens, seen - seen % cache_unit) ELSE 0 END), 0) AS HUGEINT) AS predicted
FROM followed
WHERE seen_at IS NOT NULL AND cache_read_tokens IS NOT NULL

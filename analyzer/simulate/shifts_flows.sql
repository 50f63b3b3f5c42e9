-- What sums alone can tell of lost hits. `cold`: all that moves misses, and where the endpoint is the domain, all of an endpoint
-- with a move in it. `modelled`: where the endpoint is the domain, all of an endpoint that the move leaves to several models
-- at a time.
WITH going AS (
    SELECT f.*, p.serves, p.moved, p.any_moved, p.from_instant AS span
    FROM flows AS f
    JOIN places AS p
        ON p.model = f.model AND p.provider IS NOT DISTINCT FROM f.provider AND p.service_tier IS NOT DISTINCT FROM f.service_tier
        AND p.route = f.route AND p.from_instant <= f.moment AND f.moment < p.to_instant
), spans AS (
    SELECT logged_endpoint, span, bool_or(any_moved) AS touched, bool_or(moved) AS moved, min(serves) <> max(serves) AS several
    FROM going
    WHERE cache_basis = 'endpoint'
    GROUP BY logged_endpoint, span
), domains AS (
    SELECT logged_endpoint, bool_or(touched) AS touched, bool_or(moved) AND bool_or(several) AS split
    FROM spans
    GROUP BY logged_endpoint
)
SELECT
    flow,
    CAST(coalesce(-sum(cache_read_tokens) FILTER (WHERE cache_basis = 'endpoint' AND d.split), 0) AS HUGEINT),
    CAST(coalesce(-sum(cache_read_tokens) FILTER (
        WHERE (cache_basis = 'endpoint' AND d.touched) OR (cache_basis = 'session' AND any_moved)), 0) AS HUGEINT)
FROM going
LEFT JOIN domains AS d ON d.logged_endpoint IS NOT DISTINCT FROM going.logged_endpoint
WHERE cache_basis <> 'blocks'
GROUP BY flow

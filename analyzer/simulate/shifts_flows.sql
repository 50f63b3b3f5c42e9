-- What sums alone can tell of lost hits. `cold`: all that moves misses, and where the endpoint is the domain, all of an endpoint
-- with a move in it. `modelled`: where the endpoint is the domain, all of an endpoint that the move leaves to several models
-- at a time: between two changes of who serves what was called there. What is called elsewhere changes nothing.
WITH changes AS (
    SELECT model, provider, service_tier, route, from_instant
    FROM (
        SELECT *, lag(serves) OVER (PARTITION BY model, provider, service_tier, route ORDER BY from_instant) AS before
        FROM places
    )
    WHERE before <> serves
), edges AS (
    SELECT DISTINCT f.logged_endpoint, c.from_instant AS edge
    FROM (SELECT DISTINCT logged_endpoint, model, provider, service_tier, route FROM flows WHERE cache_basis = 'endpoint') AS f
    JOIN changes AS c
        ON c.model = f.model AND c.provider IS NOT DISTINCT FROM f.provider AND c.service_tier IS NOT DISTINCT FROM f.service_tier
        AND c.route = f.route
), pieces AS (
    SELECT logged_endpoint, span, bool_or(any_moved) AS touched, bool_or(moved) AS moved, min(serves) AS least, max(serves) AS most
    FROM going
    WHERE cache_basis = 'endpoint'
    GROUP BY logged_endpoint, span
), stretched AS (
    SELECT p.*, (
        SELECT count(*) FROM edges AS e WHERE e.logged_endpoint IS NOT DISTINCT FROM p.logged_endpoint AND e.edge <= p.span
    ) AS stretch
    FROM pieces AS p
), spans AS (
    SELECT logged_endpoint, stretch, bool_or(touched) AS touched, bool_or(moved) AS moved, min(least) <> max(most) AS several
    FROM stretched
    GROUP BY logged_endpoint, stretch
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

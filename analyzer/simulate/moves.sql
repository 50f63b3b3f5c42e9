-- Whether a move is among the requests of each cache basis: of a whole request, and of a part of one.
SELECT f.cache_basis, bool_or(p.moved) AS moved, bool_or(p.any_moved) AS any_moved
FROM flows AS f
JOIN places AS p
    ON p.model = f.model AND p.provider IS NOT DISTINCT FROM f.provider AND p.service_tier IS NOT DISTINCT FROM f.service_tier
    AND p.route = f.route AND p.from_instant <= f.moment AND f.moment < p.to_instant
GROUP BY f.cache_basis

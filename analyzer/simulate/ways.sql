-- In how many ways the requests of each cache basis go, and whether a move is among them: where all go one way, no domain is
-- split.
SELECT f.cache_basis, count(DISTINCT p.way) AS ways, bool_or(p.moved) AS moved, bool_or(p.any_moved) AS any_moved
FROM flows AS f
JOIN places AS p
    ON p.model = f.model AND p.provider IS NOT DISTINCT FROM f.provider AND p.service_tier IS NOT DISTINCT FROM f.service_tier
    AND p.route = f.route AND p.from_instant <= f.moment AND f.moment < p.to_instant
GROUP BY f.cache_basis

-- The flows of a scenario, each with the model that would serve it.
CREATE OR REPLACE TEMP VIEW going AS
SELECT f.*, p.serves, p.server, p.place, p.cache_unit, p.moved, p.any_moved, p.from_instant AS span
FROM flows AS f
JOIN places AS p
    ON p.model = f.model AND p.provider IS NOT DISTINCT FROM f.provider AND p.service_tier IS NOT DISTINCT FROM f.service_tier
    AND p.route = f.route AND p.from_instant <= f.moment AND f.moment < p.to_instant

-- When a model that would serve was first asked for an endpoint's prefix again, after as long as a cache lives or at all.
CREATE OR REPLACE TEMP TABLE cold_starts AS
WITH seen AS (
    SELECT p.serves, f.logged_endpoint, f.started, min(f.first_started) AS first_started, max(f.last_started) AS last_started
    FROM flows AS f
    JOIN places AS p
        ON p.model = f.model AND p.provider IS NOT DISTINCT FROM f.provider AND p.service_tier IS NOT DISTINCT FROM f.service_tier
        AND p.route = f.route AND p.from_instant <= f.moment AND f.moment < p.to_instant
    WHERE f.measured
    GROUP BY p.serves, f.logged_endpoint, f.started
), gaps AS (
    SELECT *, lag(last_started) OVER (PARTITION BY serves, logged_endpoint ORDER BY started) AS before
    FROM seen
)
SELECT serves, logged_endpoint, first_started
FROM gaps
WHERE before IS NULL OR first_started - before > getvariable('cache_ttl')

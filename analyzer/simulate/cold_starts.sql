-- When a model that would serve was first asked for an endpoint's prefix again, after as long as a cache lives or at all.
CREATE OR REPLACE TEMP TABLE cold_starts AS
WITH seen AS (
    SELECT serves, logged_endpoint, started, min(first_started) AS first_started, max(last_started) AS last_started
    FROM going
    WHERE measured
    GROUP BY serves, logged_endpoint, started
), gaps AS (
    SELECT *, lag(last_started) OVER (PARTITION BY serves, logged_endpoint ORDER BY started) AS before
    FROM seen
)
SELECT serves, logged_endpoint, first_started
FROM gaps
WHERE before IS NULL OR first_started - before > getvariable('cache_ttl')

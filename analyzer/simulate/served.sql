-- Which model answers to a name, and from when: the identity timeline of the names that prices were just laid out for.
-- A gap between prices, or another price, is no other model.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH told AS (
    SELECT model AS name, provider, service_tier, from_instant, min(serves) AS serves, max(cache_unit) AS cache_unit
    FROM price_intervals
    WHERE serves IS NOT NULL
    GROUP BY model, provider, service_tier, from_instant
), compared AS (
    SELECT *, lag(serves) OVER (PARTITION BY name, provider, service_tier ORDER BY from_instant) AS before
    FROM told
)
SELECT
    name,
    provider,
    service_tier,
    serves,
    cache_unit,
    from_instant,
    lead(from_instant, 1, TIMESTAMP '9999-01-01') OVER (PARTITION BY name, provider, service_tier ORDER BY from_instant) AS to_instant
FROM compared
WHERE before IS DISTINCT FROM serves

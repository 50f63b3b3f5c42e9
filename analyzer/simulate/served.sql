-- Which model answers to a name, and from when: the identity timeline of the names that prices were just laid out for.
-- A gap between prices, or another price, is no other model; nor is a time for which no prices were laid out.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH told AS (
    SELECT name, provider, service_tier, from_instant, serves, cache_unit FROM price_identities
    UNION ALL
    SELECT model AS name, provider, service_tier, from_instant, min(serves) AS serves, max(cache_unit) AS cache_unit
    FROM price_intervals AS p
    WHERE serves IS NOT NULL AND NOT EXISTS (
        FROM price_identities AS i
        WHERE i.name = p.model AND i.provider IS NOT DISTINCT FROM p.provider AND i.service_tier IS NOT DISTINCT FROM p.service_tier)
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

-- Which model served, and which would serve, what was called under each name and route, stretch by stretch of the identity
-- timeline. `moved` is about the leg that takes what no token_share takes; `any_moved` about all of them. A
-- `server` is the number of a model that would serve, a `place` that of a line.
CREATE OR REPLACE TEMP TABLE places AS
WITH called AS (
    SELECT DISTINCT model, provider, service_tier, route FROM flows
), edges AS (
    SELECT from_instant AS edge FROM served_logged
    UNION
    SELECT from_instant FROM served_targets
    UNION
    SELECT TIMESTAMP '0001-01-01'
), spans AS (
    SELECT edge AS from_instant, lead(edge, 1, TIMESTAMP '9999-01-01') OVER (ORDER BY edge) AS to_instant
    FROM edges
), leg_places AS (
    SELECT
        c.model,
        c.provider,
        c.service_tier,
        c.route,
        s.from_instant,
        s.to_instant,
        g.number,
        coalesce(w.serves, c.model) AS served,
        CASE WHEN g.target IS NULL THEN coalesce(w.serves, c.model) ELSE coalesce(t.serves, g.target) END AS serves,
        CASE WHEN g.target IS NULL THEN coalesce(w.cache_unit, 1) ELSE coalesce(t.cache_unit, 1) END AS cache_unit
    FROM called AS c
    CROSS JOIN spans AS s
    JOIN legs AS g ON g.route = c.route AND g.kind = 'served' AND g.weight > 0
    LEFT JOIN served_logged AS w
        ON w.name = c.model AND w.provider IS NOT DISTINCT FROM c.provider AND w.service_tier IS NOT DISTINCT FROM c.service_tier
        AND w.from_instant <= s.from_instant AND s.from_instant < w.to_instant
    LEFT JOIN served_targets AS t ON t.name = g.target AND t.from_instant <= s.from_instant AND s.from_instant < t.to_instant
), whole AS (
    SELECT
        model,
        provider,
        service_tier,
        route,
        from_instant,
        to_instant,
        max(served) AS served,
        coalesce(max(serves) FILTER (WHERE number = 0), max(served)) AS serves,
        coalesce(max(cache_unit) FILTER (WHERE number = 0), 1) AS cache_unit,
        coalesce(bool_or(served <> serves) FILTER (WHERE number = 0), false) AS moved,
        bool_or(served <> serves) AS any_moved
    FROM leg_places
    GROUP BY model, provider, service_tier, route, from_instant, to_instant
)
SELECT *, dense_rank() OVER (ORDER BY serves) AS server,
    row_number() OVER (ORDER BY model, provider, service_tier, route, from_instant) AS place
FROM whole

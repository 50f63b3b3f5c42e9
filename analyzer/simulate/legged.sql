-- The rows of `{flows}` in the legs that serve them: who answered, and who would. What a cascade asks again is a leg, too, where
-- the model that it is asked of is the one that would have answered first. The slot is a relation with the names that were called.
SELECT
    n.*,
    g.number,
    g.kind,
    g.target,
    g.weight,
    coalesce(w.serves, n.model) AS served,
    CASE WHEN g.target IS NULL THEN coalesce(w.serves, n.model) ELSE coalesce(t.serves, g.target) END AS serves
FROM {flows} AS n
JOIN legs AS g ON g.route = n.route
LEFT JOIN served_logged AS w
    ON w.name = n.model AND w.provider IS NOT DISTINCT FROM n.provider AND w.service_tier IS NOT DISTINCT FROM n.service_tier
    AND w.from_instant <= n.moment AND n.moment < w.to_instant
LEFT JOIN served_targets AS t ON t.name = g.target AND t.from_instant <= n.moment AND n.moment < t.to_instant
LEFT JOIN served_targets AS o ON o.name = g.of_target AND o.from_instant <= n.moment AND n.moment < o.to_instant
LEFT JOIN served_targets AS e ON e.name = g.escalates AND e.from_instant <= n.moment AND n.moment < e.to_instant
WHERE g.kind = 'served' OR CASE WHEN g.of_target IS NULL THEN coalesce(w.serves, n.model) ELSE coalesce(o.serves, g.of_target) END = e.serves

-- Which words of a scenario's assumptions any request goes by; of several that mean a model, ratios go by the first.
WITH called AS (
    SELECT DISTINCT route, model, provider, service_tier, moment FROM flows
), legged AS (
    SELECT
        c.model,
        c.moment,
        g.kind,
        coalesce(w.serves, c.model) AS served,
        CASE WHEN g.target IS NULL THEN coalesce(w.serves, c.model) ELSE coalesce(t.serves, g.target) END AS serves
    FROM called AS c
    JOIN legs AS g ON g.route = c.route AND g.weight > 0
    LEFT JOIN served_logged AS w
        ON w.name = c.model AND w.provider IS NOT DISTINCT FROM c.provider AND w.service_tier IS NOT DISTINCT FROM c.service_tier
        AND w.from_instant <= c.moment AND c.moment < w.to_instant
    LEFT JOIN served_targets AS t ON t.name = g.target AND t.from_instant <= c.moment AND c.moment < t.to_instant
    LEFT JOIN served_targets AS o ON o.name = g.of_target AND o.from_instant <= c.moment AND c.moment < o.to_instant
    LEFT JOIN served_targets AS e ON e.name = g.escalates AND e.from_instant <= c.moment AND c.moment < e.to_instant
    WHERE g.kind = 'served' OR CASE WHEN g.of_target IS NULL THEN coalesce(w.serves, c.model) ELSE coalesce(o.serves, g.of_target) END = e.serves
)
SELECT DISTINCT 'assume.output_ratio' AS key, r.word
FROM legged AS l
JOIN output_ratios AS r ON r.serves = l.serves AND r.from_instant <= l.moment AND l.moment < r.to_instant
WHERE l.served <> l.serves
UNION ALL
SELECT DISTINCT 'assume.input_ratio', i.word
FROM legged AS l
JOIN input_ratios AS i
    ON i.model = l.model AND i.served = l.served AND i.from_instant <= l.moment AND l.moment < i.to_instant
WHERE l.served <> l.serves
UNION ALL
SELECT DISTINCT 'assume.fixed_fee.covers', v.word
FROM legged AS l
JOIN covered_by AS v ON v.serves = l.serves AND v.from_instant <= l.moment AND l.moment < v.to_instant
UNION ALL
SELECT DISTINCT 'assume.escalate.from', NULL
FROM legged
WHERE kind = 'escalated'

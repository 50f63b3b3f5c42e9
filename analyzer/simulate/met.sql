-- Which words of a scenario's assumptions any request goes by; of several that mean a model, ratios go by the first. The slot is
-- `legged.sql`.
WITH called AS (
    SELECT DISTINCT route, model, provider, service_tier, moment FROM flows
), legged AS (
    FROM (
{legged}
    )
    WHERE weight > 0
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

-- Closed months against what the ledger holds of them now: what came late, at the prices of the closing, what of that stands in
-- no line of a later closing (one of `view_closings`), and what today's prices would change. A month without calls, then or now,
-- is one with sums of nothing.
WITH closed AS (
    SELECT closing_id, CAST(sum(requests) AS BIGINT) AS requests, CAST(sum(cost) AS HUGEINT) AS cost,
        CAST(sum(requests) FILTER (WHERE measured AND NOT priced) AS BIGINT) AS unpriced
    FROM closed_entries
    GROUP BY closing_id
), pinned AS (
    SELECT month, CAST(sum(requests) AS BIGINT) AS requests, CAST(sum(cost) AS HUGEINT) AS cost,
        CAST(sum(requests) FILTER (WHERE measured AND NOT priced) AS BIGINT) AS unpriced
    FROM pinned_entries
    GROUP BY month
), lines AS (
    SELECT month, CAST(sum(requests) AS BIGINT) AS requests, CAST(sum(cost) AS HUGEINT) AS cost,
        CAST(sum(requests) FILTER (WHERE measured AND NOT priced) AS BIGINT) AS unpriced
    FROM taken_entries
    WHERE list_contains(getvariable('view_closings'), closing_id)
    GROUP BY month
), today AS (
    SELECT month, CAST(sum(cost) AS HUGEINT) AS cost FROM entries GROUP BY month
)
SELECT
    m.closing_id,
    coalesce(pinned.requests, 0) - coalesce(closed.requests, 0) AS requests,
    coalesce(pinned.unpriced, 0) - coalesce(closed.unpriced, 0) AS unpriced,
    coalesce(pinned.cost, 0) - coalesce(closed.cost, 0) AS late,
    coalesce(lines.requests, 0) AS line_requests,
    coalesce(lines.unpriced, 0) AS line_unpriced,
    coalesce(lines.cost, 0) AS line_cost,
    coalesce(today.cost, 0) - coalesce(pinned.cost, 0) AS repriced
FROM closed_months AS m
LEFT JOIN closed ON closed.closing_id = m.closing_id
LEFT JOIN pinned ON pinned.month = m.month
LEFT JOIN lines ON lines.month = m.month
LEFT JOIN today ON today.month = m.month
ORDER BY m.month

-- Closed months against what the ledger holds of them now: what late records add at the prices of the closing, and what
-- today's prices would change.
WITH closed AS (
    SELECT closing_id, month, CAST(sum(requests) AS BIGINT) AS requests, CAST(coalesce(sum(cost), 0) AS HUGEINT) AS cost
    FROM closed_entries
    WHERE closing_id IN (SELECT unnest(getvariable('closing_ids')))
    GROUP BY closing_id, month
), pinned AS (
    SELECT month, CAST(sum(requests) AS BIGINT) AS requests, CAST(coalesce(sum(cost), 0) AS HUGEINT) AS cost
    FROM pinned_entries GROUP BY month
), today AS (
    SELECT month, CAST(coalesce(sum(cost), 0) AS HUGEINT) AS cost FROM entries GROUP BY month
)
SELECT
    closed.closing_id,
    coalesce(pinned.requests, 0) - closed.requests AS requests,
    coalesce(pinned.cost, 0) - closed.cost AS late,
    coalesce(today.cost, 0) - coalesce(pinned.cost, 0) AS repriced
FROM closed
LEFT JOIN pinned ON pinned.month = closed.month
LEFT JOIN today ON today.month = closed.month
ORDER BY closed.month

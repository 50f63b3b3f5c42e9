-- Prices as the closed months knew them. What was called in a month has the prices that it had then, or none; a name that
-- only came late has those of today.
CREATE OR REPLACE TEMP TABLE pinned_prices AS
SELECT * EXCLUDE (closing_id) FROM closed_prices WHERE closing_id IN (SELECT closing_id FROM closed_months)
UNION ALL BY NAME
SELECT p.* FROM prices AS p
WHERE NOT EXISTS (
    SELECT 1
    FROM closed_months AS m
    JOIN closed_entries AS e ON e.closing_id = m.closing_id
    WHERE p.hour >= m.first_hour AND p.hour < m.after
      AND e.model = p.model AND e.provider IS NOT DISTINCT FROM p.provider AND e.service_tier IS NOT DISTINCT FROM p.service_tier
)

-- Prices as a closed month (`closing`) knew them. What was called in it has the prices that it had then, or none; a name that
-- only came late has those of today. They are for that month's calls alone: where a zone is off by half an hour, the hour in
-- which it begins is in what the month before knew, too.
CREATE OR REPLACE TEMP TABLE pinned_prices AS
SELECT * EXCLUDE (closing_id) FROM closed_prices WHERE closing_id = getvariable('closing')
UNION ALL BY NAME
SELECT p.* FROM prices AS p
WHERE NOT EXISTS (
    SELECT 1
    FROM closed_entries AS e
    WHERE e.closing_id = getvariable('closing')
      AND e.model = p.model AND e.provider IS NOT DISTINCT FROM p.provider AND e.service_tier IS NOT DISTINCT FROM p.service_tier
)

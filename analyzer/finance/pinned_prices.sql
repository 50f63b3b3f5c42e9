-- Prices as the closed months knew them; where they knew none, for a model that only late records name, those of today.
CREATE OR REPLACE TEMP TABLE pinned_prices AS
WITH kept AS (
    SELECT * EXCLUDE (closing_id) FROM closed_prices WHERE closing_id IN (SELECT unnest(getvariable('closing_ids')))
)
SELECT * FROM kept
UNION ALL BY NAME
SELECT p.* FROM prices AS p
WHERE NOT EXISTS (
    SELECT 1 FROM kept AS t
    WHERE t.model = p.model AND t.hour = p.hour AND t.provider IS NOT DISTINCT FROM p.provider
      AND t.service_tier IS NOT DISTINCT FROM p.service_tier
)

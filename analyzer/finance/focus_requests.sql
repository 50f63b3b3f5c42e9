-- Calls by all that rows of FOCUS tell apart but the SKU.
SELECT
    e.hour, e.booked_month, e.endpoint, e.api_key_name, e.team, e.cost_center, e.serves, n.service_provider, n.tier, e."window", e.size_from,
    CAST(sum(e.requests) AS BIGINT) AS requests
FROM entries AS e
JOIN focus_names AS n
    ON n.model = e.model AND n.provider IS NOT DISTINCT FROM e.provider AND n.service_tier IS NOT DISTINCT FROM e.service_tier
WHERE e.priced
GROUP BY ALL

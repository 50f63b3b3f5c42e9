-- What was called, by the words of the logs, and from when to when.
SELECT model, provider, service_tier, min(moment) AS first, max(moment) + INTERVAL 1 MINUTE AS last
FROM usage
GROUP BY model, provider, service_tier
ORDER BY ALL

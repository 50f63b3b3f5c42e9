-- Whether anything has a price of what the forecasts of `forecast_points` are made of; nothing of those made of no call.
--
--   priced  of the time looked back on, of which the month so far is a part
--   here    of the month so far; NULL where it has no call
WITH seen AS (
    SELECT p.point, u.month = p.month AS here, u.priced
    FROM forecast_points AS p
    JOIN forecast_usage AS u ON u.instant >= p.since AND u.instant < p.until
    UNION ALL
    SELECT p.point, e.month = p.month, false
    FROM forecast_points AS p
    JOIN entries AS e ON NOT e.measured AND e.hour >= p.since AND e.hour < p.until
)
SELECT point, bool_or(priced) AS priced, bool_or(priced) FILTER (WHERE here) AS here
FROM seen
GROUP BY point
ORDER BY ALL

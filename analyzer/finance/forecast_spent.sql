-- What each day cost in the months of `forecast_points`: before the forecast was made, and in all.
SELECT
    p.point,
    u.day,
    CAST(coalesce(sum(u.cost) FILTER (WHERE u.instant < p.until), 0) AS HUGEINT) AS before,
    CAST(sum(u.cost) AS HUGEINT) AS whole
FROM forecast_points AS p
JOIN forecast_usage AS u ON u.month = p.month
GROUP BY p.point, u.day
ORDER BY ALL

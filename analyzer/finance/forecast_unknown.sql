-- The forecasts of `forecast_points` whose month's cost is not known: none of its calls has a price; or it has none, and no
-- later call tells that the logs go on. Only what was known at the last of the points tells that.
SELECT p.point
FROM forecast_points AS p
LEFT JOIN (SELECT month, bool_or(priced) AS priced FROM entries GROUP BY month) AS m ON m.month = p.month
WHERE NOT coalesce(
    m.priced,
    p.month < (SELECT max(month) FROM forecast_usage WHERE instant < (SELECT max(until) FROM forecast_points)))
ORDER BY ALL

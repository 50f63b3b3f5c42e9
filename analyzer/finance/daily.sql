-- Cost by day of the reporting zone up to `daily_through`, endpoint and words of the log. All days before `daily_from` are
-- one row, without a day: they tell that there was something. `unpriced` calls have usage, but no known price.
SELECT
    CASE WHEN day >= getvariable('daily_from') THEN day END AS on_day,
    endpoint,
    model,
    serves,
    provider,
    service_tier,
    CAST(coalesce(sum(cost), 0) AS HUGEINT) AS cost,
    CAST(sum(CASE WHEN priced THEN 0 ELSE requests END) AS HUGEINT) AS unpriced
FROM entries
WHERE measured AND day <= getvariable('daily_through')
GROUP BY ALL
ORDER BY ALL

-- week_hours.sql
-- Question: At which hours of the week is the money spent, and in which price window?
-- Reads:    costs
-- Returns:  weekday      BIGINT          1 for Monday to 7 for Sunday, reporting zone
--           hour_of_day  BIGINT          0 to 23, reporting zone
--           price_window VARCHAR         all, standard, off-peak or peak; NULL when unpriced
--           requests     BIGINT          calls
--           cost         DECIMAL(38,15)  exact, in the currency of the price list; NULL when nothing is priced
-- Grain:    one row per (weekday, hour_of_day, price_window)
SELECT
    CAST(isodow(hour) AS BIGINT) AS weekday,
    CAST(hour(hour) AS BIGINT) AS hour_of_day,
    "window" AS price_window,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(cost) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost
FROM costs
GROUP BY isodow(hour), hour(hour), "window"
ORDER BY weekday, hour_of_day, price_window

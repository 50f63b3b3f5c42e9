-- uncertain_days.sql
-- Question: Which calls fall on the day of a price change whose hour is not known?
-- Reads:    costs
-- Returns:  day       DATE    in the reporting zone
--           model     VARCHAR as logged
--           uncertain BIGINT  calls on that day; their price assumes a change at 00:00 UTC
-- Grain:    one row per (day, model)
SELECT
    CAST(hour AS DATE) AS day,
    model,
    CAST(sum(uncertain) AS BIGINT) AS uncertain
FROM costs
WHERE uncertain > 0
GROUP BY CAST(hour AS DATE), model
ORDER BY day, model

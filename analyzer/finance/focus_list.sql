-- The list price of every hour, where own prices were laid over it; where a list changed within the hour and the window stayed
-- the same, which of both it was is not told any more, and neither stands here.
SELECT
    model, provider, service_tier, hour, "window", input_from, input_to,
    any_value(input) AS input, any_value(cache_read) AS cache_read, any_value(cache_write) AS cache_write,
    any_value(cache_write_1h) AS cache_write_1h, any_value(output) AS output, any_value(request) AS request,
    any_value(apart) AS apart
FROM list_prices
GROUP BY model, provider, service_tier, hour, "window", input_from, input_to
HAVING count(*) = 1

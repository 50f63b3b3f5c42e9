-- Prices by the hour that a request falls in, so that requests meet them by equality; an hour with a change inside has
-- two rows, and the exact bounds decide. The slot says whether names are those of the log, laid out for their own days.
SELECT
    i.model,
    i.provider,
    i.service_tier,
    h.hour,
    i.from_instant,
    i.to_instant,
    i."window",
    i.input,
    i.cache_read,
    coalesce(i.cache_write, i.input) AS cache_write,  -- where writes are not billed apart they are misses
    coalesce(i.cache_write_1h, i.cache_write, i.input) AS cache_write_1h,
    i.output,
    i.request,
    i.input_from,
    coalesce(i.input_to, 9223372036854775807) AS input_to,
    i.serves,
    i.before_first,
    i.on_uncertain_day,
    i.apart,  -- what each unit that is billed apart adds to the price of the text that it was counted as
    i.dearer_input,  -- the same card's price in its dearest window, where that is another and dearer
    i.dearer_cache_read,
    coalesce(i.dearer_cache_write, i.dearer_input) AS dearer_cache_write,
    coalesce(i.dearer_cache_write_1h, i.dearer_cache_write, i.dearer_input) AS dearer_cache_write_1h,
    i.dearer_output
FROM price_intervals AS i
JOIN busy_days AS d
    ON d.model IS NOT DISTINCT FROM CASE WHEN {logged} THEN i.model END
    AND d.provider IS NOT DISTINCT FROM CASE WHEN {logged} THEN i.provider END
    AND d.service_tier IS NOT DISTINCT FROM CASE WHEN {logged} THEN i.service_tier END
    AND i.from_instant < d.day + INTERVAL 1 DAY AND i.to_instant > d.day,
    LATERAL (SELECT unnest(generate_series(
        date_trunc('hour', greatest(i.from_instant, d.day)),
        least(i.to_instant, d.day + INTERVAL 1 DAY) - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)) AS hour) AS h

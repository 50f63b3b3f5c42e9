-- What a month cost by all that budgets are asked of, and what the time that a forecast looks back on did. An endpoint is the
-- logged one, as in rules of allocation.
--
--   cost, requests, priced_requests, unpriced
--                              of the month: money, calls, those with a price, those with usage but no price
--   used, priced               of the month: entries, and those with a price; some count no calls
--   before                     of the month before `profile_until`: what a forecast knows; 0 where that is NULL
--   profile_cost               from `profile_since` to `profile_until`: what it looks back on
WITH begun AS (
    -- An entry begins with its hour; or within it, in a zone that is off by half an hour: the clocks' own hours are forecast.
    SELECT *, hour + greatest(local_hour - timezone(getvariable('tz'), timezone('UTC', hour)), INTERVAL 0 HOUR) AS instant
    FROM entries
)
SELECT
    logged_endpoint AS endpoint,
    team,
    api_key_name,
    model,
    cost_center,
    CAST(coalesce(sum(cost) FILTER (WHERE month = getvariable('month')), 0) AS HUGEINT) AS cost,
    CAST(coalesce(sum(requests) FILTER (WHERE month = getvariable('month')), 0) AS BIGINT) AS requests,
    CAST(coalesce(sum(requests) FILTER (WHERE month = getvariable('month') AND priced), 0) AS BIGINT) AS priced_requests,
    count(*) FILTER (WHERE month = getvariable('month')) AS used,
    count(*) FILTER (WHERE month = getvariable('month') AND priced) AS priced,
    CAST(coalesce(sum(requests) FILTER (WHERE month = getvariable('month') AND measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(cost) FILTER (WHERE month = getvariable('month') AND instant < getvariable('profile_until')), 0) AS HUGEINT)
        AS before,
    CAST(coalesce(sum(cost) FILTER (WHERE instant >= getvariable('profile_since') AND instant < getvariable('profile_until')), 0)
        AS HUGEINT) AS profile_cost
FROM begun
GROUP BY ALL
ORDER BY ALL

-- What the remaining hours of the months in `forecast_points` are expected to cost, by day: each hour's usual usage at the
-- price in force then. Money is multiplied by the seconds that its price holds, and is that of all the `occurrences` of
-- an hour of the week together: expected = (priced + unpriced_ahead) / (3600 * occurrences).
--
--   point, day         which forecast, and which day in the reporting zone
--   occurrences        how often the hour of the week occurred in the time looked back on
--   priced             HUGEINT  at known prices
--   unpriced_ahead     HUGEINT  what those hours did cost, where the book has no price ahead
--   unpriced_requests  HUGEINT  calls that have no price ahead and had none before
WITH behind AS (
    SELECT point, timezone(getvariable('tz'), timezone('UTC', start)) AS local_hour
    FROM (
        SELECT point, unnest(generate_series(since, until - INTERVAL 1 HOUR, INTERVAL 1 HOUR)) AS start FROM forecast_points
    )
), occurred AS (
    SELECT point, isodow(local_hour) * 24 + date_part('hour', local_hour) AS week_hour, count(*) AS occurrences
    FROM behind
    GROUP BY ALL
), ahead AS (
    SELECT point, start, least(start + INTERVAL 1 HOUR, month_end) AS stop,
        timezone(getvariable('tz'), timezone('UTC', start)) AS local_hour
    FROM (
        SELECT point, month_end, unnest(generate_series(ahead, month_end - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)) AS start
        FROM forecast_points
    )
), pieces AS (
    -- In a zone that is off by half an hour, an hour on its clocks lies in two hours of UTC.
    SELECT DISTINCT start, hour, greatest(start, hour) AS opens, least(stop, hour + INTERVAL 1 HOUR) AS closes
    FROM (
        SELECT start, stop, unnest([date_trunc('hour', start), date_trunc('hour', stop - INTERVAL 1 MICROSECOND)]) AS hour
        FROM ahead
    )
), laid AS (
    SELECT *, unnest(generate_series(
        date_trunc('hour', from_instant), to_instant - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)) AS hour
    FROM forecast_prices
), timed AS (
    SELECT l.*, p.start, date_diff('second', greatest(p.opens, l.from_instant), least(p.closes, l.to_instant)) AS seconds
    FROM pieces AS p
    JOIN laid AS l USING (hour)
), used AS (
    SELECT
        p.point, u.week_hour, u.model, u.provider, u.service_tier, u.size,
        sum(u.requests) AS requests,
        sum(u.unpriced) AS unpriced,
        sum(u.miss_tokens) AS miss_tokens,
        sum(u.read_tokens) AS read_tokens,
        sum(u.write_tokens) AS write_tokens,
        sum(u.write_1h_tokens) AS write_1h_tokens,
        sum(u.output_tokens) AS output_tokens,
        sum(u.apart_cost) AS apart_cost,
        sum(u.cost) AS cost
    FROM forecast_points AS p
    JOIN forecast_usage AS u ON u.instant >= p.since AND u.instant < p.until
    GROUP BY ALL
), sizes AS (
    SELECT DISTINCT model, provider, service_tier, size FROM used
), rates AS (
    SELECT
        s.model, s.provider, s.service_tier, s.size, t.start,
        sum(t.seconds) AS seconds,
        sum(CAST(t.p_miss AS HUGEINT) * t.seconds) AS miss,
        sum(CAST(t.p_read AS HUGEINT) * t.seconds) AS read,
        sum(CAST(t.p_write AS HUGEINT) * t.seconds) AS write,
        sum(CAST(t.p_write_1h AS HUGEINT) * t.seconds) AS write_1h,
        sum(CAST(t.p_output AS HUGEINT) * t.seconds) AS output,
        sum(CAST(t.p_request AS HUGEINT) * t.seconds) AS request
    FROM sizes AS s
    JOIN timed AS t
        ON t.model = s.model AND t.provider IS NOT DISTINCT FROM s.provider AND t.service_tier IS NOT DISTINCT FROM s.service_tier
        AND t.input_from <= s.size AND s.size < t.input_to AND t.seconds > 0
    GROUP BY ALL
), met AS (
    SELECT
        u.*, a.local_hour, o.occurrences, coalesce(r.seconds, 0) AS seconds,
        date_diff('second', a.start, a.stop) - coalesce(r.seconds, 0) AS seconds_unpriced,
        r.miss, r.read, r.write, r.write_1h, r.output, r.request
    FROM used AS u
    JOIN ahead AS a ON a.point = u.point AND isodow(a.local_hour) * 24 + date_part('hour', a.local_hour) = u.week_hour
    JOIN occurred AS o ON o.point = u.point AND o.week_hour = u.week_hour
    LEFT JOIN rates AS r
        ON r.start = a.start AND r.model = u.model AND r.provider IS NOT DISTINCT FROM u.provider
        AND r.service_tier IS NOT DISTINCT FROM u.service_tier AND r.size IS NOT DISTINCT FROM u.size
)
SELECT
    point,
    CAST(local_hour AS DATE) AS day,
    occurrences,
    CAST(coalesce(sum(miss_tokens * miss + read_tokens * read + (write_tokens - write_1h_tokens) * write + write_1h_tokens * write_1h
        + output_tokens * output + requests * request + apart_cost * seconds), 0) AS HUGEINT) AS priced,
    CAST(sum(cost * seconds_unpriced) AS HUGEINT) AS unpriced_ahead,
    CAST(sum(unpriced * seconds_unpriced) AS HUGEINT) AS unpriced_requests
FROM met
GROUP BY ALL
ORDER BY ALL

-- What forecasts are made of, as the relation `forecast_usage`: measured usage by hour of the reporting zone's clocks, name and
-- size of input. Reads entries and forecast_prices.
--
--   instant     TIMESTAMP  UTC: when the hour began, on the clocks of the reporting zone; or its part in an hour of UTC
--   week_hour   BIGINT     hour of the week on those clocks
--   size        BIGINT     least input of requests of this size, where the name's price depends on it; else 0; NULL when
--                          that is not known
--   priced      BOOLEAN    a price is known for it
--   unpriced    HUGEINT    calls without a price
--   apart_cost  HUGEINT    what audio, images and searches added
CREATE OR REPLACE TEMP TABLE forecast_usage AS
WITH summed AS (
    SELECT
        hour, local_hour, day, month, model, provider, service_tier, p_miss, p_read, p_write, p_write_1h, p_output, p_request,
        sum(requests) AS requests,
        coalesce(sum(requests) FILTER (WHERE NOT priced), 0) AS unpriced,
        sum(miss_tokens) AS miss_tokens,
        sum(read_tokens) AS read_tokens,
        sum(write_tokens) AS write_tokens,
        sum(write_1h_tokens) AS write_1h_tokens,
        sum(output_tokens) AS output_tokens,
        coalesce(sum(other_cost - requests * CAST(p_request AS HUGEINT)) FILTER (WHERE priced), 0) AS apart_cost,
        coalesce(sum(cost), 0) AS cost
    FROM entries
    WHERE measured
    GROUP BY ALL
), sized AS (
    SELECT * FROM forecast_prices
    WHERE (model, coalesce(provider, ''), coalesce(service_tier, '')) IN (
        SELECT (model, coalesce(provider, ''), coalesce(service_tier, '')) FROM forecast_prices WHERE input_from > 0)
), named AS (
    SELECT DISTINCT model, provider, service_tier FROM sized
), classed AS (
    -- The prices that entries had tell which size they were of.
    SELECT s.*, min(c.input_from) AS price_size
    FROM summed AS s
    LEFT JOIN sized AS c
        ON c.model = s.model AND c.provider IS NOT DISTINCT FROM s.provider AND c.service_tier IS NOT DISTINCT FROM s.service_tier
        AND c.p_miss = s.p_miss AND c.p_read = s.p_read AND c.p_write = s.p_write AND c.p_write_1h = s.p_write_1h
        AND c.p_output = s.p_output AND c.p_request = s.p_request
        AND c.from_instant < s.hour + INTERVAL 1 HOUR AND c.to_instant > s.hour
    GROUP BY ALL
)
SELECT
    c.hour + greatest(c.local_hour - timezone(getvariable('tz'), timezone('UTC', c.hour)), INTERVAL 0 HOUR) AS instant,
    c.day,
    c.month,
    isodow(c.local_hour) * 24 + date_part('hour', c.local_hour) AS week_hour,
    c.model,
    c.provider,
    c.service_tier,
    CASE WHEN n.model IS NULL THEN 0 ELSE c.price_size END AS size,
    c.p_miss IS NOT NULL AS priced,
    c.requests,
    c.unpriced,
    c.miss_tokens,
    c.read_tokens,
    c.write_tokens,
    c.write_1h_tokens,
    c.output_tokens,
    c.apart_cost,
    c.cost
FROM classed AS c
LEFT JOIN named AS n
    ON n.model = c.model AND n.provider IS NOT DISTINCT FROM c.provider AND n.service_tier IS NOT DISTINCT FROM c.service_tier

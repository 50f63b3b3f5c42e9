-- Cost lines: entries of one day or hour that agree in all names and in the price, summed. {time} is which of the two. What came
-- late stands at the end of the month that took it up; `corrects` is the day that it is of.
-- An amount is NULL where no price is known or the log has no usage: that is not nothing. So are tokens where the log has none,
-- and those read from a cache where it does not tell them; they cost as misses, and are among these.
WITH lines AS (
    SELECT
        {time},
        CASE WHEN booked_day IS NOT NULL THEN entries.day END AS corrects,
        endpoint, api_key_name, team, cost_center, model, provider, service_tier, serves, "window", outcome, measured, priced,
        p_miss, p_read, p_write, p_write_1h, p_output, p_request,
        CAST(sum(requests) AS BIGINT) AS requests,
        CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
        CAST(sum(miss_tokens) AS BIGINT) AS cache_miss_tokens,
        CAST(sum(read_tokens) AS BIGINT) AS cache_read_tokens,
        CAST(sum(write_tokens) AS BIGINT) AS cache_write_tokens,
        CAST(sum(write_1h_tokens) AS BIGINT) AS cache_write_1h_tokens,
        CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
        CAST(sum(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
        CAST(sum(requests) FILTER (WHERE NOT split_known) AS BIGINT) AS cache_unknown,
        bool_or(split_known OR read_tokens <> 0) AS split_told,
        sum(miss_cost) FILTER (WHERE priced) AS miss_cost,
        sum(read_cost) FILTER (WHERE priced) AS read_cost,
        sum(write_cost) FILTER (WHERE priced) AS write_cost,
        sum(output_cost) FILTER (WHERE priced) AS output_cost,
        sum(other_cost) FILTER (WHERE priced) AS other_cost,
        sum(cost) AS cost
    FROM entries
    GROUP BY ALL
    -- What came late and was forgotten again is nothing.
    HAVING corrects IS NULL OR sum(requests) <> 0 OR sum(input_tokens) <> 0 OR sum(output_tokens) <> 0 OR sum(cost) <> 0
)
SELECT
    {when},
    endpoint, api_key_name, team, cost_center, model, provider, service_tier, serves, "window", outcome, measured, priced,
    requests,
    coalesce(cache_unknown, 0) AS cache_unknown,
    CASE WHEN measured OR input_tokens <> 0 THEN input_tokens END AS input_tokens,
    CASE WHEN measured OR input_tokens <> 0 THEN cache_miss_tokens END AS cache_miss_tokens,
    CASE WHEN split_told THEN cache_read_tokens END AS cache_read_tokens,
    CASE WHEN measured OR input_tokens <> 0 THEN cache_write_tokens END AS cache_write_tokens,
    CASE WHEN measured OR input_tokens <> 0 THEN cache_write_1h_tokens END AS cache_write_1h_tokens,
    CASE WHEN measured OR output_tokens <> 0 THEN output_tokens END AS output_tokens,
    CASE WHEN measured OR output_tokens <> 0 THEN reasoning_tokens END AS reasoning_tokens,
    per_million(p_miss) AS cache_miss_price,
    per_million(p_read) AS cache_read_price,
    per_million(p_write) AS cache_write_price,
    per_million(p_write_1h) AS cache_write_1h_price,
    per_million(p_output) AS output_price,
    amount_of(p_request) AS request_price,
    amount_of(miss_cost) AS cache_miss_cost,
    amount_of(read_cost) AS cache_read_cost,
    amount_of(write_cost) AS cache_write_cost,
    amount_of(output_cost) AS output_cost,
    amount_of(other_cost) AS other_cost,
    amount_of(cost) AS cost,
    CAST(getvariable('export_currency') AS VARCHAR) AS currency,
    corrects
FROM lines
ORDER BY ALL

-- A month's entries, summed by all that a price depends on and all that can be charged: one row per line, the dearest first.
-- At most `most` of them; what is beyond is one row, of `lines` lines, without a name or a price. What is unknown is NULL: the
-- tokens of calls without usage, the cache hits of calls whose split is not known (they cost as misses), and the costs of
-- calls without usage or a price.
WITH summed AS (
    SELECT
        endpoint, team, cost_center, api_key_name, model, provider, service_tier, serves, "window",
        measured, priced, split_known, p_miss, p_read, p_write, p_write_1h, p_output, p_request,
        sum(requests) AS requests,
        sum(input_tokens) AS input_tokens, sum(miss_tokens) AS miss_tokens, sum(read_tokens) AS read_tokens,
        sum(write_tokens) AS write_tokens, sum(write_1h_tokens) AS write_1h_tokens,
        sum(output_tokens) AS output_tokens, sum(reasoning_tokens) AS reasoning_tokens,
        sum(miss_cost) AS miss_cost, sum(read_cost) AS read_cost, sum(write_cost) AS write_cost,
        sum(output_cost) AS output_cost, sum(other_cost) AS other_cost, sum(cost) AS cost
    FROM entries
    WHERE month = getvariable('month')
    GROUP BY ALL
), placed AS (
    SELECT
        *,
        row_number() OVER (ORDER BY cost DESC NULLS LAST, requests DESC, endpoint, team, cost_center, api_key_name, model, provider,
            service_tier, serves, "window", measured, priced, split_known, p_miss, p_read, p_write, p_write_1h, p_output, p_request)
            AS number
    FROM summed
), kept AS (
    SELECT *, number <= getvariable('most') AS alone FROM placed
)
SELECT
    CAST(min(number) AS BIGINT) AS number,
    CAST(count(*) AS BIGINT) AS lines,
    alone,
    any_value(endpoint) FILTER (WHERE alone) AS endpoint,
    any_value(team) FILTER (WHERE alone) AS team,
    any_value(cost_center) FILTER (WHERE alone) AS cost_center,
    any_value(api_key_name) FILTER (WHERE alone) AS api_key_name,
    any_value(model) FILTER (WHERE alone) AS model,
    any_value(provider) FILTER (WHERE alone) AS provider,
    any_value(service_tier) FILTER (WHERE alone) AS service_tier,
    any_value(serves) FILTER (WHERE alone) AS serves,
    any_value("window") FILTER (WHERE alone) AS "window",
    CAST(any_value(p_miss) FILTER (WHERE alone) AS BIGINT) AS p_miss,
    CAST(any_value(p_read) FILTER (WHERE alone) AS BIGINT) AS p_read,
    CAST(any_value(p_write) FILTER (WHERE alone) AS BIGINT) AS p_write,
    CAST(any_value(p_write_1h) FILTER (WHERE alone) AS BIGINT) AS p_write_1h,
    CAST(any_value(p_output) FILTER (WHERE alone) AS BIGINT) AS p_output,
    CAST(any_value(p_request) FILTER (WHERE alone) AS BIGINT) AS p_request,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(input_tokens) FILTER (WHERE measured) AS HUGEINT) AS input_tokens,
    CAST(sum(miss_tokens) FILTER (WHERE measured) AS HUGEINT) AS miss_tokens,
    CAST(sum(read_tokens) FILTER (WHERE measured AND split_known) AS HUGEINT) AS read_tokens,
    CAST(sum(write_tokens) FILTER (WHERE measured) AS HUGEINT) AS write_tokens,
    CAST(sum(write_1h_tokens) FILTER (WHERE measured) AS HUGEINT) AS write_1h_tokens,
    CAST(sum(output_tokens) FILTER (WHERE measured) AS HUGEINT) AS output_tokens,
    CAST(sum(reasoning_tokens) FILTER (WHERE measured) AS HUGEINT) AS reasoning_tokens,
    CAST(sum(miss_cost) FILTER (WHERE priced) AS HUGEINT) AS miss_cost,
    CAST(sum(read_cost) FILTER (WHERE priced) AS HUGEINT) AS read_cost,
    CAST(sum(write_cost) FILTER (WHERE priced) AS HUGEINT) AS write_cost,
    CAST(sum(output_cost) FILTER (WHERE priced) AS HUGEINT) AS output_cost,
    CAST(sum(other_cost) FILTER (WHERE priced) AS HUGEINT) AS other_cost,
    CAST(sum(cost) AS HUGEINT) AS cost
FROM kept
GROUP BY alone, CASE WHEN alone THEN number END
ORDER BY number

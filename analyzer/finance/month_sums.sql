-- What each month used and cost, as far as unit economics ask. Sums of tokens and of the parts of cost are over priced calls
-- alone, so that a price per token is that of the very tokens that were paid.
SELECT
    month,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(coalesce(sum(requests) FILTER (WHERE priced), 0) AS BIGINT) AS priced_requests,
    CAST(coalesce(sum(requests) FILTER (WHERE NOT measured), 0) AS BIGINT) AS unmeasured,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT split_known), 0) AS BIGINT) AS cache_unknown,
    CAST(coalesce(sum(requests) FILTER (WHERE outcome = 'ok'), 0) AS BIGINT) AS succeeded,
    CAST(coalesce(sum(requests) FILTER (WHERE outcome = 'failed'), 0) AS BIGINT) AS failed,
    CAST(coalesce(sum(requests) FILTER (WHERE priced AND outcome = 'ok'), 0) AS BIGINT) AS priced_succeeded,
    CAST(coalesce(sum(input_tokens), 0) AS HUGEINT) AS input_tokens,
    coalesce(bool_or(measured OR input_tokens <> 0), false) AS input_told,
    coalesce(bool_or(measured OR output_tokens <> 0), false) AS output_told,
    CAST(coalesce(sum(input_tokens) FILTER (WHERE split_known), 0) AS HUGEINT) AS known_input_tokens,
    CAST(coalesce(sum(read_tokens), 0) AS HUGEINT) AS read_tokens,
    CAST(coalesce(sum(write_tokens), 0) AS HUGEINT) AS write_tokens,
    CAST(coalesce(sum(output_tokens), 0) AS HUGEINT) AS output_tokens,
    CAST(coalesce(sum(input_tokens) FILTER (WHERE priced), 0) AS HUGEINT) AS priced_input_tokens,
    CAST(coalesce(sum(output_tokens) FILTER (WHERE priced), 0) AS HUGEINT) AS priced_output_tokens,
    CAST(sum(miss_cost) FILTER (WHERE priced) AS HUGEINT) AS miss_cost,
    CAST(sum(read_cost) FILTER (WHERE priced) AS HUGEINT) AS read_cost,
    CAST(sum(write_cost) FILTER (WHERE priced) AS HUGEINT) AS write_cost,
    CAST(sum(output_cost) FILTER (WHERE priced) AS HUGEINT) AS output_cost,
    CAST(sum(other_cost) FILTER (WHERE priced) AS HUGEINT) AS other_cost,
    CAST(sum(cost) AS HUGEINT) AS cost,
    CAST(sum(cost) FILTER (WHERE outcome IS NOT NULL) AS HUGEINT) AS cost_of_known_outcome,
    CAST(sum(cost) FILTER (WHERE outcome = 'failed') AS HUGEINT) AS failed_cost,
    -- Had nothing been cached: what hits saved, where it is known what they were, less what writes cost above a miss.
    CAST(sum(read_tokens * (p_miss - p_read)) FILTER (WHERE priced AND split_known) AS HUGEINT) AS cache_saving,
    -- A log that does not tell what was read from a cache does not tell either what was written to it.
    CAST(sum(write_cost - write_tokens * p_miss) FILTER (WHERE priced AND (split_known OR write_tokens <> 0)) AS HUGEINT)
        AS cache_premium,
    -- Had all off-peak calls been made at the dearest hours of the same card.
    CAST(sum(peak_cost - cost) AS HUGEINT) AS off_peak_saving,
    CAST(coalesce(sum(requests) FILTER (WHERE priced AND "window" = 'off-peak'), 0) AS BIGINT) AS off_peak_requests,
    CAST(coalesce(sum(requests) FILTER (WHERE priced AND "window" = 'peak'), 0) AS BIGINT) AS peak_requests
FROM entries
GROUP BY month
ORDER BY month

-- token_distribution.sql
-- Question: How long are the prompts and the answers of each endpoint?
-- Reads:    calls
-- Returns:  endpoint           VARCHAR  NULL when the log names none
--           requests           BIGINT   calls logged one by one with known usage; rows of exports are left out
--           input_tokens_mean  DOUBLE   tokens
--           input_tokens_p50   DOUBLE   exact, with linear interpolation
--           input_tokens_p90   DOUBLE   the same
--           input_tokens_p99   DOUBLE   the same
--           input_tokens_max   BIGINT   tokens
--           output_tokens_mean DOUBLE   tokens
--           output_tokens_p50  DOUBLE   exact, with linear interpolation
--           output_tokens_p90  DOUBLE   the same
--           output_tokens_p99  DOUBLE   the same
--           output_tokens_max  BIGINT   tokens
-- Grain:    one row per endpoint
SELECT
    endpoint,
    count(*) AS requests,
    CAST(sum(input_tokens) AS DOUBLE) / count(*) AS input_tokens_mean,
    quantile_cont(input_tokens, 0.5) AS input_tokens_p50,
    quantile_cont(input_tokens, 0.9) AS input_tokens_p90,
    quantile_cont(input_tokens, 0.99) AS input_tokens_p99,
    max(input_tokens) AS input_tokens_max,
    CAST(sum(output_tokens) AS DOUBLE) / count(*) AS output_tokens_mean,
    quantile_cont(output_tokens, 0.5) AS output_tokens_p50,
    quantile_cont(output_tokens, 0.9) AS output_tokens_p90,
    quantile_cont(output_tokens, 0.99) AS output_tokens_p99,
    max(output_tokens) AS output_tokens_max
FROM calls
WHERE measured AND NOT exported
GROUP BY endpoint
ORDER BY endpoint

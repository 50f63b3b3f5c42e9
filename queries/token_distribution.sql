-- token_distribution.sql
-- Question: How long are the prompts and the answers of each endpoint?
-- Reads:    percentiles
-- Returns:  endpoint           VARCHAR  NULL when the log names none
--           requests           BIGINT   calls logged one by one with known usage; sums of several are left out
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
    max(requests) AS requests,
    max(CASE WHEN side = 'input' THEN CAST(tokens AS DOUBLE) / nullif(requests, 0) END) AS input_tokens_mean,
    max(CASE WHEN side = 'input' THEN p50 END) AS input_tokens_p50,
    max(CASE WHEN side = 'input' THEN p90 END) AS input_tokens_p90,
    max(CASE WHEN side = 'input' THEN p99 END) AS input_tokens_p99,
    max(CASE WHEN side = 'input' THEN longest END) AS input_tokens_max,
    max(CASE WHEN side = 'output' THEN CAST(tokens AS DOUBLE) / nullif(requests, 0) END) AS output_tokens_mean,
    max(CASE WHEN side = 'output' THEN p50 END) AS output_tokens_p50,
    max(CASE WHEN side = 'output' THEN p90 END) AS output_tokens_p90,
    max(CASE WHEN side = 'output' THEN p99 END) AS output_tokens_p99,
    max(CASE WHEN side = 'output' THEN longest END) AS output_tokens_max
FROM percentiles
GROUP BY endpoint
ORDER BY endpoint

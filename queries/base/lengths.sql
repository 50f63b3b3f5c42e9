-- lengths.sql
-- Question: How many prompts and answers are of which length?
-- Reads:    calls
-- Returns:  endpoint VARCHAR  NULL when the log names none
--           side     VARCHAR  input or output
--           tokens   BIGINT   the length
--           requests BIGINT   calls logged one by one with known usage that have it; sums of several are left out
-- Grain:    one row per (endpoint, side, tokens)
SELECT endpoint, 'input' AS side, input_tokens AS tokens, count(*) AS requests
FROM calls
WHERE measured AND NOT summed
GROUP BY endpoint, input_tokens
UNION ALL
SELECT endpoint, 'output' AS side, output_tokens AS tokens, count(*) AS requests
FROM calls
WHERE measured AND NOT summed
GROUP BY endpoint, output_tokens

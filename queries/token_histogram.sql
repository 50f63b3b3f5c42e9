-- token_histogram.sql
-- Question: How are the lengths of prompts and answers spread?
-- Reads:    lengths
-- Returns:  endpoint VARCHAR  NULL when the log names none
--           side     VARCHAR  input or output
--           bin      BIGINT   tokens from 2^bin up to, not including, 2^(bin + 1); -1 stands for none at all
--           requests BIGINT   calls logged one by one whose length falls there
-- Grain:    one row per (endpoint, side, bin)
SELECT
    endpoint,
    side,
    CAST(CASE WHEN tokens = 0 THEN -1 ELSE length(bin(tokens)) - 1 END AS BIGINT) AS bin,
    CAST(sum(requests) AS BIGINT) AS requests
FROM lengths
GROUP BY endpoint, side, CASE WHEN tokens = 0 THEN -1 ELSE length(bin(tokens)) - 1 END
ORDER BY endpoint, side, bin

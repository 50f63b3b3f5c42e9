-- percentiles.sql
-- Question: How long are prompts and answers, by percentile?
-- Reads:    lengths
-- Returns:  endpoint VARCHAR  NULL when the log names none
--           side     VARCHAR  input or output
--           requests BIGINT   calls logged one by one with known usage; sums of several are left out
--           tokens   BIGINT   all of theirs
--           longest  BIGINT   tokens of the longest
--           p50      DOUBLE   exact, with linear interpolation
--           p90      DOUBLE   the same
--           p99      DOUBLE   the same
-- Grain:    one row per (endpoint, side)
--
-- Of n lengths in order, the percentile k lies at the place k x (n - 1) / 100, counted from 0: between two of them, that many
-- hundredths of the way. The sum of both, in hundredths, is a whole number, and only its division by 100 is not
-- exact: the percentile is the double nearest to it, on every engine and machine. (Functions for quantiles work on doubles
-- throughout, and may be a few units in the last place beside it.)
WITH ranked AS (
    SELECT
        endpoint,
        side,
        tokens,
        requests,
        CAST(sum(requests) OVER (PARTITION BY endpoint, side ORDER BY tokens) AS BIGINT) AS upto,
        CAST(sum(requests) OVER (PARTITION BY endpoint, side) AS BIGINT) AS total
    FROM lengths
), met AS (
    SELECT
        endpoint,
        side,
        max(total) AS requests,
        CAST(sum(tokens * requests) AS BIGINT) AS tokens,
        max(tokens) AS longest,
        min(tokens) FILTER (WHERE 100 * upto > 50 * (total - 1)) AS p50_below,
        min(tokens) FILTER (WHERE 100 * (upto - 1) >= 50 * (total - 1)) AS p50_above,
        min(tokens) FILTER (WHERE 100 * upto > 90 * (total - 1)) AS p90_below,
        min(tokens) FILTER (WHERE 100 * (upto - 1) >= 90 * (total - 1)) AS p90_above,
        min(tokens) FILTER (WHERE 100 * upto > 99 * (total - 1)) AS p99_below,
        min(tokens) FILTER (WHERE 100 * (upto - 1) >= 99 * (total - 1)) AS p99_above
    FROM ranked
    GROUP BY endpoint, side
)
SELECT
    endpoint,
    side,
    requests,
    tokens,
    longest,
    CAST(p50_below * (100 - 50 * (requests - 1) % 100) + p50_above * (50 * (requests - 1) % 100) AS DOUBLE) / 100 AS p50,
    CAST(p90_below * (100 - 90 * (requests - 1) % 100) + p90_above * (90 * (requests - 1) % 100) AS DOUBLE) / 100 AS p90,
    CAST(p99_below * (100 - 99 * (requests - 1) % 100) + p99_above * (99 * (requests - 1) % 100) AS DOUBLE) / 100 AS p99
FROM met

-- costliest_by_day.sql
-- Question: What did the costliest endpoints and all others together cost each day, and how well did their cache do?
-- Reads:    costs
-- Returns:  day                DATE            day in the reporting zone
--           place              BIGINT          1 for the costliest endpoint up to 7; 8 for all others together
--           endpoint           VARCHAR         the endpoint of that place, NULL when the log names none; NULL for all others
--           requests           BIGINT          calls
--           known_input_tokens BIGINT          tokens read by calls whose cache split is known: what a hit rate divides by
--           cache_read_tokens  BIGINT          tokens served from the cache; NULL when no log tells
--           priced             BIGINT          calls with a cost
--           cost               DECIMAL(38,15)  exact, in the currency of the price list; NULL when nothing is priced
-- Grain:    one row per (day, place)
WITH ranked AS (
    SELECT endpoint, row_number() OVER (ORDER BY sum(cost) DESC NULLS LAST, sum(requests) DESC, endpoint) AS place
    FROM costs
    GROUP BY endpoint
), placed AS (
    SELECT
        c.*,
        least(r.place, 8) AS shown,
        CASE WHEN r.place < 8 THEN r.endpoint END AS named
    FROM costs AS c
    JOIN ranked AS r ON r.endpoint IS NOT DISTINCT FROM c.endpoint
)
SELECT
    CAST(hour AS DATE) AS day,
    CAST(shown AS BIGINT) AS place,
    named AS endpoint,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(known_input_tokens) AS BIGINT) AS known_input_tokens,
    CAST(sum(cache_read_tokens) AS BIGINT) AS cache_read_tokens,
    CAST(sum(priced) AS BIGINT) AS priced,
    CAST(sum(cost) AS DECIMAL(38, 0)) * 0.000000000000001 AS cost
FROM placed
GROUP BY CAST(hour AS DATE), shown, named
ORDER BY day, place

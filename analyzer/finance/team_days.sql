-- What each team used on each day of a month: what common costs are shared by.
SELECT
    day,
    team,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(input_tokens + output_tokens) AS HUGEINT) AS tokens,
    CAST(coalesce(sum(cost), 0) AS HUGEINT) AS cost
FROM entries
WHERE month = getvariable('month')
GROUP BY day, team
ORDER BY day, team

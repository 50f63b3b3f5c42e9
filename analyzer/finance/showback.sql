-- Who used what in two months, by each thing that can be charged: one row per dimension and name; NULL is what no log names,
-- or no rule allocates. Tokens are NULL where calls were made and no log tells the usage of any. Rows of exports may cost
-- something and count no calls: what was used is told by entries, not by calls.
SELECT
    CASE grouping(endpoint, team, cost_center, api_key_name, model)
        WHEN 15 THEN 'endpoint' WHEN 23 THEN 'team' WHEN 27 THEN 'cost_center' WHEN 29 THEN 'api_key_name' ELSE 'model' END AS dimension,
    coalesce(endpoint, team, cost_center, api_key_name, model) AS name,
    CAST(coalesce(sum(requests) FILTER (WHERE month = getvariable('month')), 0) AS BIGINT) AS requests,
    CAST(coalesce(sum(requests) FILTER (WHERE month = getvariable('month') AND measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(sum(input_tokens) FILTER (WHERE month = getvariable('month') AND (measured OR input_tokens <> 0)) AS HUGEINT) AS input_tokens,
    CAST(sum(output_tokens) FILTER (WHERE month = getvariable('month') AND (measured OR output_tokens <> 0)) AS HUGEINT) AS output_tokens,
    CAST(sum(cost) FILTER (WHERE month = getvariable('month')) AS HUGEINT) AS cost,
    count(*) FILTER (WHERE month = getvariable('month')) AS entries_now,
    count(*) FILTER (WHERE month = getvariable('before')) AS entries_before,
    CAST(sum(cost) FILTER (WHERE month = getvariable('before')) AS HUGEINT) AS before
FROM entries
WHERE month IN (getvariable('month'), getvariable('before'))
GROUP BY GROUPING SETS ((endpoint), (team), (cost_center), (api_key_name), (model))
ORDER BY dimension, cost DESC NULLS LAST, name

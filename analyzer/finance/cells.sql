-- What was priced from `cells_from` to before `cells_until`, days of the reporting zone: sums by endpoint, words of the log,
-- window and size of input; by day, too, with `cells_by_day`; of the endpoints in `cells_of` and what has none, unless that is NULL.
-- `request_cost` is the price of requests themselves, `apart_cost` what audio, images and searches add.
SELECT
    CASE WHEN getvariable('cells_by_day') THEN day END AS on_day,
    endpoint,
    model,
    serves,
    provider,
    service_tier,
    "window",
    CAST(sum(requests) AS HUGEINT) AS requests,
    CAST(sum(input_tokens) AS HUGEINT) AS input_tokens,
    CAST(sum(read_tokens) AS HUGEINT) AS read_tokens,
    CAST(sum(write_tokens) AS HUGEINT) AS write_tokens,
    CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
    CAST(sum(miss_cost) AS HUGEINT) AS miss_cost,
    CAST(sum(read_cost) AS HUGEINT) AS read_cost,
    CAST(sum(write_cost) AS HUGEINT) AS write_cost,
    CAST(sum(output_cost) AS HUGEINT) AS output_cost,
    CAST(sum(requests * CAST(p_request AS HUGEINT)) AS HUGEINT) AS request_cost,
    CAST(sum(other_cost - requests * CAST(p_request AS HUGEINT)) AS HUGEINT) AS apart_cost,
    size_class
FROM entries
WHERE priced AND day >= getvariable('cells_from') AND day < getvariable('cells_until')
    AND coalesce(list_contains(CAST(getvariable('cells_of') AS VARCHAR[]), endpoint), true)
GROUP BY ALL
ORDER BY ALL

-- The heavy pass of a scenario: requests summed to where neither their price, nor their route, nor what tells of their cache
-- differs. Everything after it works on these sums, and on the few requests whose cache a move does not leave as it was.
-- The slots are how finely starts are told apart (no coarser than a cache lives), and the route, an
-- expression over a row of `stretches`.
SELECT
    stretch,
    endpoint,
    logged_endpoint,
    model,
    provider,
    service_tier,
    moment,
    month,
    size,
    measured,
    split_known,
    cache_basis,
    date_trunc('{grain}', started_at) AS started,
    {route} AS route,
    min(started_at) AS first_started,
    max(started_at) AS last_started,
    CAST(sum(calls) AS BIGINT) AS requests,
    CAST(coalesce(sum(input_tokens), 0) AS HUGEINT) AS input_tokens,
    CAST(coalesce(sum(cache_read_tokens), 0) AS HUGEINT) AS cache_read_tokens,
    CAST(coalesce(sum(cache_write_tokens), 0) AS HUGEINT) AS cache_write_tokens,
    CAST(coalesce(sum(cache_write_1h_tokens), 0) AS HUGEINT) AS cache_write_1h_tokens,
    CAST(coalesce(sum(output_tokens), 0) AS HUGEINT) AS output_tokens
FROM stretches
GROUP BY stretch, endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known, cache_basis,
    started, route

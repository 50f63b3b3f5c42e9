-- What an export of costs comes to: calls and their cost, and how many of them have none, without usage or without a price.
SELECT
    sum(requests) AS requests,
    sum(cost) AS cost,
    CAST(coalesce(sum(requests) FILTER (WHERE NOT measured), 0) AS BIGINT) AS unmeasured,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced
FROM entries

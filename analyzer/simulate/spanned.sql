-- From when to when the calls are, to when those of exports, for how many calls rows of exports stand, and how many rows with
-- usage are sums.
SELECT
    min(instant) AS first,
    max(until) AS last,
    max(CASE WHEN exported THEN until END) AS closed,
    CAST(coalesce(sum(CASE WHEN exported THEN calls END), 0) AS BIGINT) AS exported,
    CAST(coalesce(sum(CASE WHEN measured AND summed THEN 1 END), 0) AS BIGINT) AS summed
FROM calls

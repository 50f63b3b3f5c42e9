-- From when to when the calls are, to when those of exports, and for how many calls rows of exports stand.
SELECT
    min(instant) AS first,
    max(until) AS last,
    max(CASE WHEN exported THEN until END) AS closed,
    CAST(coalesce(sum(CASE WHEN exported THEN calls END), 0) AS BIGINT) AS exported
FROM calls

-- From when to when the calls are, and to when those of exports.
SELECT min(instant) AS first, max(until) AS last, max(CASE WHEN exported THEN until END) AS closed
FROM calls

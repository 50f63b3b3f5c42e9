-- The lines of each source that gave nothing at all, by their places among the rows that were read, and how many those are.
-- The slots are what DuckDB reads as text, and whether any column of a row has a value.
SELECT source_id, count(*) AS rows, list(place ORDER BY place) FILTER (NOT filled) AS places
FROM (SELECT source_id, row_number() OVER () AS place, {filled} AS filled FROM ({records}))
GROUP BY source_id
ORDER BY source_id

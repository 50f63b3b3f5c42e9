-- Whose each line of a joint file is: the place of its log among those that were joined, and the line's number in it.
CREATE OR REPLACE TEMP TABLE owners AS
SELECT CAST(place AS INTEGER) AS source_place, unnest(range(1, lines + 1)) AS record
FROM (SELECT unnest(range(len($1))) AS place, unnest($1) AS lines FROM (SELECT CAST($1 AS INTEGER[])))

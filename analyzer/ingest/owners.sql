-- Whose each line of a joint file is: the place of its log among those that were joined, once for each of its lines.
CREATE OR REPLACE TEMP TABLE owners AS
SELECT unnest(list_resize(CAST([] AS INTEGER[]), lines, CAST(place AS INTEGER))) AS source_place
FROM (SELECT unnest(range(len($1))) AS place, unnest($1) AS lines FROM (SELECT CAST($1 AS INTEGER[])))

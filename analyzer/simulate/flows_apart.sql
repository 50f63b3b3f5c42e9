-- What `flows_kinds` tells by kind, as a map for each flow that has any.
CREATE OR REPLACE TEMP TABLE {table}_apart AS
SELECT stretch, route, map_from_entries(list({'key': kind, 'value': amount})) AS apart
FROM {table}_kinds
GROUP BY stretch, route

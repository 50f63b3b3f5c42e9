-- What the flows hold of audio, images and searches, by kind: of the few requests that have any. The slots are those of `flows`.
CREATE OR REPLACE TEMP TABLE {table}_apart AS
SELECT stretch, route, map_from_entries(list({'key': kind, 'value': amount})) AS apart
FROM (
    SELECT stretch, route, one.key AS kind, CAST(sum(one.value) AS HUGEINT) AS amount
    FROM (SELECT *, {route} AS route, unnest(map_entries(apart)) AS one FROM stretches WHERE apart IS NOT NULL)
    GROUP BY stretch, route, one.key
)
GROUP BY stretch, route

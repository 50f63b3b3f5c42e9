-- What the flows hold of audio, images and searches, by kind: of the few requests that have any. The slot is that of `flows`.
SELECT stretch, route, one.key AS kind, CAST(sum(one.value) AS HUGEINT) AS amount
FROM (SELECT *, {route} AS route, unnest(map_entries(apart)) AS one FROM stretches WHERE apart IS NOT NULL)
GROUP BY stretch, route, one.key

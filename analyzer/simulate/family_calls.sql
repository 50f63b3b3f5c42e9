-- Calls of a family: by the words of the logs, from when and until when who answered to them was the member that it means.
-- The parameter is the family.
SELECT w.name, w.provider, w.service_tier,
    greatest(w.from_instant, t.from_instant) AS from_instant,
    least(w.to_instant, t.to_instant) AS to_instant
FROM served_logged AS w
JOIN served_targets AS t
    ON t.name = ? AND t.serves = w.serves AND t.from_instant < w.to_instant AND w.from_instant < t.to_instant
ORDER BY ALL

-- Hours within which a price that was just laid out changes: usage is summed by the minute there.
INSERT INTO odd_hours
SELECT DISTINCT date_trunc('hour', edge) AS hour
FROM (SELECT unnest([from_instant, to_instant]) AS edge FROM price_intervals)
WHERE edge <> date_trunc('hour', edge) AND date_trunc('hour', edge) NOT IN (SELECT hour FROM odd_hours)

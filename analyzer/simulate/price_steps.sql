-- Where prices change within an hour, and at which sizes of input: usage is summed no coarser than that.
CREATE OR REPLACE {kind} TABLE odd_hours AS
SELECT DISTINCT date_trunc('hour', edge) AS hour
FROM (SELECT unnest([from_instant, to_instant]) AS edge FROM price_intervals)
WHERE edge <> date_trunc('hour', edge);

CREATE OR REPLACE {kind} TABLE price_sizes AS
SELECT size_from, lead(size_from, 1, 9223372036854775807) OVER (ORDER BY size_from) AS size_to
FROM (SELECT input_from AS size_from FROM price_intervals UNION SELECT 0);

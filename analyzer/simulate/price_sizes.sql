-- Sizes of input at which a price that was just laid out changes, too: usage is summed apart below and above them.
CREATE OR REPLACE {kind} TABLE price_sizes AS
SELECT size_from, lead(size_from, 1, 9223372036854775807) OVER (ORDER BY size_from) AS size_to
FROM (SELECT size_from FROM price_sizes UNION SELECT input_from FROM price_intervals)

-- The same, of requests that are summed already: many times quicker.
CREATE OR REPLACE TEMP TABLE busy_days AS
SELECT DISTINCT unnest([day - INTERVAL 1 DAY, day, day + INTERVAL 1 DAY]) AS day
FROM (SELECT DISTINCT date_trunc('day', moment) AS day FROM usage)

-- Days (UTC) for which prices are laid out by the hour: those on which something was called, those of exported buckets, and
-- their neighbours, since a request may begin on the day before. A log of a few days in a year needs no year of prices for
-- each of its models.
CREATE OR REPLACE TEMP TABLE busy_days AS
WITH called AS (
    SELECT DISTINCT date_trunc('day', started_at) AS day FROM requests
    UNION
    SELECT DISTINCT date_trunc('day', completed_at) FROM requests WHERE completed_at IS NOT NULL
    UNION
    SELECT DISTINCT unnest(generate_series(date_trunc('day', started_at), bucket_end, INTERVAL 1 DAY))
    FROM requests
    WHERE bucket_end IS NOT NULL
)
SELECT DISTINCT unnest([day - INTERVAL 1 DAY, day, day + INTERVAL 1 DAY]) AS day
FROM called

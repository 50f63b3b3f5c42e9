-- Days (UTC) for which prices are laid out by the hour: for each name those on which it was called, those of exported buckets,
-- and their neighbours, since a request may begin on the day before; under no name those of all of them together, for what
-- requests may be routed to. A log of a few days in a year needs no year of prices for each of its models.
CREATE OR REPLACE TEMP TABLE busy_days AS
WITH called AS (
    SELECT DISTINCT model, provider, service_tier, date_trunc('day', started_at) AS day FROM requests
    UNION
    SELECT DISTINCT model, provider, service_tier, date_trunc('day', completed_at) FROM requests WHERE completed_at IS NOT NULL
    UNION
    SELECT DISTINCT model, provider, service_tier, unnest(generate_series(date_trunc('day', started_at), bucket_end, INTERVAL 1 DAY))
    FROM requests
    WHERE bucket_end IS NOT NULL
), around AS (
    SELECT DISTINCT model, provider, service_tier, unnest([day - INTERVAL 1 DAY, day, day + INTERVAL 1 DAY]) AS day
    FROM called
)
SELECT model, provider, service_tier, day FROM around
UNION
SELECT NULL, NULL, NULL, day FROM around

-- The days of a month on which nothing was called: a quiet day, or a log that is missing.
SELECT CAST(day AS DATE) AS day
FROM generate_series(CAST(getvariable('first_day') AS DATE), CAST(getvariable('last_day') AS DATE), INTERVAL 1 DAY) AS days(day)
WHERE CAST(day AS DATE) NOT IN (SELECT day FROM entries)
ORDER BY day

-- All days of a month for what was called in it: a closing keeps the prices of days without a call, too, for what comes late.
CREATE OR REPLACE TEMP TABLE busy_days AS
SELECT called.model, called.provider, called.service_tier, days.day
FROM (SELECT DISTINCT model, provider, service_tier FROM entries WHERE month = getvariable('month')) AS called
CROSS JOIN (SELECT unnest(generate_series(getvariable('first_day'), getvariable('last_day'), INTERVAL 1 DAY)) AS day) AS days

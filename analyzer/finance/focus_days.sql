-- Days of what came late for months before: prices are laid out for them, too.
INSERT INTO busy_days
SELECT model, provider, service_tier, date_trunc('day', hour) FROM entries WHERE booked_month IS NOT NULL
EXCEPT
SELECT * FROM busy_days

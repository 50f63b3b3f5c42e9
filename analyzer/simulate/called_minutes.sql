-- In which minutes something was called within the time of exports: what tells whether an export's row sums up calls that are
-- there one by one.
SELECT model, date_trunc('minute', started_at) AS started_at, min(input_tokens) AS input_tokens
FROM requests
WHERE bucket_end IS NULL AND input_tokens IS NOT NULL
    AND started_at >= getvariable('exports_begin') AND started_at < getvariable('exports_end')
GROUP BY model, date_trunc('minute', started_at)

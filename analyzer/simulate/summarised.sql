-- Rows of exports that summarise requests which the ledger holds one by one: some request of the same model, under any of
-- its names, began in the row's bucket. They are kept for reconciliation and belong in no total.
WITH names AS (
    {names}
), busy AS (
    SELECT DISTINCT model, date_trunc('minute', started_at) AS minute
    FROM requests
    WHERE bucket_end IS NULL AND input_tokens IS NOT NULL
      AND started_at >= (SELECT min(started_at) FROM requests WHERE bucket_end IS NOT NULL)
      AND started_at < (SELECT max(bucket_end) FROM requests WHERE bucket_end IS NOT NULL)
)
SELECT DISTINCT e.rowid AS row_id
FROM requests AS e
JOIN names AS exported ON exported.model = e.model
JOIN names AS logged ON logged.serves = exported.serves
JOIN busy AS b ON b.model = logged.model AND b.minute >= date_trunc('minute', e.started_at) AND b.minute < e.bucket_end
WHERE e.bucket_end IS NOT NULL

-- Calls that the rows of exports which were set aside stand for, and calls of their models, under any name, that are there
-- one by one in their buckets.
WITH names AS (
    {names}
), aside AS (
    SELECT model, date_trunc('minute', started_at) AS first, bucket_end AS until, calls
    FROM requests
    WHERE rowid IN (SELECT row_id FROM summarised)
), buckets AS (
    SELECT DISTINCT logged.model, a.first, a.until
    FROM aside AS a
    JOIN names AS exported ON exported.model = a.model
    JOIN names AS logged ON logged.serves = exported.serves
), busy AS (
    SELECT model, date_trunc('minute', started_at) AS minute, sum(calls) AS calls
    FROM requests
    WHERE bucket_end IS NULL AND input_tokens IS NOT NULL
      AND started_at >= (SELECT min(first) FROM buckets) AND started_at < (SELECT max(until) FROM buckets)
    GROUP BY ALL
)
SELECT (SELECT sum(calls) FROM aside) AS exported,
    (SELECT sum(b.calls)
     FROM busy AS b
     WHERE EXISTS (FROM buckets AS k WHERE k.model = b.model AND b.minute >= k.first AND b.minute < k.until)) AS logged

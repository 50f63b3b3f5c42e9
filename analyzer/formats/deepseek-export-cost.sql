-- name:      deepseek-export-cost
-- title:     DeepSeek usage export, money (cost-*.csv): known, but it holds no calls
-- source:    https://platform.deepseek.com/usage
-- container: csv
-- evidence:  utc_date | start_time_iso
-- evidence:  model
-- evidence:  wallet_type
-- evidence:  cost
-- evidence:  currency
-- time:      utc_date | start_time_iso
-- model:     model
-- columns:   utc_date VARCHAR, start_time_iso VARCHAR, model VARCHAR
--
-- The money of the calls in the amount file beside it: to count both would count it twice.
SELECT
    source_id,
    'billed money of calls that the amount file counts' AS skip,
    coalesce(start_time_iso, utc_date) AS started_at,
    model
FROM records

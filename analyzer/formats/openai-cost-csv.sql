-- name:      openai-cost-csv
-- title:     OpenAI cost dashboard, exported CSV: known, but it holds no calls
-- source:    https://platform.openai.com/usage
-- container: csv
-- evidence:  start_time | start_time_iso
-- evidence:  end_time | end_time_iso
-- evidence:  amount_value
-- evidence:  amount_currency
-- time:      start_time | start_time_iso
-- model:     line_item
-- columns:   start_time VARCHAR, start_time_iso VARCHAR, amount_value VARCHAR, line_item VARCHAR
--
-- The money of the calls in the usage file beside it: to count both would count it twice.
SELECT
    source_id,
    CASE WHEN amount_value IS NULL THEN 'an empty bucket' ELSE 'billed money of calls that the usage file counts' END AS skip,
    coalesce(start_time, start_time_iso) AS started_at,
    line_item AS model
FROM records

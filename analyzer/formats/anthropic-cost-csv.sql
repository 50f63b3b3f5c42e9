-- name:      anthropic-cost-csv
-- title:     Anthropic Console, exported cost: known, but it holds no calls
-- source:    https://platform.claude.com/cost
-- container: csv
-- evidence:  usage_date_utc
-- evidence:  model
-- evidence:  token_type
-- evidence:  cost_usd
-- time:      usage_date_utc
-- model:     model
-- columns:   usage_date_utc VARCHAR, model VARCHAR
--
-- The money of the calls in the usage file beside it: to count both would count it twice.
SELECT
    source_id,
    'billed money of calls that the usage file counts' AS skip,
    usage_date_utc AS started_at,
    model
FROM records

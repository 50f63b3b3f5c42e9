-- name:      cursor-usage
-- title:     Cursor: usage events, exported CSV of the dashboard
-- source:    https://cursor.com/docs/account/usage
-- container: csv
-- evidence:  Date
-- evidence:  Model
-- evidence:  Input (w/ Cache Write)
-- evidence:  Input (w/o Cache Write)
-- evidence:  Output Tokens
-- time:      Date
-- model:     Model
-- columns:   Date VARCHAR, User VARCHAR, Kind VARCHAR, Model VARCHAR, "Input (w/ Cache Write)" COUNT, "Input (w/o Cache Write)" COUNT,
--            "Cache Read" COUNT, "Output Tokens" COUNT, "Total Tokens" COUNT, Cost VARCHAR
--
-- A row is what one turn of a user's took, of as many calls as that was: 0. Cache reads stand beside the input. What was
-- written to the cache stands beside the rest of the input, or in some exports includes it: the row's own total says which.
-- What a plan includes has a word for a cost (Included, Free, -). There is no id: the instant, the user and the counts are it.
SELECT
    source_id,
    concat_ws(':', 'cursor', Date, User, Model, shown(written), shown(uncached), shown("Cache Read"), shown("Output Tokens")) AS request_id,
    0 AS calls,
    Date AS started_at,
    'cursor' AS endpoint,
    Model AS model,
    'chat' AS operation,
    User AS user_name,
    Kind AS status,
    CASE WHEN measured THEN uncached END AS input_tokens,
    CASE WHEN measured THEN "Cache Read" END AS cache_read_tokens,
    CASE WHEN measured THEN CASE WHEN including THEN CAST(measure(written) - measure(uncached) AS COUNT) ELSE written END END
        AS cache_write_tokens,
    CASE WHEN measured THEN "Output Tokens" END AS output_tokens,
    CASE WHEN measured THEN "Total Tokens" END AS total_tokens,
    true AS cache_beside,
    CASE WHEN money(replace(Cost, ',', '')) IS NOT NULL THEN replace(Cost, ',', '') END AS stated_cost,
    CASE WHEN money(replace(Cost, ',', '')) IS NOT NULL THEN 'USD' END AS stated_currency
FROM (
    SELECT *,
        "Input (w/ Cache Write)" AS written,
        "Input (w/o Cache Write)" AS uncached,
        usage_told("Input (w/ Cache Write)", "Input (w/o Cache Write)") OR usage_told("Cache Read", "Output Tokens") AS measured,
        coalesce(measure("Input (w/ Cache Write)") >= measure("Input (w/o Cache Write)")
             AND measure("Total Tokens") = measure("Input (w/ Cache Write)") + measure("Cache Read") + measure("Output Tokens"), false) AS including
    FROM records
)

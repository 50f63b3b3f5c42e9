-- name:      openrouter-activity-daily
-- title:     OpenRouter activity, exported CSV, days (before exports had one row a call)
-- source:    https://openrouter.ai/activity
-- container: csv
-- grain:     group
-- evidence:  Date
-- evidence:  Slug
-- evidence:  Requests
-- evidence:  Prompt Tokens
-- evidence:  Completion Tokens
-- time:      Date
-- model:     Slug
-- columns:   Date VARCHAR, Slug VARCHAR, Usage VARCHAR, "BYOK Usage" VARCHAR, Requests COUNT, "Prompt Tokens" COUNT,
--            "Completion Tokens" COUNT, "Reasoning Tokens" COUNT
--
-- A row is a day of a model; where a model comes more than once in a day, its rows are parts of that day. Whether anything
-- was cached is not told. With an own key (BYOK) the provider's money stands beside what OpenRouter took. Where one of these is
-- no number, what the day cost is not known.
WITH judged AS (
    SELECT *,
        CASE
            WHEN instant(Date) IS NULL OR named(Slug) IS NULL THEN NULL  -- refused further on, in general words
            WHEN miscounted(Requests) OR miscounted("Prompt Tokens") OR miscounted("Completion Tokens")
              OR miscounted("Reasoning Tokens")
                THEN 'a count is no whole number from 0 to 2^53 - 1'
        END AS refusal
    FROM records
)
SELECT
    source_id,
    min(record) AS record,
    count(*) AS records,
    coalesce(CAST(sum(whole(Requests)) AS BIGINT), 0) AS calls,
    concat_ws(':', 'openrouter-activity-daily', CAST(instant(Date) AS VARCHAR), Slug) AS request_id,
    CAST(NULL AS VARCHAR) AS refusal,
    CAST(instant(Date) AS VARCHAR) AS started_at,
    TRY(CAST(instant(Date) + INTERVAL 1 DAY AS VARCHAR)) AS bucket_end,
    Slug AS model,
    'openrouter' AS provider,
    sum(whole("Prompt Tokens")) AS input_tokens,
    sum(whole("Completion Tokens")) AS output_tokens,
    least(sum(whole("Reasoning Tokens")), sum(whole("Completion Tokens"))) AS reasoning_tokens,
    CASE WHEN count(*) FILTER (WHERE Usage IS NOT NULL AND money(Usage) IS NULL OR "BYOK Usage" IS NOT NULL AND money("BYOK Usage") IS NULL
                               OR coalesce(Usage, "BYOK Usage") IS NULL) = 0
         THEN coalesce(sum(money(Usage)), 0) + coalesce(sum(money("BYOK Usage")), 0) END AS stated_cost,
    'USD' AS stated_currency
FROM judged
WHERE refusal IS NULL AND instant(Date) IS NOT NULL AND named(Slug) IS NOT NULL
GROUP BY source_id, instant(Date), Slug
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, 1 AS calls, refusal, Date AS started_at, Slug AS model
FROM judged
WHERE refusal IS NOT NULL OR instant(Date) IS NULL OR named(Slug) IS NULL

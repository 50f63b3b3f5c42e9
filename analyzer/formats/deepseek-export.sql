-- name:      deepseek-export
-- title:     DeepSeek usage export, amounts (amount-*.csv), months and ranges, UTC or zoned, days or hours
-- source:    https://platform.deepseek.com/usage
-- container: csv
-- grain:     group
-- evidence:  utc_date | start_time_iso
-- evidence:  model
-- evidence:  type
-- evidence:  price
-- evidence:  amount
-- time:      utc_date | start_time_iso
-- model:     model
-- columns:   user_id VARCHAR, utc_date VARCHAR, start_time_iso VARCHAR, end_time_iso VARCHAR, model VARCHAR,
--            api_key_name VARCHAR, api_key VARCHAR, type VARCHAR, price VARCHAR, amount VARCHAR
--
-- Long form: one record per window, model, key, type and price. The records of one window, model and key that were
-- billed in one price tier become one row, which stands for many calls. A window that meets two tiers has each token
-- type twice, at two prices: the cheaper ones belong together, and the dearer ones. A type that comes in fewer tiers
-- than the others cannot be paired: it stands in a row of its own. Rows keep their own prices.
WITH line AS (
    SELECT *,
        coalesce(start_time_iso,
                 CASE WHEN regexp_full_match(utc_date, '\d{8}')
                      THEN utc_date[:4] || '-' || utc_date[5:6] || '-' || utc_date[7:8] ELSE utc_date END) AS from_text
    FROM records
), judged AS (
    SELECT *,
        CASE
            WHEN instant(from_text) IS NULL OR named(model) IS NULL THEN NULL  -- refused further on, in general words
            WHEN type NOT IN ('input_cache_hit_tokens', 'input_cache_miss_tokens', 'output_tokens', 'request_count')
                THEN 'type is none of input_cache_hit_tokens, input_cache_miss_tokens, output_tokens, request_count'
            WHEN amount IS NULL OR miscounted(amount) THEN 'amount is no whole number: ' || coalesce(shown(amount), 'missing')
            -- Not even the dearest model takes 1 for a token.
            WHEN type <> 'request_count' AND coalesce(NOT price_units(price) BETWEEN 0 AND 1000000000000000, true)
                THEN 'price is no number of at most 15 decimals'
        END AS refusal
    FROM line
), ranked AS (
    SELECT *,
        dense_rank() OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, type
                           ORDER BY price_units(price)) AS tier
    FROM judged
    WHERE refusal IS NULL AND instant(from_text) IS NOT NULL AND named(model) IS NOT NULL
), counted AS (
    SELECT *,
        max(tier) OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, type) AS tiers,
        max(CASE WHEN type <> 'request_count' THEN tier ELSE 1 END)
            OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key) AS most
    FROM ranked
), placed AS (
    -- Calls are not split by tier in the export: they are counted in the cheaper row.
    SELECT *,
        CASE WHEN type = 'request_count' THEN 'tier 1'
             WHEN tiers = most THEN 'tier ' || tier
             ELSE type || ' alone' END AS place
    FROM counted
)
SELECT
    source_id,
    -- A later export of the same day may hold a tier that this one lacks: a row is known by its price, not by its rank.
    concat_ws(':', 'deepseek-export', user_id, from_text, end_time_iso, model, api_key_name, api_key,
              CASE WHEN place LIKE '% alone' THEN place END,
              coalesce(max(price_units(price)) FILTER (WHERE type = 'input_cache_miss_tokens'),
                       max(price_units(price)) FILTER (WHERE type = 'output_tokens'),
                       max(price_units(price)) FILTER (WHERE type = 'input_cache_hit_tokens'))) AS request_id,
    CAST(NULL AS VARCHAR) AS refusal,
    min(record) AS record,
    count(*) AS records,
    coalesce(CAST(sum(whole(amount)) FILTER (WHERE type = 'request_count') AS BIGINT), 0) AS calls,
    from_text AS started_at,
    coalesce(end_time_iso, TRY(CAST(instant(from_text) + INTERVAL 1 DAY AS VARCHAR))) AS bucket_end,
    model, 'deepseek' AS provider, api_key_name,
    coalesce(sum(whole(amount)) FILTER (WHERE type IN ('input_cache_hit_tokens', 'input_cache_miss_tokens')), 0) AS input_tokens,
    coalesce(sum(whole(amount)) FILTER (WHERE type = 'input_cache_hit_tokens'), 0) AS cache_read_tokens,
    coalesce(sum(whole(amount)) FILTER (WHERE type = 'output_tokens'), 0) AS output_tokens,
    sum(CASE WHEN type <> 'request_count' THEN CAST(price AS DECIMAL(38, 18)) * whole(amount) END) AS stated_cost,
    max(price_units(price)) FILTER (WHERE type = 'input_cache_miss_tokens') AS stated_input,
    max(price_units(price)) FILTER (WHERE type = 'input_cache_hit_tokens') AS stated_cache_read,
    max(price_units(price)) FILTER (WHERE type = 'output_tokens') AS stated_output
FROM placed
GROUP BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, place
UNION ALL BY NAME
SELECT source_id, refusal, record, 1 AS records, 1 AS calls, from_text AS started_at, model
FROM judged
WHERE refusal IS NOT NULL OR instant(from_text) IS NULL OR named(model) IS NULL

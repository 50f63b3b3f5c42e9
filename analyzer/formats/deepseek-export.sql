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
-- than the others is paired by prices that stand together in other windows of the export, else it has a row of its own.
-- Rows keep their own prices. `input_tokens`, of old exports, does not tell what was cached. Of a window with a refused line
-- that class of tokens is not known. A line that comes again, the same in all that it says, is a copy; two keys of one name may
-- well have as many calls, but not as many tokens.
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
            WHEN type NOT IN ('input_cache_hit_tokens', 'input_cache_miss_tokens', 'input_tokens', 'output_tokens', 'request_count')
                THEN 'type is none of input_cache_hit_tokens, input_cache_miss_tokens, input_tokens, output_tokens, request_count'
            WHEN amount IS NULL OR miscounted(amount) THEN 'amount is no whole number: ' || coalesce(shown(amount), 'missing')
            -- Not even the dearest model takes 1 for a token.
            WHEN type <> 'request_count' AND coalesce(NOT price_units(price) BETWEEN 0 AND 1000000000000000, true)
                THEN 'price is no number of at most 15 decimals'
        END AS refusal
    FROM line
), whole_window AS (
    -- Whether a line is refused that tells of the input, or of the output.
    SELECT *,
        bool_or(refusal IS NOT NULL AND type IN ('input_cache_hit_tokens', 'input_cache_miss_tokens', 'input_tokens')) OVER parts AS input_lost,
        bool_or(refusal IS NOT NULL AND type = 'output_tokens') OVER parts AS output_lost
    FROM judged
    WINDOW parts AS (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key)
), ranked AS (
    SELECT *,
        dense_rank() OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, type
                           ORDER BY price_units(price)) AS tier
    FROM whole_window
    WHERE refusal IS NULL AND instant(from_text) IS NOT NULL AND named(model) IS NOT NULL
), counted AS (
    SELECT *,
        max(tier) OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, type) AS tiers,
        max(CASE WHEN type <> 'request_count' THEN tier ELSE 1 END)
            OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key) AS most
    FROM ranked
), paired AS (
    -- The price of a miss beside which a price stands where nothing is missing, and what it is in this window.
    SELECT *,
        max(CASE WHEN type = 'input_cache_miss_tokens' AND tiers = most THEN price_units(price) END)
            OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, tier) AS beside,
        min(CASE WHEN type = 'input_cache_miss_tokens' AND tiers = most THEN price_units(price) END) OVER parts AS cheap_miss,
        max(CASE WHEN type = 'input_cache_miss_tokens' AND tiers = most THEN price_units(price) END) OVER parts AS dear_miss
    FROM counted
    WINDOW parts AS (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key)
), learnt AS (
    SELECT *,
        min(CASE WHEN tiers = most THEN beside END) OVER alike AS least,
        max(CASE WHEN tiers = most THEN beside END) OVER alike AS largest
    FROM paired
    WINDOW alike AS (PARTITION BY source_id, model, type, price_units(price))
), placed AS (
    -- Calls are not split by tier in the export: they are counted in the cheaper row.
    SELECT *,
        CASE WHEN type = 'request_count' THEN 'tier 1'
             WHEN tiers = most THEN 'tier ' || tier
             WHEN least = largest AND least = cheap_miss THEN 'tier 1'
             WHEN least = largest AND least = dear_miss THEN 'tier ' || most
             ELSE type || ' alone' END AS place
    FROM learnt
), told AS (
    -- What stands alone is known; in a tier that lacks it, a refused line may have been the one.
    SELECT *,
        input_lost AND place NOT LIKE '% alone' AS input_unknown,
        output_lost AND place NOT LIKE '% alone' AS output_unknown,
        row_number() OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, type, price, amount
                           ORDER BY record) AS time,
        -- A later export of the same day may hold a tier that this one lacks: a row is known by its price, not by its rank.
        coalesce(max(CASE WHEN type IN ('input_cache_miss_tokens', 'input_tokens') THEN price_units(price) END) OVER parts,
                 max(CASE WHEN type = 'output_tokens' THEN price_units(price) END) OVER parts,
                 max(CASE WHEN type = 'input_cache_hit_tokens' THEN price_units(price) END) OVER parts) AS known_by
    FROM placed
    WINDOW parts AS (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, place)
), copied AS (
    SELECT *,
        CASE WHEN type <> 'request_count' OR max(CASE WHEN type <> 'request_count' THEN time ELSE 1 END)
                OVER (PARTITION BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key) >= time
             THEN time ELSE 1 END AS copy
    FROM told
)
SELECT
    source_id,
    -- Exports tell the same window by the day, or in whichever zone they were asked for in.
    concat_ws(':', 'deepseek-export', user_id, instant(from_text),
              coalesce(CAST(instant(end_time_iso) AS VARCHAR), end_time_iso, CAST(TRY(instant(from_text) + INTERVAL 1 DAY) AS VARCHAR)),
              model, api_key_name, api_key,
              CASE WHEN place LIKE '% alone' THEN place END, any_value(known_by)) AS request_id,
    CAST(NULL AS VARCHAR) AS refusal,
    min(record) AS record,
    count(*) AS records,
    coalesce(CAST(sum(whole(amount)) FILTER (WHERE type = 'request_count') AS BIGINT), 0) AS calls,
    from_text AS started_at,
    coalesce(end_time_iso, TRY(CAST(instant(from_text) + INTERVAL 1 DAY AS VARCHAR))) AS bucket_end,
    model, 'deepseek' AS provider, api_key_name,
    CASE WHEN NOT any_value(input_unknown)
         THEN coalesce(sum(whole(amount)) FILTER (WHERE type NOT IN ('output_tokens', 'request_count')), 0) END AS input_tokens,
    CASE WHEN NOT any_value(input_unknown) AND count(*) FILTER (WHERE type = 'input_tokens') = 0
         THEN coalesce(sum(whole(amount)) FILTER (WHERE type = 'input_cache_hit_tokens'), 0) END AS cache_read_tokens,
    CASE WHEN NOT any_value(output_unknown) THEN coalesce(sum(whole(amount)) FILTER (WHERE type = 'output_tokens'), 0) END AS output_tokens,
    sum(CASE WHEN type <> 'request_count' THEN CAST(price AS DECIMAL(38, 18)) * whole(amount) END) AS stated_cost,
    max(price_units(price)) FILTER (WHERE type IN ('input_cache_miss_tokens', 'input_tokens')) AS stated_input,
    max(price_units(price)) FILTER (WHERE type = 'input_cache_hit_tokens') AS stated_cache_read,
    max(price_units(price)) FILTER (WHERE type = 'output_tokens') AS stated_output
FROM copied
GROUP BY source_id, user_id, from_text, end_time_iso, model, api_key_name, api_key, place, copy
UNION ALL BY NAME
SELECT source_id, refusal, record, 1 AS records, 1 AS calls, from_text AS started_at, model
FROM judged
WHERE refusal IS NOT NULL OR instant(from_text) IS NULL OR named(model) IS NULL

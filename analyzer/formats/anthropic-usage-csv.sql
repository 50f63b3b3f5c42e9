-- name:      anthropic-usage-csv
-- title:     Anthropic Console, exported token usage (days or hours)
-- source:    https://platform.claude.com/usage
-- container: csv
-- evidence:  usage_date_utc
-- evidence:  model_version
-- evidence:  usage_input_tokens_no_cache
-- evidence:  usage_output_tokens
-- time:      usage_date_utc
-- model:     model_version
-- columns:   usage_date_utc VARCHAR, model_version VARCHAR, api_key VARCHAR, workspace VARCHAR, usage_type VARCHAR,
--            context_window VARCHAR, inference_geo VARCHAR, speed VARCHAR, usage_input_tokens_no_cache COUNT,
--            usage_input_tokens_cache_write_5m COUNT, usage_input_tokens_cache_write_1h COUNT,
--            usage_input_tokens_cache_read COUNT, usage_output_tokens COUNT, web_search_count COUNT
--
-- The four columns of input exclude each other. A day has no hour in its date. Calls are not counted in the export,
-- but those of large inputs, which some lists price otherwise, have rows of their own.
SELECT
    source_id,
    concat_ws(':', 'anthropic-usage-csv', usage_date_utc, model_version, workspace,
              CASE WHEN masked(named(api_key)) <> api_key THEN md5(api_key) ELSE api_key END, usage_type, context_window, inference_geo,
              speed) AS request_id,
    0 AS calls,
    usage_date_utc AS started_at,
    TRY(CAST(instant(usage_date_utc) + CASE WHEN contains(usage_date_utc, ':') THEN INTERVAL 1 HOUR ELSE INTERVAL 1 DAY END AS VARCHAR))
        AS bucket_end,
    model_version AS model,
    'anthropic' AS provider,
    api_key AS api_key_name,
    workspace AS team,
    CASE WHEN miscounted(usage_input_tokens_cache_write_5m) OR miscounted(usage_input_tokens_cache_write_1h)
         THEN 'a count of written tokens is no whole number from 0 to 2^53 - 1' END AS refusal,
    usage_input_tokens_no_cache AS input_tokens,
    usage_input_tokens_cache_read AS cache_read_tokens,
    CASE WHEN NOT miscounted(usage_input_tokens_cache_write_5m) AND NOT miscounted(usage_input_tokens_cache_write_1h)
          AND coalesce(usage_input_tokens_cache_write_5m, usage_input_tokens_cache_write_1h) IS NOT NULL
         THEN CAST(coalesce(whole(usage_input_tokens_cache_write_5m), 0)
                   + coalesce(whole(usage_input_tokens_cache_write_1h), 0) AS COUNT) END AS cache_write_tokens,
    usage_input_tokens_cache_write_1h AS cache_write_1h_tokens,
    least_input(context_window) AS input_from,
    usage_output_tokens AS output_tokens,
    true AS cache_beside,
    web_search_count AS searches,
    placed_tier(CASE WHEN usage_type <> 'batch' AND speed = 'fast' THEN speed ELSE usage_type END, inference_geo) AS service_tier
FROM records

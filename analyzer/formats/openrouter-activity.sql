-- name:      openrouter-activity
-- title:     OpenRouter activity, exported CSV, one row a call
-- source:    https://openrouter.ai/activity
-- container: csv
-- evidence:  generation_id
-- evidence:  created_at
-- evidence:  model_permaslug
-- evidence:  tokens_prompt
-- evidence:  tokens_completion
-- time:      created_at
-- model:     model_permaslug
-- columns:   generation_id VARCHAR, created_at VARCHAR, cost_total VARCHAR, byok_usage_inference VARCHAR, tokens_prompt COUNT,
--            tokens_completion COUNT, tokens_reasoning COUNT, tokens_cached COUNT, model_permaslug VARCHAR,
--            provider_name VARCHAR, variant VARCHAR, cancelled VARCHAR, user VARCHAR, finish_reason_normalized VARCHAR,
--            generation_time_ms VARCHAR, app_name VARCHAR, api_key_name VARCHAR
--
-- Cached tokens are inside; written ones are not told. Reasoning is inside too, but some providers' counts of it exceed the
-- output: no more than all of it can have been reasoning. `cost_total` is what OpenRouter took, everything included; with an
-- own key (BYOK) the provider's part stands beside it; where either is no number, the sum is not known. Cancelled calls are billed. Who
-- served a call (`provider_name`) is not who sells it: its price is OpenRouter's.
SELECT
    source_id,
    generation_id AS request_id,
    created_at AS started_at,
    generation_time_ms AS latency_ms,
    app_name AS endpoint,
    model_permaslug AS model,
    'openrouter' AS provider,
    api_key_name,
    user AS user_name,
    CASE WHEN lower(cancelled) = 'true' THEN 'cancelled' ELSE finish_reason_normalized END AS status,
    tokens_prompt AS input_tokens,
    tokens_cached AS cache_read_tokens,
    tokens_completion AS output_tokens,
    CASE WHEN measure(tokens_reasoning) > measure(tokens_completion) AND NOT miscounted(tokens_reasoning) THEN tokens_completion
         ELSE tokens_reasoning END AS reasoning_tokens,
    CASE WHEN cost_total IS NOT NULL AND money(cost_total) IS NULL OR byok_usage_inference IS NOT NULL AND money(byok_usage_inference) IS NULL
         THEN NULL
         WHEN money(byok_usage_inference) > 0 THEN CAST(coalesce(money(cost_total), 0) + money(byok_usage_inference) AS VARCHAR)
         ELSE cost_total END AS stated_cost,
    CASE WHEN coalesce(cost_total, byok_usage_inference) IS NOT NULL THEN 'USD' END AS stated_currency,
    variant AS service_tier
FROM records

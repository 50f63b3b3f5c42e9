-- name:      openai-usage-csv
-- title:     OpenAI usage dashboard, exported CSV (completions or embeddings; minutes, hours or days)
-- source:    https://platform.openai.com/usage
-- container: csv
-- evidence:  start_time | start_time_iso
-- evidence:  end_time | end_time_iso
-- evidence:  num_model_requests
-- evidence:  input_tokens
-- time:      start_time | start_time_iso
-- model:     model (export it grouped by model)
-- columns:   start_time VARCHAR, end_time VARCHAR, start_time_iso VARCHAR, end_time_iso VARCHAR, num_model_requests COUNT,
--            project_id VARCHAR, project_name VARCHAR, user_id VARCHAR, user_email VARCHAR, api_key_id VARCHAR,
--            api_key_name VARCHAR, model VARCHAR, batch VARCHAR, service_tier VARCHAR, input_tokens COUNT,
--            output_tokens COUNT, input_cached_tokens COUNT, input_cache_write_tokens COUNT, input_audio_tokens COUNT,
--            input_cached_audio_tokens COUNT, output_audio_tokens COUNT, input_image_tokens COUNT,
--            input_cached_image_tokens COUNT, output_image_tokens COUNT
--
-- A row is a bucket of time of whatever the export was grouped by; a bucket without calls has nothing but its times. Cached
-- and written tokens are inside; text, audio and image columns are slices of the same tokens. A bucket is the same one in
-- every export, and in the pages of the API: it is known by its times and its groups.
WITH bucket AS (
    SELECT *, coalesce(start_time, start_time_iso) AS from_text, coalesce(end_time, end_time_iso) AS to_text
    FROM records
)
SELECT
    source_id,
    CASE WHEN instant(from_text) IS NOT NULL AND NOT miscounted(input_tokens) AND NOT miscounted(output_tokens)
          AND greatest(measure(num_model_requests), measure(input_tokens), measure(output_tokens), 0) = 0
         THEN 'an empty bucket' END AS skip,
    CASE WHEN miscounted(num_model_requests) THEN 'num_model_requests is no whole number from 0 to 2^53 - 1' END AS refusal,
    concat_ws(':', 'openai-usage', CAST(instant(from_text) AS VARCHAR), CAST(instant(to_text) AS VARCHAR), project_id, user_id,
              CASE WHEN masked(named(api_key_id)) <> api_key_id THEN md5(api_key_id) ELSE api_key_id END, model, lower(batch),
              service_tier) AS request_id,
    CASE WHEN miscounted(num_model_requests) THEN 0 ELSE coalesce(whole(num_model_requests), 0) END AS calls,
    from_text AS started_at,
    to_text AS bucket_end,
    model,
    'openai' AS provider,
    coalesce(api_key_name, api_key_id) AS api_key_name,
    coalesce(project_name, project_id) AS team,
    coalesce(user_email, user_id) AS user_name,
    input_tokens,
    input_cached_tokens AS cache_read_tokens,
    input_cache_write_tokens AS cache_write_tokens,
    -- Embeddings have an export of their own, without this column.
    CASE WHEN output_tokens IS NULL AND input_tokens IS NOT NULL THEN '0' ELSE output_tokens END AS output_tokens,
    CASE WHEN lower(batch) = 'true' THEN 'batch' ELSE service_tier END AS service_tier,
    input_audio_tokens,
    input_cached_audio_tokens AS cache_read_audio_tokens,
    output_audio_tokens,
    input_image_tokens,
    input_cached_image_tokens AS cache_read_image_tokens,
    output_image_tokens
FROM bucket

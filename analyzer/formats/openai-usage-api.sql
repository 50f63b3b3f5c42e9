-- name:      openai-usage-api
-- title:     OpenAI organization usage API, pages or buckets (completions, embeddings; money and other units are known)
-- source:    https://platform.openai.com/docs/api-reference/usage
-- container: json
-- grain:     split
-- evidence:  object = page | bucket
-- evidence:  data | results
-- evidence:  has_more | end_time
-- time:      start_time
-- model:     model (ask with group_by=model)
-- columns:   object VARCHAR, data JSON, start_time VARCHAR, end_time VARCHAR, results JSON
--
-- A record is a result: a bucket of time of one model, key, project, whatever was asked for. Cached tokens are inside. What
-- has no tokens (money, images, seconds) tells of calls that are not counted here.
WITH bucket AS (
    SELECT
        source_id, record,
        unnest(CASE WHEN object = 'page' THEN from_json(data, '["JSON"]')
                    ELSE [to_json({'start_time': start_time, 'end_time': end_time, 'results': results})] END) AS bucket
    FROM records
), result AS (
    SELECT
        source_id, record, bucket ->> '$.start_time' AS from_text, bucket ->> '$.end_time' AS to_text,
        unnest(CASE WHEN json_array_length(bucket -> '$.results') > 0 THEN from_json(bucket -> '$.results', '["JSON"]')
                    ELSE [NULL] END) AS r
    FROM bucket
), told AS (
    SELECT *,
        regexp_extract(r ->> '$.object', '^organization\.(?:usage\.)?([a-z_]+)\.result$', 1) AS kind,
        r ->> '$.api_key_id' AS key,
        r ->> '$.num_model_requests' AS requests,
        r ->> '$.input_tokens' AS input_tokens,
        r ->> '$.output_tokens' AS output_tokens
    FROM result
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE
        WHEN r IS NULL THEN 'an empty bucket'
        WHEN kind = 'costs' THEN 'billed money of calls that the usage pages count'
        WHEN kind <> '' AND kind NOT IN ('completions', 'embeddings', 'moderations')
            THEN 'usage of a kind that is not billed in tokens'
        WHEN json_type(r) = 'OBJECT' AND NOT miscounted(input_tokens) AND NOT miscounted(output_tokens)
         AND greatest(measure(requests), measure(input_tokens), measure(output_tokens), 0) = 0 THEN 'an empty bucket'
    END AS skip,
    CASE WHEN coalesce(json_type(r), 'NULL') <> 'OBJECT' THEN 'a result that is no object'
         WHEN miscounted(requests) THEN 'num_model_requests is no whole number from 0 to 2^53 - 1' END AS refusal,
    -- The same bucket in the exported CSV has the same name.
    concat_ws(':', 'openai-usage', CAST(instant(from_text) AS VARCHAR), CAST(instant(to_text) AS VARCHAR), r ->> '$.project_id',
              r ->> '$.user_id', CASE WHEN masked(named(key)) <> key THEN md5(key) ELSE key END, r ->> '$.model', r ->> '$.batch',
              r ->> '$.service_tier') AS request_id,
    CASE WHEN miscounted(requests) THEN 0 ELSE coalesce(whole(requests), 0) END AS calls,
    from_text AS started_at,
    to_text AS bucket_end,
    r ->> '$.model' AS model,
    'openai' AS provider,
    CASE WHEN kind = 'embeddings' THEN kind END AS operation,
    coalesce(r ->> '$.api_key_name', key) AS api_key_name,
    coalesce(r ->> '$.project_name', r ->> '$.project_id') AS team,
    coalesce(r ->> '$.user_email', r ->> '$.user_id') AS user_name,
    input_tokens,
    r ->> '$.input_cached_tokens' AS cache_read_tokens,
    r ->> '$.input_cache_write_tokens' AS cache_write_tokens,
    CASE WHEN output_tokens IS NULL AND input_tokens IS NOT NULL AND kind <> 'completions' THEN '0'
         ELSE output_tokens END AS output_tokens,
    CASE WHEN (r ->> '$.batch') = 'true' THEN 'batch' ELSE r ->> '$.service_tier' END AS service_tier,
    r ->> '$.input_audio_tokens' AS input_audio_tokens,
    r ->> '$.input_cached_audio_tokens' AS cache_read_audio_tokens,
    r ->> '$.output_audio_tokens' AS output_audio_tokens,
    r ->> '$.input_image_tokens' AS input_image_tokens,
    r ->> '$.input_cached_image_tokens' AS cache_read_image_tokens,
    r ->> '$.output_image_tokens' AS output_image_tokens
FROM told
UNION ALL BY NAME
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN json_type(data) = 'ARRAY' THEN 'an empty page' END AS skip,
    'neither a page nor a bucket' AS refusal
FROM records
WHERE (source_id, record) NOT IN (SELECT (source_id, record) FROM told)

-- name:      new-api
-- title:     new-api and one-api: the table logs as JSON lines or CSV, and pages of /api/log
-- source:    https://github.com/QuantumNous/new-api
--            https://github.com/songquanpeng/one-api
-- container: json csv
-- grain:     split
-- evidence:  quota | data.items | data[]
-- evidence:  model_name | success
-- evidence:  created_at | success
-- evidence:  type | message
-- time:      created_at
-- model:     model_name
-- let:       ENTRY = STRUCT(id VARCHAR, user_id VARCHAR, created_at VARCHAR, type VARCHAR, username VARCHAR,
--                           token_name VARCHAR, model_name VARCHAR, quota VARCHAR, prompt_tokens VARCHAR,
--                           completion_tokens VARCHAR, use_time VARCHAR, elapsed_time VARCHAR, "group" VARCHAR,
--                           request_id VARCHAR, other VARCHAR)
-- columns:   id VARCHAR, user_id VARCHAR, created_at VARCHAR, type VARCHAR, username VARCHAR,
--            token_name VARCHAR, model_name VARCHAR, quota VARCHAR, prompt_tokens VARCHAR, completion_tokens VARCHAR,
--            use_time VARCHAR, elapsed_time VARCHAR, group VARCHAR, request_id VARCHAR, other VARCHAR, data JSON
--
-- Types: 1 top-up, 2 consume, 3 manage, 4 system, 5 error, 6 refund; calls are 2 and 5. `other` is JSON in a string.
-- Cached tokens are inside the prompt, but beside it where Claude's own rule was logged (claude, usage_semantic).
-- quota is in units of 1/500000 USD at the site's selling price (QuotaPerUnit as it is delivered).
-- One request can be several rows (attempts that failed, then the one that did not): they share request_id. A user's own
-- list shows the id modulo 1024, so it identifies nothing by itself: without a request_id it is taken with the row's
-- instant and counts, modulo 1024 in the list of an administrator, too, so that both name the row alike.
-- Searches are told each with its price, in older versions as numbers of their own. `image_output` counts images of the prompt.
WITH page AS (
    SELECT source_id, record,
        TRY_CAST(CASE json_type(data) WHEN 'ARRAY' THEN data ELSE data -> '$.items' END AS ENTRY[]) AS entries
    FROM records
    WHERE data IS NOT NULL
), entry AS (
    SELECT * EXCLUDE (data) FROM records WHERE data IS NULL
    UNION ALL BY NAME
    SELECT source_id, record, unnest(entries, max_depth := 2) FROM page
), told AS (
    SELECT * EXCLUDE (other, type),
        measure(type) AS kind,
        TRY_CAST(other AS JSON) AS o,
        usage_told(prompt_tokens, completion_tokens) AS measured
    FROM entry
), read AS (
    SELECT *,
        measure(o ->> '$.cache_creation_tokens') AS written,
        measure(o ->> '$.cache_write_tokens') AS written_too,
        measure(o ->> '$.cache_creation_tokens_5m') AS written_5m,
        measure(o ->> '$.cache_creation_tokens_1h') AS written_1h,
        CASE WHEN measure(o ->> '$.input_tokens_total') > 0 THEN o ->> '$.input_tokens_total' END AS input_total,
        list_filter(TRY_CAST(o -> '$.tool_surcharges' AS STRUCT("name" VARCHAR, "count" VARCHAR)[]), lambda one: NOT miscounted(one."count"))
            AS surcharges,
        list_sum([whole(one."count") FOR one IN surcharges IF one."name" IN ('web_search', 'web_search_preview', 'google_search')])
            AS searched,
        list_sum([whole(one."count") FOR one IN surcharges IF one."name" = 'file_search']) AS file_searched
    FROM told
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN nullif(request_id, '') IS NOT NULL THEN 'new-api:' || request_id
         ELSE concat_ws(':', 'new-api', coalesce(user_id, username), created_at, TRY_CAST(id AS BIGINT) % 1024, model_name,
                        prompt_tokens, completion_tokens, quota) END AS request_id,
    CASE
        WHEN kind = 6 THEN 'a refund of quota, no call'
        WHEN kind NOT IN (2, 5) THEN 'an entry of the gateway about accounts or settings, no call'
        WHEN kind = 2 AND NOT measured AND o ->> '$.quota_delta' IS NOT NULL THEN 'a later settlement of quota, no call'
    END AS skip,
    created_at AS completed_at,  -- written when the call is over
    elapsed_time AS latency_ms,
    use_time AS latency_s,
    o ->> '$.request_path' AS endpoint,
    coalesce(nullif(o ->> '$.upstream_model_name', ''), model_name) AS model,
    token_name AS api_key_name,
    "group" AS team,
    username AS user_name,
    CASE WHEN kind = 5 THEN coalesce(o ->> '$.status_code', 'error') WHEN kind = 2 THEN 'success' END AS status,
    CASE WHEN measured THEN coalesce(input_total, prompt_tokens) END AS input_tokens,
    CASE WHEN measured THEN o ->> '$.cache_tokens' END AS cache_read_tokens,
    -- The two lifetimes are the split of the whole, which older versions left at 0.
    CASE WHEN measured THEN greatest(written, written_too, coalesce(written_5m, 0) + written_1h, written_5m)
         END AS cache_write_tokens,
    CASE WHEN measured THEN written_1h END AS cache_write_1h_tokens,
    CASE WHEN measured THEN completion_tokens END AS output_tokens,
    CASE WHEN measured THEN coalesce(o ->> '$.audio_input', o ->> '$.audio_input_token_count') END AS input_audio_tokens,
    CASE WHEN measured THEN o ->> '$.audio_output' END AS output_audio_tokens,
    CASE WHEN measured AND measure(o ->> '$.image_output') <= measure(coalesce(input_total, prompt_tokens))
         THEN o ->> '$.image_output' END AS input_image_tokens,
    coalesce(CAST(searched AS VARCHAR), o ->> '$.web_search_call_count') AS searches,
    coalesce(CAST(file_searched AS VARCHAR), o ->> '$.file_search_call_count') AS file_searches,
    (o ->> '$.claude' = 'true' OR o ->> '$.usage_semantic' = 'anthropic') AND input_total IS NULL AS cache_beside,
    CASE WHEN kind = 2 THEN TRY_CAST(quota AS BIGINT) * 0.000002 END AS stated_cost,
    CASE WHEN kind = 2 THEN 'USD' END AS stated_currency
FROM read
UNION ALL BY NAME
SELECT source_id, record, 1 AS records,
    CASE WHEN len(entries) = 0 THEN 'an empty page' END AS skip,
    CASE WHEN entries IS NULL THEN 'a page without a list of entries' END AS refusal
FROM page
WHERE entries IS NULL OR len(entries) = 0

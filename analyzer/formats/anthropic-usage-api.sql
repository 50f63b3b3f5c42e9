-- name:      anthropic-usage-api
-- title:     Anthropic Admin API, pages or buckets of the usage report, old and new (of the cost report: known)
-- source:    https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report
--            https://platform.claude.com/docs/en/manage-claude/usage-cost-analytics-api
-- container: json
-- grain:     split
-- evidence:  data[].results | data[].group | results | group
-- evidence:  data[].starting_at | starting_at
-- evidence:  data[].starting_at | starting_at | has_more = *-*-* | True | False
-- time:      starting_at
-- model:     model (ask with group_by[]=model)
-- columns:   data JSON, starting_at VARCHAR, ending_at VARCHAR, results JSON, group JSON, usage JSON, cost JSON
--
-- A record is a result: a bucket of time of one model, key, workspace, whatever was asked for. The counts of input exclude
-- each other. Calls are not counted in the report; asked by `context_window` it tells apart those of large inputs, which some
-- lists price otherwise. The newer report (`analytics/usage`) has no buckets: its rows have a time, a `group` and a `usage`,
-- which counts calls.
WITH bucket AS (
    SELECT
        source_id, record,
        unnest(CASE WHEN starting_at IS NULL THEN from_json(data, '["JSON"]')
                    ELSE [to_json({'starting_at': starting_at, 'ending_at': ending_at, 'results': results, 'group': "group",
                                    'usage': usage, 'cost': cost})] END) AS bucket
    FROM records
), result AS (
    SELECT
        source_id, record, bucket ->> '$.starting_at' AS from_text, bucket ->> '$.ending_at' AS to_text,
        CASE WHEN json_type(bucket, '$.group') = 'OBJECT' THEN md5(CAST(json(bucket -> '$.group') AS VARCHAR)) END AS row_group,
        unnest(CASE WHEN json_type(bucket, '$.group') = 'OBJECT' AND coalesce(json_type(bucket, '$.usage'), json_type(bucket, '$.cost')) = 'OBJECT'
                    THEN [json_merge_patch(bucket -> '$.group', coalesce(nullif(bucket -> '$.usage', 'null'), '{}'),
                                           coalesce(nullif(bucket -> '$.cost', 'null'), '{}'))]
                    WHEN json_array_length(bucket -> '$.results') > 0 THEN from_json(bucket -> '$.results', '["JSON"]')
                    ELSE [NULL] END) AS r,
        json_type(bucket -> '$.results') AS listed
    FROM bucket
), told AS (
    SELECT *,
        r ->> '$.api_key_id' AS key,
        r ->> '$.cache_creation.ephemeral_5m_input_tokens' AS write_5m,
        r ->> '$.cache_creation.ephemeral_1h_input_tokens' AS write_1h
    FROM result
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN r IS NULL AND listed = 'ARRAY' THEN 'an empty bucket'
         WHEN json_exists(r, '$.amount') THEN 'billed money of calls that the usage report counts' END AS skip,
    CASE WHEN coalesce(json_type(r), 'NULL') <> 'OBJECT' THEN 'no result of a usage report'
         WHEN miscounted(write_5m) OR miscounted(write_1h)
             THEN 'a count of written tokens is no whole number from 0 to 2^53 - 1' END AS refusal,
    CASE WHEN row_group IS NOT NULL
         THEN concat_ws(':', 'anthropic-analytics', CAST(instant(from_text) AS VARCHAR), CAST(instant(to_text) AS VARCHAR), row_group)
         ELSE concat_ws(':', 'anthropic-usage-api', CAST(instant(from_text) AS VARCHAR), CAST(instant(to_text) AS VARCHAR),
              r ->> '$.workspace_id', CASE WHEN masked(named(key)) <> key THEN md5(key) ELSE key END,
              r ->> '$.account_id', r ->> '$.service_account_id', r ->> '$.model', r ->> '$.service_tier',
              r ->> '$.context_window', r ->> '$.inference_geo', r ->> '$.speed') END AS request_id,
    CASE WHEN miscounted(r ->> '$.requests') THEN 0 ELSE coalesce(whole(r ->> '$.requests'), 0) END AS calls,
    from_text AS started_at,
    to_text AS bucket_end,
    r ->> '$.model' AS model,
    'anthropic' AS provider,
    key AS api_key_name,
    r ->> '$.workspace_id' AS team,
    r ->> '$.account_id' AS user_name,
    r ->> '$.uncached_input_tokens' AS input_tokens,
    r ->> '$.cache_read_input_tokens' AS cache_read_tokens,
    CASE WHEN NOT miscounted(write_5m) AND NOT miscounted(write_1h) AND coalesce(write_5m, write_1h) IS NOT NULL
         THEN CAST(coalesce(whole(write_5m), 0) + coalesce(whole(write_1h), 0) AS VARCHAR) END AS cache_write_tokens,
    write_1h AS cache_write_1h_tokens,
    least_input(r ->> '$.context_window') AS input_from,
    r ->> '$.output_tokens' AS output_tokens,
    true AS cache_beside,
    placed_tier(coalesce(CASE WHEN (r ->> '$.speed') = 'fast' THEN 'fast' END, r ->> '$.service_tier'), r ->> '$.inference_geo') AS service_tier,
    r ->> '$.server_tool_use.web_search_requests' AS searches
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

-- name:      kong-ai-gateway
-- title:     Kong AI Gateway: http-log, file-log and other log plugins
-- source:    https://developer.konghq.com/ai-gateway/ai-audit-log-reference/
-- container: json
-- grain:     split
-- evidence:  ai | latencies.kong | latencies.proxy
-- evidence:  ai.proxy | ai.ai-proxy | ai.ai-proxy-advanced | ai.ai-request-transformer | ai.ai-response-transformer |
--            ai.payload | request.id | request.uri
-- time:      started_at
-- model:     ai.*.meta.response_model | ai.*.meta.request_model
-- let:       USAGE = STRUCT(prompt_tokens COUNT, completion_tokens COUNT, prompt_token COUNT, completion_token COUNT,
--                           total_tokens COUNT, prompt_tokens_details STRUCT(cached_tokens COUNT),
--                           completion_tokens_details STRUCT(reasoning_tokens COUNT), cost VARCHAR)
-- let:       META = STRUCT(request_model VARCHAR, response_model VARCHAR, provider_name VARCHAR, operation_name VARCHAR)
-- columns:   started_at VARCHAR, request STRUCT(id VARCHAR, uri VARCHAR), response STRUCT(status VARCHAR),
--            latencies STRUCT(request VARCHAR), route STRUCT(name VARCHAR), workspace_name VARCHAR,
--            consumer STRUCT(username VARCHAR, custom_id VARCHAR),
--            ai MAP(VARCHAR, STRUCT(usage USAGE, meta META, cache STRUCT(cache_status VARCHAR),
--                                   tried_targets STRUCT(provider VARCHAR, model VARCHAR)[]))
--
-- One line is one request to the gateway, and most may call no model. Each AI plugin that called a model (the proxy, a
-- transformer, a guard) has its own usage in it, and becomes a row of its own. Targets that were tried in vain are not
-- billed: the last one answered. A hit in Kong's cache repeats the usage of the answer that it gives again. Cached and
-- reasoning tokens are inside; more cache than input is beside it, and beside the total. 0 and 0 is a call whose usage is
-- not known, such as a failure.
WITH plugin AS (
    SELECT source_id, record, unnest(map_entries(ai)) AS one
    FROM records
), called AS (
    SELECT source_id, record, one.key AS plugin, one.key NOT IN ('proxy', 'ai-proxy', 'ai-proxy-advanced') AS aside,
        one.value.usage AS u, one.value.meta AS m, one.value.tried_targets[-1] AS target,
        lower(one.value.cache.cache_status) = 'hit' AS hit,
        -- 3.7 and older say prompt_token.
        coalesce(one.value.usage.prompt_tokens, one.value.usage.prompt_token) AS input_count,
        coalesce(one.value.usage.completion_tokens, one.value.usage.completion_token) AS output_count,
        usage_told(input_count, output_count) AS measured,
        coalesce(measure(one.value.usage.prompt_tokens_details.cached_tokens) > measure(input_count), false) AS beside
    FROM plugin
    WHERE coalesce(one.value.meta.response_model, one.value.meta.request_model, one.value.tried_targets[-1].model,
                   one.value.tried_targets[-1].provider) IS NOT NULL
       OR one.value.usage.total_tokens IS NOT NULL
), live AS (
    SELECT *, row_number() OVER (PARTITION BY source_id, record ORDER BY aside, plugin) AS place
    FROM called
    WHERE hit IS NOT TRUE
), counted AS (
    SELECT source_id, record, true AS was_hit FROM called GROUP BY ALL HAVING bool_and(hit IS TRUE)
)
SELECT
    records.source_id,
    records.record,
    CASE WHEN coalesce(place, 1) = 1 THEN 1 ELSE 0 END AS records,
    'kong:' || request.id || CASE WHEN aside THEN ':' || plugin ELSE '' END AS request_id,
    CASE WHEN was_hit THEN 'answered from the gateway''s own cache, no provider call'
         WHEN plugin IS NULL THEN 'a request that called no model' END AS skip,
    records.started_at,
    latencies.request AS latency_ms,
    coalesce(route.name, request.uri) AS endpoint,
    coalesce(m.response_model, m.request_model, target.model) AS model,
    lower(coalesce(m.provider_name, target.provider)) AS provider,
    m.operation_name AS operation,
    coalesce(consumer.username, consumer.custom_id) AS api_key_name,
    workspace_name AS team,
    response.status AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN u.prompt_tokens_details.cached_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN u.completion_tokens_details.reasoning_tokens END AS reasoning_tokens,
    CASE WHEN measured AND NOT beside THEN u.total_tokens END AS total_tokens,
    beside AS cache_beside,
    CASE WHEN money(u.cost) <> 0 THEN u.cost END AS stated_cost  -- 0 unless prices are configured, whose currency nobody tells
FROM records
LEFT JOIN live ON live.source_id = records.source_id AND live.record = records.record
LEFT JOIN counted ON counted.source_id = records.source_id AND counted.record = records.record

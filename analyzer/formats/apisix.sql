-- name:      apisix
-- title:     Apache APISIX: logs of its log plugins, with ai-proxy
-- source:    https://apisix.apache.org/docs/apisix/plugins/ai-proxy/
--            https://github.com/apache/apisix
-- container: json
-- evidence:  llm_summary | llm_model | request_llm_model | llm_prompt_tokens
-- evidence:  start_time | @timestamp | timestamp | time_iso8601 | time_local | time
-- evidence:  route_id | service_id | upstream | upstream_addr | apisix_request_id | request_type
-- time:      start_time | @timestamp | timestamp | time_iso8601 | time_local | time
-- model:     llm_summary.model | llm_summary.request_model | llm_model | request_llm_model
-- columns:   start_time VARCHAR, @timestamp VARCHAR, timestamp VARCHAR, time_iso8601 VARCHAR, time_local VARCHAR, time VARCHAR,
--            latency VARCHAR, request_time VARCHAR, route_id VARCHAR, uri VARCHAR, request_uri VARCHAR, status VARCHAR,
--            apisix_request_id VARCHAR, request_id VARCHAR, consumer_name VARCHAR, consumer STRUCT(username VARCHAR),
--            request STRUCT(uri VARCHAR), response STRUCT(status VARCHAR, headers STRUCT("x-request-id" VARCHAR)),
--            llm_summary STRUCT(request_model VARCHAR, model VARCHAR, prompt_tokens VARCHAR, completion_tokens VARCHAR,
--                               total_tokens VARCHAR, cache_read_input_tokens VARCHAR, cache_creation_input_tokens VARCHAR,
--                               reasoning_tokens VARCHAR, end_user_id VARCHAR, stream VARCHAR),
--            llm_model VARCHAR, request_llm_model VARCHAR, llm_prompt_tokens VARCHAR, llm_completion_tokens VARCHAR,
--            llm_total_tokens VARCHAR, llm_cache_read_input_tokens VARCHAR, llm_cache_creation_input_tokens VARCHAR,
--            llm_reasoning_tokens VARCHAR, llm_end_user_id VARCHAR, llm_stream VARCHAR
--
-- Where ai-proxy logs summaries, any of the log plugins adds llm_summary to its entry; a log format of the operator's own may
-- name the same variables. Lines without a model are other traffic. Instances that failed before another one answered leave no
-- trace. Cached and reasoning tokens are inside; those of Anthropic's protocol (/v1/messages) stand beside the prompt, and
-- beside the total; but a stream's are counted as its provider counts them, for whom the gateway may have translated. 0 and 0
-- is a call whose usage is not known, such as a failure.
WITH line AS (
    SELECT *,
        coalesce(nullif(llm_summary.model, ''), nullif(llm_summary.request_model, ''), nullif(llm_model, ''),
                 nullif(request_llm_model, '')) AS model,
        coalesce(request.uri, uri, request_uri) AS asked,
        coalesce(llm_summary.prompt_tokens, llm_prompt_tokens) AS input_count,
        coalesce(llm_summary.completion_tokens, llm_completion_tokens) AS output_count,
        coalesce(llm_summary.cache_read_input_tokens, llm_cache_read_input_tokens) AS read_count,
        coalesce(llm_summary.cache_creation_input_tokens, llm_cache_creation_input_tokens) AS write_count
    FROM records
), counted AS (
    SELECT *,
        usage_told(input_count, output_count) AS measured,
        coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) AS cached
    FROM line
), judged AS (
    SELECT *,
        cached > 0 AND (coalesce(regexp_matches(asked, '/v1/messages([?]|$)')
                                 AND (contains(lower(model), 'claude') OR coalesce(llm_summary.stream, llm_stream, '') <> 'true'), false)
                        OR coalesce(cached > measure(input_count), false)) AS beside
    FROM counted
)
SELECT
    source_id,
    coalesce(nullif(apisix_request_id, ''), nullif(request_id, ''), response.headers."x-request-id") AS request_id,
    CASE WHEN named(model) IS NULL AND NOT measured THEN 'a request that called no model' END AS skip,
    coalesce(start_time, "@timestamp", "timestamp", time_iso8601,
             CAST(try_strptime(time_local, '%d/%b/%Y:%H:%M:%S %z') AS VARCHAR), time_local, "time") AS started_at,
    latency AS latency_ms,
    request_time AS latency_s,
    coalesce(nullif(asked, ''), route_id) AS endpoint,
    model,
    coalesce(consumer.username, nullif(consumer_name, '')) AS api_key_name,
    coalesce(nullif(llm_summary.end_user_id, ''), nullif(llm_end_user_id, '')) AS user_name,
    coalesce(response.status, status) AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN coalesce(llm_summary.reasoning_tokens, llm_reasoning_tokens) END AS reasoning_tokens,
    CASE WHEN measured AND NOT beside THEN coalesce(llm_summary.total_tokens, llm_total_tokens) END AS total_tokens,
    beside AS cache_beside
FROM judged

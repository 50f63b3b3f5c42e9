-- name:      envoy-ai-gateway
-- title:     Envoy AI Gateway: access log as JSON lines
-- source:    https://aigateway.envoyproxy.io/docs/capabilities/observability/accesslogs/
-- container: json
-- evidence:  start_time
-- evidence:  response_code
-- evidence:  route_name | upstream_cluster | upstream_host | x-envoy-origin-path
-- evidence:  x-request-id | x-envoy-upstream-service-time | response_flags
-- time:      start_time
-- model:     gen_ai.response.model | gen_ai.request.model_override | gen_ai.request.model
-- columns:   start_time VARCHAR, duration VARCHAR, response_code VARCHAR, route_name VARCHAR, path VARCHAR,
--            x-request-id VARCHAR, x-envoy-origin-path VARCHAR, session.id VARCHAR,
--            gen_ai.provider.name VARCHAR, gen_ai.operation.name VARCHAR,
--            gen_ai.request.model VARCHAR, gen_ai.request.model_override VARCHAR, gen_ai.response.model VARCHAR,
--            gen_ai.usage.input_tokens VARCHAR, gen_ai.usage.output_tokens VARCHAR, gen_ai.usage.total_tokens VARCHAR,
--            gen_ai.usage.cached_input_tokens VARCHAR, gen_ai.usage.cache_read.input_tokens VARCHAR,
--            gen_ai.usage.cache_creation.input_tokens VARCHAR, gen_ai.usage.reasoning_tokens VARCHAR,
--            gen_ai.usage.reasoning.output_tokens VARCHAR,
--            llm_input_token VARCHAR, llm_output_token VARCHAR, llm_total_token VARCHAR, llm_cached_input_token VARCHAR,
--            llm_cache_creation_input_token VARCHAR, llm_reasoning_token VARCHAR
--
-- The keys of an access log are the operator's own: these are the ones of the documentation, and the names under which
-- the gateway keeps its counts. Envoy writes `-` for what it does not know. Cached tokens are inside the input; more of
-- them than the input are beside it, and beside the total. 0 and 0 is a call whose usage is not known, such as a failure.
-- Lines that name no model are other traffic: MCP, lists of models, health checks.
WITH line AS (
    SELECT *,
        coalesce(nullif("gen_ai.response.model", '-'), nullif("gen_ai.request.model_override", '-'),
                 nullif("gen_ai.request.model", '-')) AS model,
        -- namespace/backend/route/...: the backend is often called as its provider is.
        lower(CASE WHEN contains("gen_ai.provider.name", '/') THEN split_part("gen_ai.provider.name", '/', 2)
              ELSE "gen_ai.provider.name" END) AS backend,
        coalesce(nullif("gen_ai.usage.input_tokens", '-'), nullif(llm_input_token, '-')) AS input_count,
        coalesce(nullif("gen_ai.usage.cached_input_tokens", '-'), nullif("gen_ai.usage.cache_read.input_tokens", '-'),
                 nullif(llm_cached_input_token, '-')) AS read_count,
        coalesce(nullif("gen_ai.usage.cache_creation.input_tokens", '-'), nullif(llm_cache_creation_input_token, '-')) AS write_count,
        coalesce(nullif("gen_ai.usage.output_tokens", '-'), nullif(llm_output_token, '-')) AS output_count
    FROM records
)
SELECT
    source_id,
    nullif("x-request-id", '-') AS request_id,
    CASE WHEN named(model) IS NULL AND coalesce(measure("gen_ai.usage.input_tokens"), measure(llm_input_token)) IS NULL
         THEN 'a request that called no model' END AS skip,
    start_time AS started_at,
    duration AS latency_ms,
    coalesce(nullif("x-envoy-origin-path", '-'), nullif(path, '-'), nullif(route_name, '-')) AS endpoint,
    model,
    CASE WHEN backend IN ('openai', 'azure', 'anthropic', 'google', 'vertex', 'bedrock', 'deepseek', 'openrouter', 'groq',
                         'mistral', 'xai', 'cohere')
         THEN backend END AS provider,
    nullif("gen_ai.operation.name", '-') AS operation,
    nullif("session.id", '-') AS session_id,
    nullif(response_code, '-') AS status,
    CASE WHEN measured THEN input_count END AS input_tokens,
    CASE WHEN measured THEN read_count END AS cache_read_tokens,
    CASE WHEN measured THEN write_count END AS cache_write_tokens,
    CASE WHEN measured THEN output_count END AS output_tokens,
    CASE WHEN measured THEN coalesce(nullif("gen_ai.usage.reasoning_tokens", '-'), nullif("gen_ai.usage.reasoning.output_tokens", '-'),
                                     nullif(llm_reasoning_token, '-')) END AS reasoning_tokens,
    CASE WHEN measured AND NOT beside THEN coalesce(nullif("gen_ai.usage.total_tokens", '-'), nullif(llm_total_token, '-')) END AS total_tokens,
    beside AS cache_beside
FROM (
    SELECT *,
        usage_told(input_count, output_count) AS measured,
        coalesce(coalesce(measure(read_count), 0) + coalesce(measure(write_count), 0) > measure(input_count), false) AS beside
    FROM line
)

-- name:      openai-responses
-- title:     OpenAI Responses: replies and polls (OpenAI, Azure, DeepSeek, xAI)
-- source:    https://platform.openai.com/docs/api-reference/responses/object
-- container: json
-- evidence:  object = response
-- evidence:  created_at
-- evidence:  model
-- time:      created_at
-- model:     model
-- columns:   id VARCHAR, object VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR, status VARCHAR,
--            previous_response_id VARCHAR, conversation STRUCT(id VARCHAR), safety_identifier VARCHAR, user VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, feature VARCHAR, session_id VARCHAR,
--            api_key_name VARCHAR, team VARCHAR, service_tier VARCHAR,
--            output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--            usage STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                         input_tokens_details STRUCT(cached_tokens COUNT, cache_write_tokens COUNT),
--                         output_tokens_details STRUCT(reasoning_tokens COUNT), cost_in_usd_ticks VARCHAR)
--
-- Cached, written and reasoning tokens are inside. The same id comes again with every poll: the record with usage tells
-- of the request, the others are duplicates. A response that is still queued is a request without usage. A tick of xAI
-- is 1e-10 USD. Of the calls of OpenAI's web search those that search are billed, not those that open or scan a page.
SELECT
    source_id,
    id AS request_id,
    created_at AS started_at,
    completed_at,
    coalesce(endpoint, route, path, feature, '/v1/responses') AS endpoint,
    model,
    CASE WHEN usage.cost_in_usd_ticks IS NOT NULL THEN 'xai' END AS provider,
    'responses' AS operation,
    coalesce(session_id, conversation.id) AS session_id,
    api_key_name,
    team,
    coalesce(user, safety_identifier) AS user_name,
    status,
    usage.input_tokens AS input_tokens,
    usage.input_tokens_details.cached_tokens AS cache_read_tokens,
    usage.input_tokens_details.cache_write_tokens AS cache_write_tokens,
    usage.output_tokens AS output_tokens,
    usage.output_tokens_details.reasoning_tokens AS reasoning_tokens,
    usage.total_tokens AS total_tokens,
    len(list_filter(output, lambda item: item.type LIKE '%_call')) AS tool_calls,
    CASE WHEN regexp_full_match(usage.cost_in_usd_ticks, '\d{1,18}')
         THEN CAST(usage.cost_in_usd_ticks AS BIGINT) * CAST('0.0000000001' AS DECIMAL(11, 10)) END AS stated_cost,
    CASE WHEN usage.cost_in_usd_ticks IS NOT NULL THEN 'USD' END AS stated_currency,
    service_tier,
    len(list_filter(output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) AS searches,
    len(list_filter(output, lambda item: item.type = 'file_search_call')) AS file_searches
FROM records

-- name:      openai-responses
-- title:     OpenAI Responses: replies and polls (OpenAI, Azure, DeepSeek, xAI)
-- source:    https://platform.openai.com/docs/api-reference/responses/object
-- container: json
-- grain:     split
-- evidence:  object = response
-- evidence:  created_at
-- evidence:  model
-- time:      created_at
-- model:     model
-- let:       KINDS = STRUCT(image_tokens COUNT)
-- columns:   id VARCHAR, object VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR, status VARCHAR,
--            previous_response_id VARCHAR, conversation STRUCT(id VARCHAR), safety_identifier VARCHAR, user VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, feature VARCHAR, session_id VARCHAR,
--            api_key_name VARCHAR, team VARCHAR, service_tier VARCHAR,
--            output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--            usage STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                         input_tokens_details STRUCT(cached_tokens COUNT, cache_write_tokens COUNT),
--                         output_tokens_details STRUCT(reasoning_tokens COUNT), cost_in_usd_ticks VARCHAR),
--            tools STRUCT(type VARCHAR, model VARCHAR)[],
--            tool_usage STRUCT(image_gen STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                                               input_tokens_details KINDS, output_tokens_details KINDS))
--
-- Cached, written and reasoning tokens are inside. The same id comes again with every poll: the record with usage tells
-- of the request, the others are duplicates. A response that is still queued is a request without usage. A tick of xAI
-- is 1e-10 USD. Of the calls of OpenAI's web search those that search are billed, not those that open or scan a page.
-- What its tool drew is in no count of `usage`: the tokens of another model, and a row of their own.
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    id || CASE WHEN place = 0 THEN '' ELSE ':image_gen' END AS request_id,
    created_at AS started_at,
    completed_at,
    coalesce(endpoint, route, path, feature, '/v1/responses') AS endpoint,
    CASE WHEN place = 0 THEN model
         ELSE coalesce(list_filter(tools, lambda tool: tool.type = 'image_generation')[1].model, 'image-generation') END AS model,
    CASE WHEN usage.cost_in_usd_ticks IS NOT NULL THEN 'xai' END AS provider,
    CASE WHEN place = 0 THEN 'responses' ELSE 'images' END AS operation,
    coalesce(session_id, conversation.id) AS session_id,
    api_key_name,
    team,
    coalesce(user, safety_identifier) AS user_name,
    status,
    CASE WHEN place = 0 THEN usage.input_tokens ELSE drawn.input_tokens END AS input_tokens,
    CASE WHEN place = 0 THEN usage.input_tokens_details.cached_tokens END AS cache_read_tokens,
    CASE WHEN place = 0 THEN usage.input_tokens_details.cache_write_tokens END AS cache_write_tokens,
    CASE WHEN place = 0 THEN usage.output_tokens ELSE drawn.output_tokens END AS output_tokens,
    CASE WHEN place = 0 THEN usage.output_tokens_details.reasoning_tokens END AS reasoning_tokens,
    CASE WHEN place = 0 THEN usage.total_tokens ELSE drawn.total_tokens END AS total_tokens,
    CASE WHEN place = 0 THEN len(list_filter(output, lambda item: item.type LIKE '%_call')) END AS tool_calls,
    CASE WHEN place = 0 AND regexp_full_match(usage.cost_in_usd_ticks, '\d{1,18}')
         THEN CAST(usage.cost_in_usd_ticks AS BIGINT) * CAST('0.0000000001' AS DECIMAL(11, 10)) END AS stated_cost,
    CASE WHEN place = 0 AND usage.cost_in_usd_ticks IS NOT NULL THEN 'USD' END AS stated_currency,
    -- Images are priced by no tier of the model that asked for them.
    CASE WHEN place = 0 THEN service_tier END AS service_tier,
    CASE WHEN place = 1 THEN drawn.input_tokens_details.image_tokens END AS input_image_tokens,
    CASE WHEN place = 1 THEN coalesce(drawn.output_tokens_details.image_tokens, drawn.output_tokens) END AS output_image_tokens,
    CASE WHEN place = 0 THEN len(list_filter(output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) END AS searches,
    CASE WHEN place = 0 THEN len(list_filter(output, lambda item: item.type = 'file_search_call')) END AS file_searches
FROM (
    SELECT *,
        tool_usage.image_gen AS drawn,
        unnest(CASE WHEN measure(tool_usage.image_gen.input_tokens) > 0 OR measure(tool_usage.image_gen.output_tokens) > 0
                    THEN [0, 1] ELSE [0] END) AS place
    FROM records
)

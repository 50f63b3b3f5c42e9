-- name:      openai-responses-events
-- title:     OpenAI Responses as stream events, one event a line
-- source:    https://platform.openai.com/docs/api-reference/responses-streaming
-- container: json
-- grain:     split
-- evidence:  type = response.*
-- evidence:  sequence_number
-- evidence:  response.id | item_id | output_index
-- time:      response.created_at
-- model:     response.model
-- let:       KINDS = STRUCT(image_tokens COUNT)
-- columns:   type VARCHAR, sequence_number VARCHAR,
--            response STRUCT(id VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR, status VARCHAR,
--                            conversation STRUCT(id VARCHAR), safety_identifier VARCHAR, user VARCHAR, service_tier VARCHAR,
--                            output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--                            usage STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                                         input_tokens_details STRUCT(cached_tokens COUNT, cache_write_tokens COUNT),
--                                         output_tokens_details STRUCT(reasoning_tokens COUNT), cost_in_usd_ticks VARCHAR),
--                            tools STRUCT(type VARCHAR, model VARCHAR)[],
--                            tool_usage STRUCT(image_gen STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                                                               input_tokens_details KINDS, output_tokens_details KINDS)))
--
-- Only created, in_progress and completed events carry the response; the deltas between them are pieces of it.
-- What its tool drew is a row of its own, as in `openai-responses`.
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    response.id || CASE WHEN place = 0 THEN '' ELSE ':image_gen' END AS request_id,
    CASE WHEN response.id IS NULL AND type LIKE 'response.%' THEN 'a piece of a stream, no answer of its own'
         WHEN response.id IS NULL AND type IN ('error', 'keepalive') THEN 'a stream event without an answer' END AS skip,
    response.created_at AS started_at,
    response.completed_at AS completed_at,
    '/v1/responses' AS endpoint,
    CASE WHEN place = 0 THEN response.model
         ELSE coalesce(list_filter(response.tools, lambda tool: tool.type = 'image_generation')[1].model, 'image-generation') END AS model,
    CASE WHEN response.usage.cost_in_usd_ticks IS NOT NULL THEN 'xai' END AS provider,
    CASE WHEN place = 0 THEN 'responses' ELSE 'images' END AS operation,
    response.conversation.id AS session_id,
    coalesce(response.user, response.safety_identifier) AS user_name,
    response.status AS status,
    CASE WHEN place = 0 THEN response.usage.input_tokens ELSE drawn.input_tokens END AS input_tokens,
    CASE WHEN place = 0 THEN response.usage.input_tokens_details.cached_tokens END AS cache_read_tokens,
    CASE WHEN place = 0 THEN response.usage.input_tokens_details.cache_write_tokens END AS cache_write_tokens,
    CASE WHEN place = 0 THEN response.usage.output_tokens ELSE drawn.output_tokens END AS output_tokens,
    CASE WHEN place = 0 THEN response.usage.output_tokens_details.reasoning_tokens END AS reasoning_tokens,
    CASE WHEN place = 0 THEN response.usage.total_tokens ELSE drawn.total_tokens END AS total_tokens,
    CASE WHEN place = 0 THEN len(list_filter(response.output, lambda item: item.type LIKE '%_call')) END AS tool_calls,
    CASE WHEN place = 0 AND regexp_full_match(response.usage.cost_in_usd_ticks, '\d{1,18}')
         THEN CAST(response.usage.cost_in_usd_ticks AS BIGINT) * CAST('0.0000000001' AS DECIMAL(11, 10)) END AS stated_cost,
    CASE WHEN place = 0 AND response.usage.cost_in_usd_ticks IS NOT NULL THEN 'USD' END AS stated_currency,
    -- Images are priced by no tier of the model that asked for them.
    CASE WHEN place = 0 THEN response.service_tier END AS service_tier,
    CASE WHEN place = 1 THEN drawn.input_tokens_details.image_tokens END AS input_image_tokens,
    CASE WHEN place = 1 THEN coalesce(drawn.output_tokens_details.image_tokens, drawn.output_tokens) END AS output_image_tokens,
    CASE WHEN place = 0 THEN len(list_filter(response.output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) END AS searches,
    CASE WHEN place = 0 THEN len(list_filter(response.output, lambda item: item.type = 'file_search_call')) END AS file_searches
FROM (
    SELECT *,
        response.tool_usage.image_gen AS drawn,
        unnest(CASE WHEN measure(response.tool_usage.image_gen.input_tokens) > 0 OR measure(response.tool_usage.image_gen.output_tokens) > 0
                    THEN [0, 1] ELSE [0] END) AS place
    FROM records
)

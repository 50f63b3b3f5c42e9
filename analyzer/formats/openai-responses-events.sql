-- name:      openai-responses-events
-- title:     OpenAI Responses as stream events, one event a line
-- source:    https://platform.openai.com/docs/api-reference/responses-streaming
-- container: json
-- evidence:  type = response.*
-- evidence:  sequence_number
-- evidence:  response.id | item_id | output_index
-- time:      response.created_at
-- model:     response.model
-- columns:   type VARCHAR, sequence_number VARCHAR,
--            response STRUCT(id VARCHAR, created_at VARCHAR, completed_at VARCHAR, model VARCHAR, status VARCHAR,
--                            conversation STRUCT(id VARCHAR), safety_identifier VARCHAR, user VARCHAR, service_tier VARCHAR,
--                            output STRUCT(type VARCHAR, action STRUCT(type VARCHAR))[],
--                            usage STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                                         input_tokens_details STRUCT(cached_tokens COUNT, cache_write_tokens COUNT),
--                                         output_tokens_details STRUCT(reasoning_tokens COUNT), cost_in_usd_ticks VARCHAR))
--
-- Only created, in_progress and completed events carry the response; the deltas between them are pieces of it.
SELECT
    source_id,
    response.id AS request_id,
    CASE WHEN response.id IS NULL AND type LIKE 'response.%' THEN 'a piece of a stream, no answer of its own'
         WHEN response.id IS NULL AND type IN ('error', 'keepalive') THEN 'a stream event without an answer' END AS skip,
    response.created_at AS started_at,
    response.completed_at AS completed_at,
    '/v1/responses' AS endpoint,
    response.model AS model,
    CASE WHEN response.usage.cost_in_usd_ticks IS NOT NULL THEN 'xai' END AS provider,
    'responses' AS operation,
    response.conversation.id AS session_id,
    coalesce(response.user, response.safety_identifier) AS user_name,
    response.status AS status,
    response.usage.input_tokens AS input_tokens,
    response.usage.input_tokens_details.cached_tokens AS cache_read_tokens,
    response.usage.input_tokens_details.cache_write_tokens AS cache_write_tokens,
    response.usage.output_tokens AS output_tokens,
    response.usage.output_tokens_details.reasoning_tokens AS reasoning_tokens,
    response.usage.total_tokens AS total_tokens,
    len(list_filter(response.output, lambda item: item.type LIKE '%_call')) AS tool_calls,
    CASE WHEN regexp_full_match(response.usage.cost_in_usd_ticks, '\d{1,18}')
         THEN CAST(response.usage.cost_in_usd_ticks AS BIGINT) * CAST('0.0000000001' AS DECIMAL(11, 10)) END AS stated_cost,
    CASE WHEN response.usage.cost_in_usd_ticks IS NOT NULL THEN 'USD' END AS stated_currency,
    response.service_tier AS service_tier,
    len(list_filter(response.output,
        lambda item: item.type = 'web_search_call' AND coalesce(item.action.type, 'search') = 'search')) AS searches,
    len(list_filter(response.output, lambda item: item.type = 'file_search_call')) AS file_searches
FROM records

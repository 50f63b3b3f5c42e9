-- name:      cohere-chat-events
-- title:     Cohere's own API: chat (v2) as stream events, one event a line
-- source:    https://docs.cohere.com/v2/docs/streaming
-- container: json
-- needs:     a time and a model: `--set time=… --set model=…`
-- evidence:  type = message-start | message-end | content-* | tool-plan-delta | tool-call-* | citation-*
-- evidence:  id | index | delta
-- time:      created_at | timestamp | ts | time
-- model:     model
-- grain:     group
-- let:       UNITS = STRUCT(input_tokens COUNT, output_tokens COUNT)
-- columns:   type VARCHAR, id VARCHAR, index VARCHAR, created_at VARCHAR, timestamp VARCHAR, ts VARCHAR, time VARCHAR, model VARCHAR,
--            endpoint VARCHAR, route VARCHAR, session_id VARCHAR, api_key_name VARCHAR, team VARCHAR,
--            delta STRUCT(finish_reason VARCHAR, error VARCHAR,
--                         usage STRUCT(billed_units UNITS, tokens UNITS, cached_tokens COUNT))
--
-- Only message-start has the id and only message-end the usage: an end belongs to the start before it, and to no known
-- one where that has had its end. `billed_units` count, and `cached_tokens` less what is read for nothing: see `cohere-chat`.
WITH numbered AS (
    SELECT *,
        coalesce(type, '') IN ('message-start', 'message-end') AS told,
        count(CASE WHEN type = 'message-start' THEN 1 END) OVER (PARTITION BY source_id ORDER BY record) AS stream
    FROM records
), known AS (
    SELECT *,
        max(CASE WHEN type = 'message-start' THEN nullif(id, '') END) OVER (PARTITION BY source_id, stream) AS stream_id,
        count(CASE WHEN type = 'message-end' THEN 1 END) OVER (PARTITION BY source_id, stream ORDER BY record) AS ends
    FROM numbered
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN ends < 2 AND stream > 0 THEN stream_id END AS request_id,
    CASE WHEN type IS NOT NULL AND NOT told THEN 'a piece of a stream, no answer of its own' END AS skip,
    CASE WHEN type IS NULL THEN 'no event of a stream (looked for type)' END AS refusal,
    coalesce(created_at, timestamp, ts, time) AS started_at,
    coalesce(endpoint, route, '/chat') AS endpoint,
    model,
    'cohere' AS provider,
    'chat' AS operation,
    session_id,
    api_key_name,
    team,
    CASE WHEN delta.error IS NOT NULL THEN 'error' ELSE lower(delta.finish_reason) END AS status,
    coalesce(u.billed_units.input_tokens, u.tokens.input_tokens) AS input_tokens,
    CASE WHEN coalesce(free <= 0, true) OR miscounted(u.cached_tokens) OR whole(u.cached_tokens) = 0 THEN u.cached_tokens
         WHEN whole(u.cached_tokens) > free
         THEN CAST(whole(u.cached_tokens) - (whole(u.tokens.input_tokens) - whole(u.billed_units.input_tokens)) AS COUNT)
    END AS cache_read_tokens,
    coalesce(u.billed_units.output_tokens, u.tokens.output_tokens) AS output_tokens
FROM (SELECT *, CASE WHEN NOT (miscounted(u.tokens.input_tokens) OR miscounted(u.billed_units.input_tokens))
                     THEN whole(u.tokens.input_tokens) - whole(u.billed_units.input_tokens) END AS free
      FROM (SELECT *, delta.usage AS u FROM known))

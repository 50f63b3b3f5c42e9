-- name:      openai-images
-- title:     OpenAI Images: replies of generations and edits, and their stream events, bare or in a record of one's own
-- source:    https://platform.openai.com/docs/api-reference/images/object
--            https://platform.openai.com/docs/api-reference/images-streaming
-- container: json
-- needs:     a model: `--set model=…` where the logger added none
-- evidence:  created | created_at | response.created | response.created_at | body.created | result.created
-- evidence:  data[].b64_json | data[].url | b64_json | response.data[].b64_json | response.data[].url | response.b64_json |
--            body.data[].b64_json | body.data[].url | result.data[].b64_json | result.data[].url =
--            iVBORw0KGgo* | /9j/* | UklGR* | http*
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     model
-- let:       KINDS = STRUCT(image_tokens COUNT, cached_tokens COUNT)
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT, input_tokens_details KINDS,
--                           output_tokens_details KINDS)
-- let:       REPLY = STRUCT(type VARCHAR, created VARCHAR, created_at VARCHAR, model VARCHAR, error STRUCT(code VARCHAR, type VARCHAR),
--                           usage USAGE)
-- envelope:  common
-- columns:   type VARCHAR, usage USAGE, error STRUCT(code VARCHAR, type VARCHAR), response REPLY, body REPLY, result REPLY
--
-- It is known by what PNG, JPEG and WebP begin with, or an address. Output whose kinds are not told is all images. A reply
-- names neither its model nor an id: nothing tells two equal ones apart from one told twice, so both count. DALL-E's are
-- billed by the image and have no tokens: requests without usage.
SELECT
    source_id,
    -- A running number is no identity.
    CASE WHEN NOT regexp_full_match(coalesce(request_id, id), '\d{0,12}') THEN coalesce(request_id, id) END AS request_id,
    CASE WHEN r.type LIKE '%.partial_image' THEN 'a piece of a stream, no answer of its own'
         WHEN r.type NOT LIKE '%.completed' AND u IS NULL THEN 'a stream event without an answer' END AS skip,
    coalesce(from_text, r.created, r.created_at) AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    took_s AS latency_s,
    coalesce(endpoint_text, CASE WHEN r.type LIKE 'image_edit.%' THEN '/v1/images/edits'
                                 WHEN r.type LIKE 'image_generation.%' THEN '/v1/images/generations' ELSE '/v1/images' END) AS endpoint,
    coalesce(nullif(r.model, ''), model_text) AS model,
    provider,
    'images' AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    coalesce(r.error.code, r.error.type, status_text) AS status,
    u.input_tokens AS input_tokens,
    u.input_tokens_details.cached_tokens AS cache_read_tokens,
    u.output_tokens AS output_tokens,
    u.total_tokens AS total_tokens,
    u.input_tokens_details.image_tokens AS input_image_tokens,
    coalesce(u.output_tokens_details.image_tokens, u.output_tokens) AS output_image_tokens
FROM (
    SELECT *, r.usage AS u
    FROM (SELECT *, coalesce(response, body, result,
                             {'type': type, 'created': created, 'created_at': created_at, 'model': model, 'error': error, 'usage': usage}) AS r
          FROM records)
)

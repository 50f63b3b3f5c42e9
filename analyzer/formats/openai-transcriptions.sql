-- name:      openai-transcriptions
-- title:     OpenAI transcriptions: replies and stream events, bare or in a record of one's own
-- source:    https://platform.openai.com/docs/api-reference/audio/json-object
--            https://platform.openai.com/docs/api-reference/audio/transcript-text-done-event
-- container: json
-- needs:     a time and a model: `--set time=… --set model=…` where the logger added none
-- evidence:  usage.type | type | response.usage.type | response.type | body.usage.type | result.usage.type =
--            tokens | duration | transcript.text.*
-- evidence:  text | delta | response.text | response.delta | body.text | result.text
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     model
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                           input_token_details STRUCT(audio_tokens COUNT, cached_tokens COUNT))
-- let:       REPLY = STRUCT(type VARCHAR, model VARCHAR, usage USAGE)
-- envelope:  common
-- columns:   type VARCHAR, usage USAGE, response REPLY, body REPLY, result REPLY
--
-- Audio is a part of the input, at a price of its own. Whisper is billed by the second and tells of no tokens: a request
-- without usage. A reply names neither time, model nor id: nothing tells two equal ones apart from one told twice, so both
-- count. The `duration` of a reply is that of what was said, and none of the call.
SELECT
    source_id,
    -- A running number is no identity.
    CASE WHEN NOT regexp_full_match(coalesce(request_id, id), '\d{0,12}') THEN coalesce(request_id, id) END AS request_id,
    CASE WHEN r.type LIKE 'transcript.%' AND r.type <> 'transcript.text.done' THEN 'a piece of a stream, no answer of its own' END AS skip,
    from_text AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    CASE WHEN wrapped THEN took_s ELSE coalesce(latency, response_time) END AS latency_s,
    coalesce(endpoint, route, path, url, feature, operation, function, name, uri, '/v1/audio/transcriptions') AS endpoint,
    coalesce(nullif(r.model, ''), model_text) AS model,
    provider,
    'transcription' AS operation,
    session_text AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    status_text AS status,
    r.usage.input_tokens AS input_tokens,
    r.usage.input_token_details.cached_tokens AS cache_read_tokens,
    r.usage.output_tokens AS output_tokens,
    r.usage.total_tokens AS total_tokens,
    r.usage.input_token_details.audio_tokens AS input_audio_tokens
FROM (SELECT *,
          coalesce(response, body, result) IS NOT NULL AS wrapped,
          coalesce(response, body, result, {'type': type, 'model': model, 'usage': usage}) AS r
      FROM records)

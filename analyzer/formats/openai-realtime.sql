-- name:      openai-realtime
-- title:     OpenAI Realtime: the events of a session, bare or in a record of one's own, and its responses (OpenAI, Azure, …)
-- source:    https://platform.openai.com/docs/api-reference/realtime-server-events
-- container: json
-- grain:     group
-- needs:     a time: `--set time=…` where the logger added none; `--set model=…` where no session event tells it
-- evidence:  type | event.type | event_data.type | eventData.type | data.type | payload.type | object | response.object =
--            session.created | session.updated | session.update | transcription_session.* | conversation.created |
--            conversation.item.* | input_audio_buffer.* | output_audio_buffer.* | response.* | rate_limits.updated |
--            mcp_list_tools.* | realtime.response
-- evidence:  event_id | event.event_id | event_data.event_id | eventData.event_id | data.event_id | payload.event_id |
--            object | response.object = *_* | *-* | realtime.response
-- time:      ts | timestamp | time | created | created_at | start_time | startTime | started_at | date | datetime
-- model:     session.model | model
-- let:       KINDS = STRUCT(audio_tokens COUNT, image_tokens COUNT)
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, total_tokens COUNT,
--                           input_token_details STRUCT(cached_tokens COUNT, audio_tokens COUNT, image_tokens COUNT,
--                                                      cached_tokens_details KINDS),
--                           output_token_details KINDS)
-- let:       FAILURE = STRUCT(code VARCHAR, type VARCHAR)
-- let:       RESPONSE = STRUCT(id VARCHAR, object VARCHAR, status VARCHAR, conversation_id VARCHAR,
--                              status_details STRUCT(error FAILURE), output STRUCT(type VARCHAR)[], usage USAGE)
-- let:       HEARING = STRUCT(model VARCHAR)
-- let:       SESSION = STRUCT(id VARCHAR, model VARCHAR, input_audio_transcription HEARING,
--                             audio STRUCT(input STRUCT(transcription HEARING)))
-- let:       EVENT = STRUCT(type VARCHAR, item_id VARCHAR, content_index VARCHAR, session SESSION, response RESPONSE,
--                           usage USAGE, error FAILURE)
-- envelope:  common
-- columns:   type VARCHAR, item_id VARCHAR, content_index VARCHAR, session SESSION, response RESPONSE, usage USAGE, error FAILURE,
--            object VARCHAR, status_details STRUCT(error FAILURE), output STRUCT(type VARCHAR)[],
--            event EVENT, event_data EVENT, eventData EVENT, data EVENT, payload EVENT, event_type VARCHAR, eventType VARCHAR
--
-- Of all events two are calls: response.done of the session's model, and the transcription of what was said, by another
-- model that is paid beside it; those of whisper count seconds, not tokens. Cached, audio and image tokens are inside. Events
-- name neither time nor model: the session's models are those of its last session.created or session.updated before.
-- A transcription whose model is not told has a name of its own beside responses: theirs would be a wrong price.
WITH evented AS (
    SELECT *,
        coalesce(event, event_data, eventData, data, payload) AS inner_event,
        CASE WHEN type IS NULL AND inner_event IS NOT NULL THEN inner_event
             -- Bare responses, one a record, have no event around them.
             WHEN object = 'realtime.response' OR (type IS NULL AND response.object = 'realtime.response')
             THEN {'type': 'response.done', 'item_id': NULL, 'content_index': NULL, 'session': NULL,
                   'response': coalesce(response, {'id': id, 'object': object, 'status': status, 'conversation_id': conversation_id,
                                                   'status_details': status_details, 'output': output, 'usage': usage}),
                   'usage': NULL, 'error': NULL}
             ELSE {'type': type, 'item_id': item_id, 'content_index': content_index, 'session': session, 'response': response,
                   'usage': usage, 'error': error} END AS e
    FROM records
), told AS (
    SELECT *,
        e.type LIKE 'session.%d' OR e.type LIKE 'transcription_session.%d' AS sets,
        e.type IN ('response.done', 'response.created') AND (e.type = 'response.done' OR e.response.id <> '') AS answers,
        e.type IN ('conversation.item.input_audio_transcription.completed', 'conversation.item.input_audio_transcription.failed')
            AS transcribes
    FROM evented
), carried AS (
    SELECT *,
        coalesce(last_value(CASE WHEN sets THEN nullif(e.session.model, '') END IGNORE NULLS) OVER in_session,
                 last_value(CASE WHEN sets THEN nullif(e.session.model, '') END IGNORE NULLS) OVER in_log) AS session_model,
        coalesce(last_value(CASE WHEN sets THEN heard_by END IGNORE NULLS) OVER in_session,
                 last_value(CASE WHEN sets THEN heard_by END IGNORE NULLS) OVER in_log) AS hearing_model,
        last_value(CASE WHEN sets THEN e.session.id END IGNORE NULLS) OVER in_log AS sess_id,
        min(CASE WHEN sets THEN e.session.id END) OVER whole_log = max(CASE WHEN sets THEN e.session.id END) OVER whole_log AS one_session,
        bool_or(answers) OVER whole_log AS with_answers
    FROM (SELECT *, coalesce(e.session.audio.input.transcription.model, e.session.input_audio_transcription.model) AS heard_by FROM told)
    WINDOW in_session AS (PARTITION BY source_id, session_text ORDER BY record ROWS UNBOUNDED PRECEDING),
           in_log AS (PARTITION BY source_id ORDER BY record ROWS UNBOUNDED PRECEDING),
           whole_log AS (PARTITION BY source_id)
), counted AS (
    SELECT *,
        CASE WHEN answers THEN e.response.usage ELSE e.usage END AS u,
        -- Zeros of a failed response are no counts.
        NOT coalesce(e.response.status = 'failed', false) OR usage_told(e.response.usage.input_tokens, e.response.usage.output_tokens) AS measured
    FROM carried
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN answers OR transcribes THEN NULL
         WHEN sets THEN 'a session that begins or is set anew, no call'
         WHEN e.type = 'error' THEN 'an error notice, no call'
         WHEN regexp_matches(e.type, '^(session|transcription_session|conversation|(in|out)put_audio_buffer|response|rate_limits|mcp_list_tools)\.')
         THEN 'a piece of a session, no answer of its own'
         WHEN e.type IS NULL AND coalesce(event_type, eventType) IS NOT NULL THEN 'an entry of the logger''s own' END AS skip,
    CASE WHEN skip IS NULL AND NOT (answers OR transcribes) IS TRUE THEN 'no event of a session (looked for type)' END AS refusal,
    CASE WHEN answers THEN CASE WHEN NOT commonplace(e.response.id) THEN e.response.id END
         WHEN transcribes AND e.item_id <> '' THEN concat_ws(':', e.item_id, coalesce(e.content_index, '0'), 'transcription') END AS request_id,
    from_text AS started_at,
    to_text AS completed_at,
    took_ms AS latency_ms,
    coalesce(endpoint_text, '/v1/realtime') AS endpoint,
    CASE WHEN answers THEN coalesce(session_model, model_text)
         ELSE coalesce(hearing_model, CASE WHEN with_answers THEN 'input-audio-transcription' ELSE model_text END) END AS model,
    provider,
    CASE WHEN answers THEN 'realtime' ELSE 'transcription' END AS operation,
    -- One log can hold many sessions at a time: events do not name theirs.
    coalesce(session_text, CASE WHEN one_session THEN sess_id END, e.response.conversation_id, sess_id) AS session_id,
    key_text AS api_key_name,
    team_text AS team,
    user_text AS user_name,
    CASE WHEN answers THEN coalesce(e.response.status_details.error.code, e.response.status_details.error.type, e.response.status)
         WHEN e.type LIKE '%.failed' THEN coalesce(e.error.code, e.error.type, 'error') END AS status,
    CASE WHEN measured THEN u.input_tokens END AS input_tokens,
    CASE WHEN measured THEN u.input_token_details.cached_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN u.output_tokens END AS output_tokens,
    CASE WHEN measured THEN u.total_tokens END AS total_tokens,
    len(list_filter(e.response.output, lambda item: item.type LIKE '%_call')) AS tool_calls,
    CASE WHEN measured THEN u.input_token_details.audio_tokens END AS input_audio_tokens,
    CASE WHEN measured THEN u.input_token_details.cached_tokens_details.audio_tokens END AS cache_read_audio_tokens,
    CASE WHEN measured THEN u.output_token_details.audio_tokens END AS output_audio_tokens,
    CASE WHEN measured THEN u.input_token_details.image_tokens END AS input_image_tokens,
    CASE WHEN measured THEN u.input_token_details.cached_tokens_details.image_tokens END AS cache_read_image_tokens
FROM counted

-- columns:   ts VARCHAR, timestamp VARCHAR, time VARCHAR, created VARCHAR, created_at VARCHAR, start_time VARCHAR,
--            startTime VARCHAR, started_at VARCHAR, date VARCHAR, datetime VARCHAR, "@timestamp" VARCHAR, logged_at VARCHAR,
--            createdAt VARCHAR, startedAt VARCHAR, asctime VARCHAR,
--            end_time VARCHAR, endTime VARCHAR, completed_at VARCHAR, ended_at VARCHAR, completedAt VARCHAR, endedAt VARCHAR,
--            latency_ms VARCHAR, duration_ms VARCHAR, latencyMs VARCHAR, durationMs VARCHAR, elapsed_ms VARCHAR,
--            latency VARCHAR, duration VARCHAR, response_time VARCHAR, latency_s VARCHAR, duration_s VARCHAR, elapsed VARCHAR,
--            model VARCHAR, model_name VARCHAR, response_model VARCHAR, request_model VARCHAR, provider VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, url VARCHAR, uri VARCHAR, feature VARCHAR, operation VARCHAR,
--            function VARCHAR, task VARCHAR, name VARCHAR,
--            session_id VARCHAR, conversation_id VARCHAR, thread_id VARCHAR, trace_id VARCHAR, chat_id VARCHAR,
--            sessionId VARCHAR, conversationId VARCHAR, threadId VARCHAR,
--            api_key_name VARCHAR, api_key_alias VARCHAR, key_name VARCHAR, token_name VARCHAR, api_key VARCHAR,
--            team VARCHAR, team_id VARCHAR, project VARCHAR, project_id VARCHAR, department VARCHAR, cost_center VARCHAR,
--            user VARCHAR, user_id VARCHAR, end_user VARCHAR, userId VARCHAR, request_id VARCHAR, id VARCHAR,
--            status VARCHAR, status_code VARCHAR, http_status VARCHAR, statusCode VARCHAR
--
-- What a team's own record says of a call in common words, beside or around a provider's reply. A format whose head says
-- `envelope: common` gets these columns, and in `records` what they come to.
SELECT *,
    coalesce(ts, timestamp, time, created, created_at, start_time, startTime, started_at, date, datetime,
             "@timestamp", logged_at, createdAt, startedAt, asctime) AS from_text,
    coalesce(end_time, endTime, completed_at, ended_at, completedAt, endedAt) AS to_text,
    coalesce(latency_ms, duration_ms, latencyMs, durationMs, elapsed_ms) AS took_ms,
    coalesce(latency, duration, response_time, latency_s, duration_s, elapsed) AS took_s,
    coalesce(model, model_name, response_model, request_model) AS model_text,
    coalesce(endpoint, route, path, url, feature, operation, function, task, name, uri) AS endpoint_text,
    coalesce(session_id, conversation_id, thread_id, sessionId, conversationId, threadId, trace_id, chat_id) AS session_text,
    coalesce(api_key_name, api_key_alias, key_name, token_name, api_key) AS key_text,
    coalesce(team, team_id, project, project_id, department, cost_center) AS team_text,
    coalesce("user", user_id, end_user, userId) AS user_text,
    coalesce(nullif(status, ''), nullif(status_code, ''), http_status, statusCode) AS status_text
FROM ({records})

-- name:      aider
-- title:     aider's analytics log (`aider --analytics-log FILE`)
-- source:    https://aider.chat/docs/more/analytics.html
-- container: json
-- evidence:  event
-- evidence:  properties
-- evidence:  user_id
-- evidence:  time
-- time:      time
-- model:     properties.main_model
-- columns:   event VARCHAR, time VARCHAR, user_id VARCHAR,
--            properties STRUCT(main_model VARCHAR, edit_format VARCHAR, prompt_tokens COUNT, completion_tokens COUNT,
--                              total_tokens COUNT, cost VARCHAR, total_cost VARCHAR)
--
-- Of its events, `message_send` is a call that was answered; its time is the answer's. Nothing is said of the prompt cache,
-- and a cost of 0 is what stands there where aider knows no price. Models that aider does not know are REDACTED or None.
-- There is no id: the session's running cost tells two calls of one second apart.
SELECT
    source_id,
    CASE WHEN event IS DISTINCT FROM 'message_send' THEN 'an event, no call' END AS skip,
    concat_ws(':', 'aider', user_id, time, p.main_model, shown(p.prompt_tokens), shown(p.completion_tokens), p.total_cost) AS request_id,
    time AS completed_at,
    concat_ws('/', 'aider', p.edit_format) AS endpoint,
    CASE WHEN p.main_model <> 'None' THEN p.main_model END AS model,
    'chat' AS operation,
    user_id AS user_name,
    p.prompt_tokens AS input_tokens,
    p.completion_tokens AS output_tokens,
    p.total_tokens AS total_tokens,
    CASE WHEN money(p.cost) <> 0 THEN p.cost END AS stated_cost,
    CASE WHEN money(p.cost) <> 0 THEN 'USD' END AS stated_currency
FROM (SELECT *, properties AS p FROM records)

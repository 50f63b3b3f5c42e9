-- name:      opencode
-- title:     OpenCode and Kilo Code: message files, rows of their database, exported sessions
-- source:    https://opencode.ai/docs/cli/#export
-- container: json csv
-- grain:     split
-- evidence:  sessionID | providerID | session_id | info.id
-- evidence:  time.created | messageID | time_created | info.time
-- evidence:  tokens.input | role | modelID | messageID | data | messages
-- time:      time.created | time_created
-- model:     modelID
-- let:       TOKENS = STRUCT(input COUNT, output COUNT, reasoning COUNT, cache STRUCT(read COUNT, "write" COUNT))
-- let:       MESSAGE = STRUCT(id VARCHAR, sessionID VARCHAR, role VARCHAR, modelID VARCHAR, providerID VARCHAR, agent VARCHAR, mode VARCHAR,
--                             finish VARCHAR, cost VARCHAR, time STRUCT(created VARCHAR, completed VARCHAR),
--                             path STRUCT(cwd VARCHAR, root VARCHAR), error STRUCT(name VARCHAR),
--                             tokens TOKENS)
-- columns:   id VARCHAR, sessionID VARCHAR, messageID VARCHAR, role VARCHAR, modelID VARCHAR, providerID VARCHAR, agent VARCHAR,
--            mode VARCHAR, finish VARCHAR, cost VARCHAR, time STRUCT(created VARCHAR, completed VARCHAR),
--            path STRUCT(cwd VARCHAR, root VARCHAR), error STRUCT(name VARCHAR),
--            tokens TOKENS,
--            session_id VARCHAR, message_id VARCHAR, time_created VARCHAR, data VARCHAR,
--            messages STRUCT(info MESSAGE, parts STRUCT(type VARCHAR, cost VARCHAR, tokens TOKENS)[])[]
--
-- The input leaves cached tokens out, the output reasoning: all stand beside. A fork copies a session's messages under
-- new ids, with their instants and counts: those are the identity, not the id. The instant of the end is no part of it:
-- a message is written with its counts before it is. A message of several steps, each a call, adds up their cost but holds
-- the counts of the last one alone: those before it are rows of their own where the session was exported with its parts.
WITH message AS (
    SELECT source_id, record, id AS row_id, session_id, time_created, coalesce(messageID, message_id) IS NOT NULL AS part, [] AS steps,
        coalesce(COUNT_CAST(TRY_CAST(data AS JSON) AS MESSAGE),
            {'id': id, 'sessionID': sessionID, 'role': role, 'modelID': modelID, 'providerID': providerID, 'agent': agent, 'mode': mode,
             'finish': finish, 'cost': cost, 'time': time, 'path': path, 'error': error, 'tokens': tokens}) AS m
    FROM records
    WHERE coalesce(len(messages), 0) = 0
    UNION ALL
    SELECT source_id, record, NULL, NULL, NULL, false,
        list_filter(one.parts, lambda p: p.type = 'step-finish' AND p.tokens.input IS NOT NULL AND p.tokens.output IS NOT NULL), one.info
    FROM (SELECT source_id, record, unnest(messages) AS one FROM records WHERE len(messages) > 0)
), step AS (
    -- 0 is the message itself, whose counts are those of its last step.
    SELECT * REPLACE (CASE WHEN place = 0 THEN m ELSE struct_update(m, tokens := steps[place].tokens) END AS m),
        CASE WHEN len(steps) > 1 THEN CASE WHEN place = 0 THEN steps[-1].cost ELSE steps[place].cost END ELSE m.cost END AS cost
    FROM (SELECT *, unnest(list_concat([0], CASE WHEN m.role = 'user' THEN [] ELSE range(1, len(steps)) END)) AS place FROM message)
), told AS (
    SELECT *,
        coalesce(m.time.created, time_created) AS created,
        concat_ws(',', shown(m.tokens.input), shown(m.tokens.output), shown(m.tokens.reasoning), shown(m.tokens.cache.read),
                  shown(m.tokens.cache."write")) AS counts,
        m.tokens.input IS NOT NULL AND m.tokens.output IS NOT NULL
            -- Zeros all over are what a message has before its answer, or after a failure.
            AND coalesce(measure(m.tokens.input) <> 0 OR measure(m.tokens.output) <> 0 OR measure(m.tokens.cache.read) <> 0
                      OR measure(m.tokens.cache."write") <> 0 OR measure(m.tokens.reasoning) <> 0, true) AS measured
    FROM step
)
SELECT
    source_id, record, CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    CASE WHEN m.role = 'user' THEN 'a user turn'
         WHEN part THEN 'a part of a message'
         WHEN m.modelID IS NULL AND m.tokens IS NULL AND m.role IS NULL THEN 'a session, no call'
         WHEN NOT measured AND m.time.completed IS NULL AND m.error IS NULL THEN 'a message that is still being written' END AS skip,
    concat_ws(':', 'opencode', created, m.providerID, m.modelID, CASE WHEN measured THEN counts END,
        CASE WHEN place > 0 THEN 'step ' || place END)
        AS request_id,
    -- So the step is known to who kept the events of its run.
    CASE WHEN measured AND NOT part AND coalesce(m.id, row_id) <> '' THEN ['opencode-step:' || coalesce(m.id, row_id) || ':' || counts] END
        AS restated,
    created AS started_at,
    m.time.completed AS completed_at,
    concat_ws('/', 'opencode', coalesce(m.agent, m.mode)) AS endpoint,
    m.modelID AS model,
    m.providerID AS provider,
    'chat' AS operation,
    coalesce(m.sessionID, session_id) AS session_id,
    nullif(regexp_extract(coalesce(nullif(m.path.root, '/'), m.path.cwd), '([^/\\]+)[/\\]*$', 1), '') AS team,
    coalesce(m.error.name, m.finish) AS status,
    CASE WHEN measured THEN m.tokens.input END AS input_tokens,
    CASE WHEN measured THEN m.tokens.cache.read END AS cache_read_tokens,
    CASE WHEN measured THEN m.tokens.cache."write" END AS cache_write_tokens,
    CASE WHEN measured THEN m.tokens.output END AS output_tokens,
    CASE WHEN measured THEN m.tokens.reasoning END AS reasoning_tokens,
    true AS cache_beside,
    true AS reasoning_beside,
    cost AS stated_cost,
    CASE WHEN cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM told

-- name:      opencode-run
-- title:     OpenCode without a terminal: the events of `opencode run --format json`, kept as a log
-- source:    https://opencode.ai/docs/cli/#run
--            https://github.com/sst/opencode/blob/dev/packages/opencode/src/cli/cmd/run.ts
-- container: json
-- needs:     a model: `--set model=…`
-- evidence:  type = step_start | step_finish | text | reasoning | tool_use | error
-- evidence:  sessionID
-- evidence:  part.type | error.name
-- time:      timestamp
-- model:     part.modelID | modelID | model
-- columns:   type VARCHAR, timestamp VARCHAR, sessionID VARCHAR, modelID VARCHAR, model VARCHAR, providerID VARCHAR,
--            part STRUCT(id VARCHAR, messageID VARCHAR, modelID VARCHAR, providerID VARCHAR, reason VARCHAR, cost VARCHAR,
--                        tokens STRUCT(input COUNT, output COUNT, reasoning COUNT, total COUNT, cache STRUCT(read COUNT, "write" COUNT)))
--
-- Each step is a call, and its end tells what it took: cache and reasoning stand beside, as in `opencode`. A step is known
-- by its message and its counts, which OpenCode's own storage has, too: there is the model, and what subagents did, of which
-- events tell nothing.
SELECT
    source_id,
    CASE WHEN part.messageID <> ''
         THEN concat_ws(':', 'opencode-step', part.messageID, concat_ws(',', shown(part.tokens.input), shown(part.tokens.output),
                  shown(part.tokens.reasoning), shown(part.tokens.cache.read), shown(part.tokens.cache."write")))
         ELSE nullif(part.id, '') END AS request_id,
    CASE WHEN type = 'step_finish' THEN NULL
         WHEN type = 'error' THEN 'an error notice of the program'
         WHEN type IS NOT NULL THEN 'a piece of a step, no end of one' END AS skip,
    CASE WHEN type IS NULL THEN 'no event of a run (looked for type)' END AS refusal,
    timestamp AS started_at,
    'opencode/run' AS endpoint,
    coalesce(part.modelID, modelID, model) AS model,
    coalesce(part.providerID, providerID) AS provider,
    'chat' AS operation,
    sessionID AS session_id,
    part.reason AS status,
    part.tokens.input AS input_tokens,
    part.tokens.cache.read AS cache_read_tokens,
    part.tokens.cache."write" AS cache_write_tokens,
    part.tokens.output AS output_tokens,
    part.tokens.reasoning AS reasoning_tokens,
    part.tokens.total AS total_tokens,
    true AS cache_beside,
    true AS reasoning_beside,
    part.cost AS stated_cost,
    CASE WHEN part.cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM records

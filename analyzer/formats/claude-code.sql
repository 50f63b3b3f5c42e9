-- name:      claude-code
-- title:     Claude Code transcripts (~/.claude/projects/**/*.jsonl), also of gateways and other models behind it, and of Claude's desktop app (Cowork)
-- source:    https://docs.anthropic.com/en/docs/claude-code/data-usage
--            https://github.com/skillsynchq/txcript/blob/main/docs/formats/cowork.md
-- container: json
-- grain:     split
-- evidence:  timestamp | leafUuid | session_id | lastActivityAt
-- evidence:  message.usage | message.content | data.message.message | leafUuid | cliSessionId
-- evidence:  sessionId | session_id | requestId | parentUuid | leafUuid | costUSD | inputTokens
-- evidence:  message.model | message.id | uuid | parentUuid | leafUuid | inputTokens | cliSessionId
-- time:      timestamp | _audit_timestamp
-- model:     message.model
-- let:       WRITES = STRUCT(ephemeral_5m_input_tokens COUNT, ephemeral_1h_input_tokens COUNT)
-- let:       PART = STRUCT(type VARCHAR, model VARCHAR, input_tokens COUNT, output_tokens COUNT, cache_creation_input_tokens COUNT,
--                          cache_read_input_tokens COUNT, cache_creation WRITES)
-- let:       USAGE = STRUCT(input_tokens COUNT, output_tokens COUNT, cache_creation_input_tokens COUNT,
--                           cache_read_input_tokens COUNT, service_tier VARCHAR, speed VARCHAR, inference_geo VARCHAR,
--                           cache_creation WRITES, iterations PART[],
--                           output_tokens_details STRUCT(thinking_tokens COUNT),
--                           server_tool_use STRUCT(web_search_requests COUNT, web_fetch_requests COUNT))
-- let:       MESSAGE = STRUCT(id VARCHAR, model VARCHAR, stop_reason VARCHAR, usage USAGE)
-- columns:   type VARCHAR, timestamp VARCHAR, uuid VARCHAR, requestId VARCHAR, sessionId VARCHAR, session_id VARCHAR,
--            cwd VARCHAR, isSidechain VARCHAR, isApiErrorMessage VARCHAR, costUSD VARCHAR, message MESSAGE,
--            data STRUCT(message STRUCT(timestamp VARCHAR, requestId VARCHAR, message MESSAGE)),
--            inputTokens COUNT, outputTokens COUNT, cacheCreationInputTokens COUNT, cacheReadInputTokens COUNT,
--            _audit_timestamp VARCHAR, parent_tool_use_id VARCHAR, request_id VARCHAR, cliSessionId VARCHAR
--
-- Anthropic's usage: cache counts stand beside the input, thinking is inside the output. A message stands in several
-- lines, one for each block of its content, and its output grows: the lines share the API's id of the message, and the
-- largest is the call. Sidechains and resumed sessions tell messages again, with new request ids: so the message's id is
-- the identity, and the request's only where a gateway gives none. Of equals the line of a main conversation goes before that of
-- a subagent. `progress` lines hold a subagent's messages, which mostly stand in a log of its own too. The first
-- versions wrote the counts at the top level. What an advisor read and wrote, and what was compacted, stands in
-- `iterations` alone: each of those is a row of its own. The desktop app keeps beside its transcripts an audit log of the same
-- messages, as they began: read both.
SELECT
    source_id,
    record,
    CASE WHEN place = 0 THEN 1 ELSE 0 END AS records,
    coalesce(nullif(said.id, ''), nullif(requestId, ''), nullif(request_id, ''), nullif(data.message.requestId, ''),
             CASE WHEN length(uuid) = 36 THEN uuid END)
        || CASE WHEN place = 0 THEN '' ELSE ':' || part.type || ':' || place END AS request_id,
    CASE
        WHEN said.model = '<synthetic>' OR isApiErrorMessage = 'true' THEN 'written by the program itself, no provider call'
        WHEN type = 'user' THEN 'a user turn or a tool''s result'
        WHEN type = 'summary' THEN 'a summary of a conversation'
        WHEN type = 'result' THEN 'an aggregate of calls already counted'
        WHEN type IS NULL AND cliSessionId IS NOT NULL THEN 'the record of a session, no call'
        WHEN type <> 'assistant' AND input_count IS NULL AND output_count IS NULL AND said.usage IS NULL
            THEN 'bookkeeping of the transcript'
        WHEN type IS NULL AND timestamp IS NOT NULL AND said.model IS NULL AND input_count IS NULL AND output_count IS NULL
            THEN 'bookkeeping of the transcript'
    END AS skip,
    CASE WHEN type <> 'assistant' AND said.usage IS NOT NULL AND input_count IS NULL AND output_count IS NULL
         THEN 'its usage is not in the words of Claude Code' END AS refusal,
    CASE WHEN type = 'progress' THEN coalesce(data.message.timestamp, timestamp) ELSE coalesce(timestamp, _audit_timestamp) END AS started_at,
    CASE WHEN isSidechain = 'true' OR type = 'progress' OR parent_tool_use_id <> '' THEN 'claude-code/subagent' ELSE 'claude-code' END AS endpoint,
    coalesce(part.model, said.model) AS model,
    CASE WHEN starts_with(said.id, 'msg_bdrk_') THEN 'bedrock'
         WHEN starts_with(said.id, 'msg_vrtx_') THEN 'google'
         WHEN starts_with(said.model, 'claude') THEN 'anthropic' END AS provider,
    CASE WHEN place = 0 THEN 'chat' ELSE part.type END AS operation,
    coalesce(sessionId, session_id) AS session_id,
    -- The project is the folder that the agent worked in; its path says more than a report should.
    CASE WHEN cwd IS NOT NULL AND (input_count IS NOT NULL OR type = 'assistant')
         THEN nullif(regexp_extract(cwd, '([^/\\]+)[/\\]*$', 1), '') END AS team,
    CASE WHEN place = 0 THEN said.stop_reason END AS status,
    CASE WHEN place = 0 THEN input_count ELSE part.input_tokens END AS input_tokens,
    CASE WHEN place = 0 THEN coalesce(said.usage.cache_read_input_tokens, cacheReadInputTokens) ELSE part.cache_read_input_tokens END
        AS cache_read_tokens,
    coalesce(CASE WHEN place = 0 THEN coalesce(said.usage.cache_creation_input_tokens, cacheCreationInputTokens)
                  ELSE part.cache_creation_input_tokens END,
             -- A lifetime that is left out has no tokens.
             CASE WHEN w.ephemeral_5m_input_tokens IS NULL
                  THEN w.ephemeral_1h_input_tokens
                  WHEN w.ephemeral_1h_input_tokens IS NULL
                  THEN w.ephemeral_5m_input_tokens
                  WHEN NOT miscounted(w.ephemeral_5m_input_tokens)
                   AND NOT miscounted(w.ephemeral_1h_input_tokens)
                  THEN CAST(whole(w.ephemeral_5m_input_tokens)
                          + whole(w.ephemeral_1h_input_tokens) AS COUNT) END) AS cache_write_tokens,
    w.ephemeral_1h_input_tokens AS cache_write_1h_tokens,
    CASE WHEN place = 0 THEN output_count ELSE part.output_tokens END AS output_tokens,
    CASE WHEN place = 0 THEN said.usage.output_tokens_details.thinking_tokens END AS reasoning_tokens,
    true AS cache_beside,
    placed_tier(CASE WHEN said.usage.speed = 'fast' THEN 'fast' ELSE said.usage.service_tier END, said.usage.inference_geo) AS service_tier,
    CASE WHEN place = 0 THEN costUSD END AS stated_cost,
    CASE WHEN place = 0 AND costUSD IS NOT NULL THEN 'USD' END AS stated_currency,
    CASE WHEN place = 0 THEN said.usage.server_tool_use.web_search_requests END AS searches,
    CASE WHEN place = 0 THEN said.usage.server_tool_use.web_fetch_requests END AS fetches
FROM (
    SELECT *,
        CASE WHEN place > 0 THEN said.usage.iterations[place] END AS part,
        CASE WHEN place > 0 THEN said.usage.iterations[place].cache_creation ELSE said.usage.cache_creation END AS w
    FROM (
        SELECT *,
            coalesce(said.usage.input_tokens, inputTokens) AS input_count,
            coalesce(said.usage.output_tokens, outputTokens) AS output_count,
            -- 0 is the message itself, the others are places in its iterations.
            unnest(CASE WHEN len(said.usage.iterations) > 0 AND coalesce(timestamp, _audit_timestamp) IS NOT NULL AND said.model IS NOT NULL
                         AND NOT (miscounted(said.usage.input_tokens) OR miscounted(said.usage.output_tokens)
                                  OR miscounted(said.usage.cache_read_input_tokens) OR miscounted(said.usage.cache_creation_input_tokens))
                        THEN list_concat([0], list_filter(range(1, len(said.usage.iterations) + 1),
                            lambda n: said.usage.iterations[n].type NOT IN ('message', 'fallback_message')))
                        ELSE [0] END) AS place
        FROM (SELECT *, CASE WHEN type = 'progress' THEN data.message.message ELSE message END AS said FROM records)
    )
)

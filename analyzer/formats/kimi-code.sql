-- name:      kimi-code
-- title:     Kimi Code sessions (~/.kimi-code/sessions/*/*/agents/*/wire.jsonl)
-- source:    https://github.com/MoonshotAI/kimi-code/blob/main/packages/agent-core-v2/src/agent/usage/usageOps.ts
-- container: json
-- evidence:  type = usage.record | llm.* | turn.* | context.* | config.update | token_counting.* | tools.* | full_compaction.* | metadata
-- evidence:  time | protocol_version
-- evidence:  usage.inputOther | agentId | event | message | modelAlias | input | protocol_version
-- time:      time
-- model:     model
-- columns:   type VARCHAR, time VARCHAR, agentId VARCHAR, model VARCHAR,
--            usage STRUCT(inputOther COUNT, "output" COUNT, inputCacheRead COUNT, inputCacheCreation COUNT)
--
-- A record of usage is a call, whose counts other events repeat; cached and written tokens stand beside the others, zeros all
-- over where the provider told nothing. The model is the one that the settings call so. There is no id: the instant of the
-- answer's end, to the millisecond, and the counts are it, in a fork, too.
SELECT
    source_id,
    CASE WHEN type IS DISTINCT FROM 'usage.record' THEN 'an event without usage' END AS skip,
    concat_ws(':', 'kimi-code', time, model, shown(usage.inputOther), shown(usage.inputCacheRead), shown(usage.inputCacheCreation),
        shown(usage."output")) AS request_id,
    time AS completed_at,
    concat_ws('/', 'kimi-code', CASE WHEN agentId <> 'main' THEN 'subagents' END) AS endpoint,
    model,
    'chat' AS operation,
    CASE WHEN measured THEN usage.inputOther END AS input_tokens,
    CASE WHEN measured THEN usage.inputCacheRead END AS cache_read_tokens,
    CASE WHEN measured THEN usage.inputCacheCreation END AS cache_write_tokens,
    CASE WHEN measured THEN usage."output" END AS output_tokens,
    true AS cache_beside
FROM (
    SELECT *,
        usage_told(usage.inputOther, usage."output") OR usage_told(usage.inputCacheRead, usage.inputCacheCreation) AS measured
    FROM records
)

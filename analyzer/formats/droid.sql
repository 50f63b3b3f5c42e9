-- name:      droid
-- title:     Factory Droid sessions (~/.factory/sessions/*.settings.json)
-- source:    https://docs.factory.ai/cli/getting-started/overview
-- container: json
-- evidence:  tokenUsage.inputTokens
-- evidence:  tokenUsage.outputTokens
-- evidence:  providerLock | providerLockTimestamp
-- time:      providerLockTimestamp
-- model:     model
-- columns:   model VARCHAR, providerLock VARCHAR, providerLockTimestamp VARCHAR,
--            tokenUsage STRUCT(inputTokens COUNT, outputTokens COUNT, cacheCreationTokens COUNT, cacheReadTokens COUNT, thinkingTokens COUNT)
--
-- One object for a whole session, which does not say of how many calls: 0. Cache counts stand beside the input, thinking
-- beside the output. The object is written anew as the session goes on; the instant of its first call is its identity.
SELECT
    source_id,
    concat_ws(':', 'droid', providerLockTimestamp, providerLock, model) AS request_id,
    CASE WHEN tokenUsage IS NULL THEN 'a session without calls' END AS skip,
    0 AS calls,
    providerLockTimestamp AS started_at,
    'droid' AS endpoint,
    model,
    providerLock AS provider,
    'chat' AS operation,
    tokenUsage.inputTokens AS input_tokens,
    tokenUsage.cacheReadTokens AS cache_read_tokens,
    tokenUsage.cacheCreationTokens AS cache_write_tokens,
    tokenUsage.outputTokens AS output_tokens,
    tokenUsage.thinkingTokens AS reasoning_tokens,
    true AS cache_beside,
    true AS reasoning_beside
FROM records

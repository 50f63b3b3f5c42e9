-- name:      continue
-- title:     Continue's development data (~/.continue/dev_data/*/tokensGenerated.jsonl)
-- source:    https://docs.continue.dev/customize/deep-dives/development-data
--            https://github.com/continuedev/continue/blob/main/packages/config-yaml/src/schemas/data/tokensGenerated/v0.2.0.ts
-- container: json
-- evidence:  promptTokens
-- evidence:  generatedTokens
-- evidence:  model
-- evidence:  provider
-- time:      timestamp
-- model:     model
-- needs:     a time: the first version has none and takes `--set time=…`
-- columns:   timestamp VARCHAR, userId VARCHAR, model VARCHAR, provider VARCHAR, promptTokens COUNT, generatedTokens COUNT
--
-- The counts are the extension's own, by its own tokenizer and without reasoning, not the provider's; nothing is said of the
-- prompt cache. The time is that of the answer's end, to the millisecond, which with the counts is the identity.
SELECT
    source_id,
    CASE WHEN timestamp <> '' THEN concat_ws(':', 'continue', timestamp, userId, model, shown(promptTokens), shown(generatedTokens)) END
        AS request_id,
    timestamp AS completed_at,
    'continue' AS endpoint,
    model,
    nullif(provider, 'openai') AS provider,  -- so goes whoever has an API of that shape: the model tells more
    'chat' AS operation,
    userId AS user_name,
    promptTokens AS input_tokens,
    generatedTokens AS output_tokens
FROM records

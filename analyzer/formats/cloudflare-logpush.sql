-- name:      cloudflare-logpush
-- title:     Cloudflare AI Gateway: Logpush (ai_gateway_events)
-- source:    https://developers.cloudflare.com/ai-gateway/observability/logging/logpush/
-- container: json
-- evidence:  Gateway
-- evidence:  Provider
-- evidence:  Model
-- evidence:  Endpoint
-- evidence:  StatusCode
-- time:      Datetime
-- model:     Model
-- columns:   Datetime VARCHAR, Gateway VARCHAR, Model VARCHAR, Provider VARCHAR, Endpoint VARCHAR, StatusCode VARCHAR,
--            Cached VARCHAR, Duration VARCHAR, TokensIn COUNT, TokensOut COUNT
--
-- Metadata and bodies are encrypted and not read; a job that pushes no token counts gives requests without usage.
-- Cached is the gateway's own cache of answers.
SELECT
    source_id,
    CASE WHEN lower(Cached) IN ('true', '1') THEN 'answered from the gateway''s own cache, no provider call' END AS skip,
    Datetime AS started_at,
    Duration AS latency_ms,
    Endpoint AS endpoint,
    Model AS model,
    CASE lower(Provider) WHEN 'azure-openai' THEN 'azure' WHEN 'aws-bedrock' THEN 'bedrock' WHEN 'google-ai-studio' THEN 'google'
         WHEN 'google-vertex-ai' THEN 'google' WHEN 'grok' THEN 'xai' ELSE lower(Provider) END AS provider,
    Gateway AS team,
    StatusCode AS status,
    CASE WHEN usage_told(TokensIn, TokensOut) THEN TokensIn END AS input_tokens,
    CASE WHEN usage_told(TokensIn, TokensOut) THEN TokensOut END AS output_tokens
FROM records

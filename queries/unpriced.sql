-- unpriced.sql
-- Question: Which calls could not be priced, and how much was used in them?
-- Reads:    charges, unpriced_models
-- Returns:  model         VARCHAR    as logged
--           provider      VARCHAR    who served it, as logged; a price is one provider's
--           service_tier  VARCHAR    as logged; a price is for one tier
--           requests      BIGINT     calls with usage that no price covers
--           first_instant TIMESTAMP  UTC
--           last_instant  TIMESTAMP  UTC
--           input_tokens  BIGINT     tokens
--           output_tokens BIGINT     tokens
-- Grain:    one row per (model, provider, service_tier)
SELECT
    model,
    provider,
    service_tier,
    CAST(sum(calls) AS BIGINT) AS requests,
    min(instant) AS first_instant,
    max(instant) AS last_instant,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(output_tokens) AS BIGINT) AS output_tokens
FROM charges
WHERE measured AND NOT priced
  AND model IN (SELECT model FROM unpriced_models)  -- mostly none: then no call is looked at
GROUP BY model, provider, service_tier
ORDER BY requests DESC, model, provider, service_tier

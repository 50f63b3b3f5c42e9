-- Stretches of usage by all that bills, budgets and rules of allocation ask about: what comes from another engine, as few rows as
-- can be. The slot is the end user, or NULL where no rule asks for one.
SELECT
    endpoint,
    logged_endpoint,
    model,
    provider,
    service_tier,
    moment,
    hour,
    month,
    size,
    measured,
    split_known,
    api_key_name,
    team,
    payer AS user_name,
    outcome,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(input_tokens) AS HUGEINT) AS input_tokens,
    CAST(sum(cache_read_tokens) AS HUGEINT) AS cache_read_tokens,
    CAST(sum(cache_write_tokens) AS HUGEINT) AS cache_write_tokens,
    CAST(sum(cache_write_1h_tokens) AS HUGEINT) AS cache_write_1h_tokens,
    CAST(sum(output_tokens) AS HUGEINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS HUGEINT) AS reasoning_tokens
FROM (SELECT *, {user} AS payer FROM stretches)
GROUP BY endpoint, logged_endpoint, model, provider, service_tier, moment, hour, month, size, measured, split_known, api_key_name,
    team, payer, outcome

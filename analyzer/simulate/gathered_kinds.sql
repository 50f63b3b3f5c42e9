-- What the stretches of `gathered` hold of audio, images and searches, by kind: of the few requests that have any.
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
    one.key AS kind,
    CAST(sum(one.value) AS HUGEINT) AS amount
FROM (SELECT *, {user} AS payer, unnest(map_entries(apart)) AS one FROM stretches WHERE apart IS NOT NULL)
GROUP BY endpoint, logged_endpoint, model, provider, service_tier, moment, hour, month, size, measured, split_known, api_key_name,
    team, payer, outcome, one.key

-- extras.sql
-- Question: How much audio, how many images and searches, in the stretches of usage?
-- Reads:    stretches
-- Returns:  endpoint      VARCHAR    endpoint
--           model         VARCHAR    as logged
--           provider      VARCHAR    who served it, as logged
--           service_tier  VARCHAR    as logged
--           moment        TIMESTAMP  UTC: the hour, or the minute in an hour within which a price changes
--           hour          TIMESTAMP  start of the hour in the reporting zone
--           size          BIGINT     least input of requests of this size, where a price depends on it; else 0
--           measured      BOOLEAN    input and output are both known
--           split_known   BOOLEAN    so is what of the input came from the cache
--           kind          VARCHAR    what is counted: input_audio, ..., search, ...
--           amount        HUGEINT    tokens of it, or requests
-- Grain:    one row per (endpoint, model, provider, service_tier, moment, hour, size, measured, split_known, kind)
--
-- Apart from usage, because nearly no call has any: those are not even looked at.
SELECT
    endpoint,
    model,
    provider,
    service_tier,
    moment,
    hour,
    size,
    measured,
    split_known,
    one.key AS kind,
    CAST(sum(one.value) AS HUGEINT) AS amount
FROM (SELECT *, unnest(map_entries(apart)) AS one FROM stretches WHERE apart IS NOT NULL)
GROUP BY endpoint, model, provider, service_tier, moment, hour, size, measured, split_known, one.key

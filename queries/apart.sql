-- apart.sql
-- Question: What was used of what some price lists bill apart: audio, images, searches?
-- Reads:    extras, prices
-- Returns:  model    VARCHAR         as logged
--           provider VARCHAR         who served it, as logged
--           kind     VARCHAR         tokens: input_audio, cache_read_audio, ...; requests: search, fetch, file_search
--           amount   BIGINT          tokens, or requests
--           unlisted BIGINT          those without a price of their own: tokens cost as text, requests are in no cost
--           added    DECIMAL(38,15)  what they add to the cost of the text that they were counted as; NULL if all are unlisted
-- Grain:    one row per (model, provider, kind)
SELECT
    e.model,
    e.provider,
    e.kind,
    CAST(sum(e.amount) AS BIGINT) AS amount,
    CAST(coalesce(sum(e.amount) FILTER (WHERE p.apart[e.kind] IS NULL), 0) AS BIGINT) AS unlisted,
    CAST(sum(e.amount * p.apart[e.kind]) AS DECIMAL(38, 0)) * 0.000000000000001 AS added
FROM extras AS e
LEFT JOIN prices AS p
    ON p.model = e.model AND p.hour = date_trunc('hour', e.moment) AND p.from_instant <= e.moment AND e.moment < p.to_instant
    AND p.provider IS NOT DISTINCT FROM e.provider AND p.service_tier IS NOT DISTINCT FROM e.service_tier
    AND p.input_from <= e.size AND e.size < p.input_to
WHERE e.measured
GROUP BY e.model, e.provider, e.kind
ORDER BY added DESC NULLS LAST, e.model, e.provider, e.kind

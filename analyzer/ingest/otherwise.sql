-- Of logs that the ledger has already, how they were read. `alone` is false where it holds other logs of the same name
-- as well, which would be forgotten with them.
WITH named AS (
    SELECT unnest(CAST($paths AS VARCHAR[])) AS path, unnest(CAST($fingerprints AS VARCHAR[])) AS fingerprint
), known AS (
    SELECT n.path AS named_path, s.path FROM named AS n JOIN sources AS s ON s.fingerprint = n.fingerprint
    UNION
    SELECT n.path AS named_path, s.path FROM named AS n JOIN sources AS s ON s.path = n.path WHERE n.fingerprint IS NULL
), told AS (
    -- A log that has grown is in the ledger as what it was and what it is.
    SELECT k.named_path, s.source_id, s.path, s.format, s.rejected, s.continues FROM known AS k JOIN sources AS s ON s.path = k.path
), unmeasured AS (
    SELECT source_id, count(*) AS calls
    FROM requests
    WHERE $other_words AND source_id IN (SELECT source_id FROM told) AND (input_tokens IS NULL OR output_tokens IS NULL)
    GROUP BY source_id
)
SELECT t.named_path, any_value(t.path) AS path, min(t.format) AS format, CAST(sum(t.rejected) AS BIGINT) AS rejected,
    CAST(coalesce(sum(u.calls), 0) AS BIGINT) AS unmeasured, count(*) FILTER (t.continues IS NULL) <= 1 AS alone
FROM told AS t
LEFT JOIN unmeasured AS u ON u.source_id = t.source_id
GROUP BY t.named_path

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
    SELECT k.named_path, s.source_id, s.path, s.format, s.rejected, s.continues, s.given FROM known AS k JOIN sources AS s ON s.path = k.path
), lacking AS (
    SELECT source_id,
        count(*) FILTER ($other_words AND (input_tokens IS NULL OR output_tokens IS NULL)) AS unmeasured,
        count(*) FILTER ($endpoint AND endpoint IS NULL) AS endpoint,
        count(*) FILTER ($session AND session_id IS NULL) AS session,
        count(*) FILTER ($team AND team IS NULL) AS team
    FROM requests
    WHERE ($other_words OR $endpoint OR $session OR $team) AND source_id IN (SELECT source_id FROM told)
    GROUP BY source_id
)
SELECT t.named_path, any_value(t.path) AS path, min(t.format) AS format, CAST(sum(t.rejected) AS BIGINT) AS rejected,
    CAST(coalesce(sum(n.unmeasured), 0) AS BIGINT) AS unmeasured, CAST(coalesce(sum(n.endpoint), 0) AS BIGINT) AS endpoint,
    CAST(coalesce(sum(n.session), 0) AS BIGINT) AS session, CAST(coalesce(sum(n.team), 0) AS BIGINT) AS team,
    count(*) FILTER (t.continues IS NULL) <= 1 AS alone, list(DISTINCT t.given) FILTER (t.given IS NOT NULL) AS given
FROM told AS t
LEFT JOIN lacking AS n ON n.source_id = t.source_id
GROUP BY t.named_path

-- Where each log of the ledger began: what was appended to a log is a source of its own, and goes on with its numbers.
CREATE OR REPLACE TEMP TABLE log_beginnings AS
WITH RECURSIVE part AS (
    SELECT source_id, fingerprint, source_id AS first_id, fingerprint AS first_fingerprint
    FROM sources
    WHERE continues IS NULL OR continues NOT IN (SELECT fingerprint FROM sources)
    UNION ALL
    SELECT s.source_id, s.fingerprint, p.first_id, p.first_fingerprint
    FROM sources AS s
    JOIN part AS p ON s.continues = p.fingerprint
)
SELECT source_id, min(first_id) AS first_id, arg_min(first_fingerprint, first_id) AS first_fingerprint
FROM part
GROUP BY source_id

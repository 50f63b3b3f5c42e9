-- Sources to take out of the ledger: those in `named`, and what was read of the same logs after they had grown.
CREATE OR REPLACE TEMP TABLE forgotten AS
WITH RECURSIVE gone AS (
    SELECT source_id, fingerprint FROM sources WHERE source_id IN (FROM named)
    UNION
    SELECT s.source_id, s.fingerprint FROM sources AS s JOIN gone AS g ON s.continues = g.fingerprint
)
SELECT source_id FROM gone;

DELETE FROM sources WHERE source_id IN (FROM forgotten);
DELETE FROM seen;  -- the logs may be read again
DELETE FROM standing;

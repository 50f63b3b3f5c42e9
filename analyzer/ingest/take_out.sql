-- Take what came of the sources in `forgotten` out of the ledger. The slot is what the ledger stores of a request: nothing
-- else is in any copy. What other logs said of their requests comes back.
CREATE OR REPLACE TEMP TABLE revived AS
SELECT c.rowid AS copy_id, c.source_id, c.records, c.request_id
FROM copies AS c
WHERE c.source_id NOT IN (FROM forgotten)
  AND ((c.request_id IS NULL AND c.kept_by IN (FROM forgotten))
    OR c.request_id IN (SELECT request_id FROM requests WHERE source_id IN (FROM forgotten))
    OR (c.kept_by IN (FROM forgotten) AND c.request_id IN (SELECT request_id FROM restated WHERE source_id IN (FROM forgotten))));

DELETE FROM requests WHERE source_id IN (FROM forgotten);
INSERT INTO requests BY NAME SELECT {stored} FROM copies WHERE rowid IN (SELECT copy_id FROM revived) ORDER BY rowid;
DELETE FROM copies WHERE source_id IN (FROM forgotten) OR rowid IN (SELECT copy_id FROM revived);
DELETE FROM restated WHERE source_id IN (FROM forgotten);
DELETE FROM rejected WHERE source_id IN (FROM forgotten);
DELETE FROM skipped WHERE source_id IN (FROM forgotten);

-- Several of them may tell of the same request.
CREATE OR REPLACE TEMP TABLE repeats AS
SELECT request_id FROM revived WHERE request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1;

CREATE OR REPLACE TEMP TABLE revived_by_source AS
SELECT source_id, CAST(sum(records) AS BIGINT) AS records, bool_or(request_id IS NULL) AS nameless FROM revived GROUP BY source_id;

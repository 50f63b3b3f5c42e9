-- Keep what another log said of a request, so that the log that is believed can be forgotten. A log that has grown is
-- read again under its own name: that is no other log.
INSERT INTO copies BY NAME
SELECT r.*, d.kept_by, d.place
FROM requests AS r
JOIN duplicates AS d ON d.row_id = r.rowid
JOIN logs AS own ON own.source_id = d.source_id
JOIN logs AS other ON other.source_id = d.kept_by
WHERE d.best_of_source AND own.path <> other.path
  AND NOT EXISTS (
      SELECT 1 FROM copies AS c JOIN logs AS before ON before.source_id = c.source_id
      WHERE c.request_id = r.request_id AND before.path = own.path)

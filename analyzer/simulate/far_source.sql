-- A table of another engine as a source of the ledger: its place, the number of log records in it, and how they ended.
INSERT INTO sources (source_id, path, format, opening, fingerprint, bytes, records, requests, duplicates, skipped, rejected, pending)
VALUES (1, ?, 'table', '', '', 0, ?, ?, ?, ?, ?, 0)

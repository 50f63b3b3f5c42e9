-- A table of another engine as a source of the ledger: its place, and twice the number of log records in it.
INSERT INTO sources (source_id, path, format, opening, fingerprint, bytes, records, requests, duplicates, skipped, rejected, pending)
VALUES (1, ?, 'table', '', '', 0, ?, ?, 0, 0, 0, 0)

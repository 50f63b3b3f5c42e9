-- What nothing in the ledger comes from any more. It stays as what was read, so that nobody reads it again.
UPDATE sources SET records = 0, requests = 0, duplicates = 0, skipped = 0, rejected = 0, pending = 0
WHERE source_id IN (FROM forgotten)

-- The ledger, version 12: the words that `--set` gave when a log was read, as a user gives them, one a line. With others it
-- would have been read otherwise. NULL: none, or not known.
ALTER TABLE sources ADD COLUMN given VARCHAR;

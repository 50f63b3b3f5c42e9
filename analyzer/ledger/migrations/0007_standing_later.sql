-- The ledger, version 7: what is not known of the calls is counted when it is asked for, not with every ingest: that looks
-- at all calls, and takes longer the more there are.

-- NULL: not counted yet.
ALTER TABLE standing ALTER COLUMN unmeasured DROP NOT NULL;
ALTER TABLE standing ALTER COLUMN unpriced DROP NOT NULL;
ALTER TABLE standing ALTER COLUMN cache_unknown DROP NOT NULL;
ALTER TABLE standing ALTER COLUMN set_aside DROP NOT NULL;

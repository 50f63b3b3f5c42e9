-- The ledger, version 11: the least input of each call that a row of an export stands for, where the export tells their class
-- of size. It decides their price where a list has another one for large inputs; NULL: not told.
ALTER TABLE requests ADD COLUMN input_from BIGINT;

CREATE TABLE copies_now AS
SELECT * EXCLUDE (kept_by, place), CAST(NULL AS BIGINT) AS input_from, kept_by, place FROM copies;
DROP TABLE copies;
ALTER TABLE copies_now RENAME TO copies;

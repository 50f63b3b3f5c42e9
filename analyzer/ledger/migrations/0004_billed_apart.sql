-- The ledger, version 4: what some price lists bill apart. Its keys are `input_audio`, `cache_read_audio`, `input_image`,
-- `cache_read_image`, `output_audio`, `output_image` (tokens that the other counts hold as well) and `search`, `fetch`,
-- `file_search` (requests that the model's provider made for it, beside all tokens). Only what is more than 0 stands there.
-- One column, because nearly all calls have none of it: an empty one costs a sixth of as many columns.
ALTER TABLE requests ADD COLUMN apart MAP(VARCHAR, BIGINT);

CREATE TABLE copies_now AS
SELECT * EXCLUDE (kept_by), CAST(NULL AS MAP(VARCHAR, BIGINT)) AS apart, kept_by FROM copies;
DROP TABLE copies;
ALTER TABLE copies_now RENAME TO copies;

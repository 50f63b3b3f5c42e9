-- The ledger, version 2: what other providers bill by, and what it takes to forget a source.

ALTER TABLE requests ADD COLUMN service_tier VARCHAR;           -- batch, flex, priority, ... where the log says; it changes the price
ALTER TABLE requests ADD COLUMN cache_write_1h_tokens BIGINT;   -- the part of cache_write_tokens that was written for an hour

ALTER TABLE sources ADD COLUMN continues VARCHAR;               -- fingerprint of the source that this one goes on from: the log had grown

-- Rows that lost to a row of another log about the same request, the best of each log: they take its place should that
-- log be forgotten. Its columns are those of requests, and the source that holds the request.
CREATE TABLE copies AS SELECT *, CAST(NULL AS INTEGER) AS kept_by FROM requests LIMIT 0;

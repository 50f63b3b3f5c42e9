-- The ledger, version 10: ids of records that tell again what other requests of a log tell.

-- Under such an id another log may have a request, or get one later: the sum of calls that lie within it, where a trace was
-- cut, or what a call looked like before its end had come. The tokens of it are in the ledger once, with this source's.
CREATE TABLE restated (
    source_id  INTEGER NOT NULL,
    request_id VARCHAR NOT NULL
);

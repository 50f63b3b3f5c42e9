-- The ledger, version 3: which files were read to their ends, as they stood on the disk. One that stands there unchanged
-- is not read again to learn that its content is known.
CREATE TABLE seen (
    path        VARCHAR NOT NULL PRIMARY KEY,  -- absolute, links resolved
    bytes       BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    inode       UBIGINT NOT NULL
);

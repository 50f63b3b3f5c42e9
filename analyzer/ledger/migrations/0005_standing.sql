-- The ledger, version 5: what a second look need not find out again.

-- NULL: not counted yet. That takes as long as to read the log, and is only needed should it grow.
ALTER TABLE sources ALTER COLUMN lines DROP NOT NULL;

-- What is not known of the calls, as long as nothing was read or forgotten since.
CREATE TABLE standing (
    definitions   VARCHAR NOT NULL,  -- BLAKE3 of prices, own ones included, and of the relations that queries read
    unmeasured    BIGINT NOT NULL,
    unpriced      BIGINT NOT NULL,
    cache_unknown BIGINT NOT NULL,
    set_aside     BIGINT NOT NULL
);

-- The ledger, version 1. Instants are UTC. Token counts are whole; NULL means that the log did not say.

CREATE TABLE ledger (
    application VARCHAR NOT NULL,  -- always 'spend': tells a ledger from any other DuckDB file
    version     INTEGER NOT NULL   -- the number of the last migration
);
INSERT INTO ledger VALUES ('spend', 0);

CREATE TABLE sources (             -- one row per log that was read
    source_id   INTEGER NOT NULL,
    path        VARCHAR NOT NULL,  -- as the user named it
    format      VARCHAR NOT NULL,
    opening     VARCHAR NOT NULL,  -- BLAKE3 of the first 1,024 bytes: finds the logs that may have grown
    fingerprint VARCHAR NOT NULL,  -- BLAKE3 of the content that was read, decompressed; known whatever the name
    bytes       BIGINT  NOT NULL,  -- length of that content: where to read on when the log has grown
    lines       BIGINT  NOT NULL,  -- lines, or rows, of that content: the next part numbers its records from here
    records     BIGINT  NOT NULL,  -- = requests + duplicates + skipped + rejected
    requests    BIGINT  NOT NULL,
    duplicates  BIGINT  NOT NULL,
    skipped     BIGINT  NOT NULL,
    rejected    BIGINT  NOT NULL,
    pending     BIGINT  NOT NULL   -- bytes of a cut last line, left unread
);

CREATE TABLE requests (            -- one row per request, or per row of an export that stands for many calls
    source_id          INTEGER NOT NULL,
    record             BIGINT,            -- the first of its log records, where the format counts them itself
    records            BIGINT NOT NULL,   -- log records that this row was made of
    calls              BIGINT NOT NULL,   -- calls that this row stands for
    request_id         VARCHAR,           -- the provider's response id, else what identifies the record; NULL: nothing does
    started_at         TIMESTAMP NOT NULL,
    completed_at       TIMESTAMP,
    bucket_end         TIMESTAMP,         -- set on rows of exports: the calls lie in [started_at, bucket_end)
    endpoint           VARCHAR,
    model              VARCHAR NOT NULL,
    provider           VARCHAR,
    operation          VARCHAR,
    session_id         VARCHAR,
    api_key_name       VARCHAR,           -- an alias or a masked key, never a key
    team               VARCHAR,
    user_name          VARCHAR,
    status             VARCHAR,
    input_tokens       BIGINT,            -- all that the model read: uncached + cache read + cache write
    cache_read_tokens  BIGINT,
    cache_write_tokens BIGINT,
    output_tokens      BIGINT,            -- all that is billed as output, reasoning included
    reasoning_tokens   BIGINT,
    tool_calls         BIGINT,
    stated_cost        DECIMAL(38, 15),   -- what the log itself claims; never mixed with cost
    stated_currency    VARCHAR,
    stated_input       BIGINT,            -- rows of exports: the row's own prices, 1e-15 of the currency per token
    stated_cache_read  BIGINT,
    stated_output      BIGINT,
    prefix_blocks      VARCHAR[],         -- hashes of the prompt's blocks, where the log has them
    block_size         INTEGER,
    fate               VARCHAR            -- while a source is being loaded: why a record is no request; NULL afterwards
);

CREATE TABLE rejected (
    source_id INTEGER NOT NULL,
    record    BIGINT NOT NULL,            -- record number in the source: its line, or its row below the header
    reason    VARCHAR NOT NULL
);

CREATE TABLE skipped (
    source_id INTEGER NOT NULL,
    reason    VARCHAR NOT NULL,
    records   BIGINT NOT NULL
);

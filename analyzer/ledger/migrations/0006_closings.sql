-- The ledger, version 6: months that were reported and closed. What was reported stays as it was, whatever is read later and
-- however prices are known later; what differs is shown beside it.
CREATE TABLE closings (
    closing_id  INTEGER NOT NULL,
    month       DATE NOT NULL,     -- its first day
    tz          VARCHAR NOT NULL,  -- reporting zone
    currency    VARCHAR NOT NULL,
    endpoint_by VARCHAR NOT NULL,
    clock       VARCHAR NOT NULL,
    price_date  VARCHAR NOT NULL,  -- in-force, or the day whose cards priced it
    price_book  VARCHAR NOT NULL,  -- the version it was priced with
    program     VARCHAR NOT NULL,  -- the version of spend
    inputs      VARCHAR NOT NULL,  -- JSON: the fingerprints of the logs that the ledger held
    taken       VARCHAR NOT NULL,  -- JSON: calls, and units of 1e-15, taken up here of what came late for months closed before
    document    VARCHAR NOT NULL,  -- what was reported: JSON,
    summary     VARCHAR NOT NULL,  -- text,
    page        BLOB NOT NULL,     -- HTML
    workbook    BLOB NOT NULL      -- and XLSX
);

-- The entries of a closed month, as they were charged.
CREATE TABLE closed_entries (
    closing_id INTEGER NOT NULL,
    hour TIMESTAMP, local_hour TIMESTAMP, day DATE, month TIMESTAMP, endpoint VARCHAR, logged_endpoint VARCHAR, api_key_name VARCHAR,
    team VARCHAR, cost_center VARCHAR, model VARCHAR, provider VARCHAR, service_tier VARCHAR, serves VARCHAR, "window" VARCHAR, outcome VARCHAR,
    measured BOOLEAN, priced BOOLEAN, split_known BOOLEAN, p_miss BIGINT, p_read BIGINT, p_write BIGINT, p_write_1h BIGINT,
    p_output BIGINT, p_request BIGINT, size_from BIGINT, size_class BIGINT, requests BIGINT, input_tokens HUGEINT, miss_tokens HUGEINT, read_tokens HUGEINT,
    write_tokens HUGEINT, write_1h_tokens HUGEINT, output_tokens HUGEINT, reasoning_tokens HUGEINT, miss_cost HUGEINT,
    read_cost HUGEINT, write_cost HUGEINT, output_cost HUGEINT, other_cost HUGEINT, cost HUGEINT, peak_cost HUGEINT,
    apart STRUCT(kind VARCHAR, amount HUGEINT, adds HUGEINT, adds_read HUGEINT)[]
);

-- The prices that they were charged by, so that late records of the month are priced as its others were.
CREATE TABLE closed_prices (
    closing_id INTEGER NOT NULL,
    model VARCHAR, provider VARCHAR, service_tier VARCHAR, hour TIMESTAMP, from_instant TIMESTAMP, to_instant TIMESTAMP,
    "window" VARCHAR, input BIGINT, cache_read BIGINT, cache_write BIGINT, cache_write_1h BIGINT, output BIGINT, request BIGINT,
    input_from BIGINT, input_to BIGINT, serves VARCHAR, before_first BOOLEAN, on_uncertain_day BOOLEAN,
    apart MAP(VARCHAR, BIGINT), dearer_input BIGINT, dearer_cache_read BIGINT, dearer_cache_write BIGINT,
    dearer_cache_write_1h BIGINT, dearer_output BIGINT
);

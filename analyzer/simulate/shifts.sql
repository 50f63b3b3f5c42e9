-- Cache hits, in tokens, that a scenario's moves take from a flow (negative) or give to it; keyed as `flows` are.
CREATE OR REPLACE TEMP TABLE shifts (
    endpoint        VARCHAR,
    logged_endpoint VARCHAR,
    model           VARCHAR,
    provider        VARCHAR,
    service_tier    VARCHAR,
    moment          TIMESTAMP,
    month           TIMESTAMP,
    size            BIGINT,
    measured        BOOLEAN,
    split_known     BOOLEAN,
    cache_basis     VARCHAR,
    route           VARCHAR,
    modelled        HUGEINT,
    cold            HUGEINT
)

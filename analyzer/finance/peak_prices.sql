-- The peak prices of what was called off-peak, by the time in which their card holds: one row is added for each.
CREATE OR REPLACE TEMP TABLE peak_prices (
    model VARCHAR, provider VARCHAR, service_tier VARCHAR, from_instant TIMESTAMP, to_instant TIMESTAMP,
    p_miss BIGINT, p_read BIGINT, p_output BIGINT
)

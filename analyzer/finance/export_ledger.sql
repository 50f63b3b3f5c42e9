-- Requests as the ledger holds them, without prices: for another engine that prices them itself. Instants are UTC; `month` is
-- that of the instant which decides the price. Rows of usage exports whose calls the ledger holds one by one are not there.
SELECT
    request_id,
    calls,
    started_at,
    completed_at,
    bucket_end,
    logged_endpoint AS endpoint,
    model,
    provider,
    service_tier,
    operation,
    session_id,
    api_key_name,
    team,
    user_name,
    status,
    input_tokens,
    cache_read_tokens,
    cache_write_tokens,
    cache_write_1h_tokens,
    output_tokens,
    reasoning_tokens,
    tool_calls,
    apart,
    stated_cost,
    stated_currency,
    stated_input,
    stated_cache_read,
    stated_output,
    -- Short numbers count the blocks of one log: the fingerprint of how it began goes before them, wherever they come together.
    CASE WHEN regexp_matches(prefix_blocks[1], '^[0-9]{1,9}$')
        THEN list_transform(prefix_blocks, lambda block: concat_ws(':', left(b.first_fingerprint, 16), block)) ELSE prefix_blocks END AS prefix_blocks,
    block_size,
    input_from,
    strftime(instant, '%Y-%m') AS "month"
FROM calls AS c
LEFT JOIN log_beginnings AS b ON b.source_id = c.source_id

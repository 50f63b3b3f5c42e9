-- Claims (what a format's SELECT gives, as text) as the ledger's columns, for records whose values are written plainly. What
-- is not, or does not add up, is `odd`: it is judged by `analyzer/ingest/admit.sql`, whose rules these are for the others.
WITH timed AS (
    SELECT *,
        plain_instant(started_at) AS begun, plain_instant(completed_at) AS ended, plain_instant(bucket_end) AS bucket_ended,
        microseconds(latency_ms, 1000) AS took_ms, microseconds(latency_s, 1000000) AS took_s,
        whole(input_tokens) AS told_i, whole(output_tokens) AS told_o, whole(total_tokens) AS t,
        coalesce(whole(cache_read_tokens), 0) + coalesce(whole(cache_write_tokens), 0) AS cached,
        coalesce(whole(reasoning_tokens), 0) AS reasoned
    FROM claim
), solved AS (
    SELECT *,
        coalesce(told_i, t - told_o) AS i, coalesce(told_o, t - told_i) AS o,
        standing_beside(told_i, told_o, t, cached, reasoned, cache_beside, reasoning_beside) AS beside
    FROM timed
), summed AS (
    SELECT *,
        i + CASE WHEN beside IN (1, 3) THEN cached ELSE 0 END AS input_sum,
        o + CASE WHEN beside IN (2, 3) THEN reasoned ELSE 0 END AS output_sum,
        coalesce(nullif(model, ''), getvariable('set_model')) AS model_name
    FROM solved
)
SELECT
    source_id,
    CAST(NULL AS BIGINT) AS record,
    CAST(1 AS BIGINT) AS records,
    coalesce(calls, 1) AS calls,
    CASE WHEN lower(trim(request_id)) IN ('', '-', 'n/a', 'na', 'nil', 'null', 'none', 'unknown', 'undefined') THEN NULL
         WHEN request_id IN ('0000000000000000', '00000000000000000000000000000000', '00000000-0000-0000-0000-000000000000') THEN NULL
         ELSE request_id END AS request_id,
    coalesce(
        begun, make_timestamp(epoch_us(ended) - CAST(took_ms AS BIGINT)), make_timestamp(epoch_us(ended) - CAST(took_s AS BIGINT)),
        ended) AS started_at,
    coalesce(
        ended, make_timestamp(epoch_us(begun) + CAST(took_ms AS BIGINT)),
        make_timestamp(epoch_us(begun) + CAST(took_s AS BIGINT))) AS completed_at,
    bucket_ended AS bucket_end,
    coalesce(bare(endpoint), getvariable('set_endpoint')) AS endpoint,
    model_name AS model,
    nullif(provider, '') AS provider,
    nullif(operation, '') AS operation,
    coalesce(nullif(session_id, ''), getvariable('set_session')) AS session_id,
    hidden(api_key_name) AS api_key_name,
    coalesce(nullif(team, ''), getvariable('set_team')) AS team,
    nullif(user_name, '') AS user_name,
    CASE WHEN status = '' THEN NULL
         WHEN regexp_full_match(status, '[A-Za-z0-9_. -]{1,40}|HTTP/[0-9.]+ [A-Za-z0-9_. -]{1,40}') THEN status
         WHEN status IS NOT NULL THEN 'error' END AS status,
    input_sum AS input_tokens,
    whole(cache_read_tokens) AS cache_read_tokens,
    whole(cache_write_tokens) AS cache_write_tokens,
    output_sum AS output_tokens,
    whole(reasoning_tokens) AS reasoning_tokens,
    tool_calls,
    CASE WHEN plain_money(replace(stated_cost, '$', '')) THEN CAST(replace(stated_cost, '$', '') AS DECIMAL(38, 15)) END AS stated_cost,
    stated_currency,
    stated_input,
    stated_cache_read,
    stated_output,
    prefix_blocks,
    whole(block_size) AS block_size,
    input_from,
    nullif(service_tier, '') AS service_tier,
    whole(cache_write_1h_tokens) AS cache_write_1h_tokens,
    skip,
    coalesce(
        log_odd OR skip IS NULL AND (refusal IS NOT NULL
        OR (begun IS NULL AND started_at <> '') OR (ended IS NULL AND completed_at <> '') OR (bucket_ended IS NULL AND bucket_end <> '')
        OR (begun IS NULL AND ended IS NULL)
        OR getvariable('set_time') IS NOT NULL
        OR (took_ms IS NULL AND latency_ms <> '') OR (took_s IS NULL AND latency_s <> '')
        OR length(request_id) > 250
        OR model_name IS NULL
        OR odd_name(endpoint) OR odd_name(model) OR odd_name(provider) OR odd_name(operation) OR odd_name(session_id)
        OR odd_name(api_key_name) OR odd_name(team) OR odd_name(user_name) OR odd_name(status) OR odd_name(service_tier)
        OR keyed(endpoint) OR keyed(model) OR keyed(provider) OR keyed(operation) OR keyed(session_id)
        OR keyed(team) OR keyed(user_name) OR keyed(status) OR keyed(service_tier)
        OR miscounted(input_tokens) OR miscounted(output_tokens) OR miscounted(cache_read_tokens)
        OR miscounted(cache_write_tokens) OR miscounted(cache_write_1h_tokens) OR miscounted(reasoning_tokens)
        OR miscounted(total_tokens) OR miscounted(block_size)
        OR (stated_cost IS NOT NULL AND NOT plain_money(replace(stated_cost, '$', '')))
        -- What is billed apart is seldom there.
        OR coalesce(input_audio_tokens, '0') <> '0' OR coalesce(cache_read_audio_tokens, '0') <> '0'
        OR coalesce(output_audio_tokens, '0') <> '0' OR coalesce(input_image_tokens, '0') <> '0'
        OR coalesce(cache_read_image_tokens, '0') <> '0' OR coalesce(output_image_tokens, '0') <> '0'
        OR coalesce(searches, '0') <> '0' OR coalesce(fetches, '0') <> '0' OR coalesce(file_searches, '0') <> '0'
        OR beside IS NULL OR cached > input_sum OR reasoned > output_sum
        OR whole(cache_write_1h_tokens) > coalesce(whole(cache_write_tokens), 0)),
        false) AS log_odd,
    -- Of words that leave open where cache counts stand: what other records of the log say settles it (`settled.sql`).
    CASE WHEN skip IS NOT NULL THEN NULL
         WHEN cache_loose AND beside IN (1, 3) THEN 'beside'
         WHEN cache_loose AND t IS NULL AND cached > 0 THEN 'open' END AS log_cache,
    log_file,
    log_line
FROM summed

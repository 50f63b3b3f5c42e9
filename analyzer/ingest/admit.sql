-- From a format's rows to the ledger's: every row is judged, and is a request or says in `fate` why it is none.
-- `claim` is the format's SELECT with all its columns; counts are still as the log wrote them (text or double).
-- Words of `macros.sql` over columns that the format does not give are replaced by what they say of NULL (`claim.py`).
WITH timed AS (
    SELECT *,
        CASE WHEN getvariable('set_time') IS NULL THEN instant(started_at)
             WHEN started_at IS NULL THEN CAST(getvariable('set_time') AS TIMESTAMP)
             -- A number that as a Unix time lies before 2000 is an offset: whole numbers are ms, fractions are seconds.
             WHEN TRY_CAST(started_at AS DECIMAL(38, 9)) >= 0 AND TRY_CAST(started_at AS DECIMAL(38, 9)) < 946684800
             THEN CAST(getvariable('set_time') AS TIMESTAMP)
                + to_microseconds(CAST(TRY_CAST(started_at AS DECIMAL(38, 9)) * CASE WHEN contains(started_at, '.') THEN 1000000 ELSE 1000 END AS BIGINT))
             ELSE instant(started_at) END AS begun,
        instant(completed_at) AS ended,
        instant(bucket_end) AS bucket_ended,
        TRY_CAST(latency_ms AS DOUBLE) * 1000 AS latency_us,
        TRY_CAST(latency_s AS DOUBLE) * 1000000 AS latency_s_us,
        measure(input_tokens) AS i, measure(output_tokens) AS o, measure(total_tokens) AS t,
        coalesce(measure(cache_read_tokens), 0) + coalesce(measure(cache_write_tokens), 0) AS cached,
        coalesce(measure(reasoning_tokens), 0) AS reasoned,
        -- Most records tell of nothing that is billed apart: for them nothing more is looked at.
        input_audio_tokens IS NOT NULL OR input_image_tokens IS NOT NULL OR cache_read_audio_tokens IS NOT NULL
            OR cache_read_image_tokens IS NOT NULL OR output_audio_tokens IS NOT NULL OR output_image_tokens IS NOT NULL
            OR searches IS NOT NULL OR fetches IS NOT NULL OR file_searches IS NOT NULL AS told_apart
    FROM claim
), solved AS (
    SELECT * EXCLUDE (i, o),
        coalesce(i, t - o) AS i, coalesce(o, t - i) AS o,
        standing_beside(i, o, t, cached, reasoned, cache_beside, reasoning_beside) AS beside
    FROM timed
), summed AS (
    SELECT *,
        i + CASE WHEN beside IN (1, 3) THEN cached ELSE 0 END AS input_sum,
        o + CASE WHEN beside IN (2, 3) THEN reasoned ELSE 0 END AS output_sum,
        CASE WHEN told_apart THEN coalesce(measure(input_audio_tokens), 0) + coalesce(measure(input_image_tokens), 0) END AS input_apart,
        CASE WHEN told_apart THEN coalesce(measure(cache_read_audio_tokens), 0) + coalesce(measure(cache_read_image_tokens), 0) END AS read_apart,
        CASE WHEN told_apart THEN coalesce(measure(output_audio_tokens), 0) + coalesce(measure(output_image_tokens), 0) END AS output_apart,
        CASE WHEN told_apart THEN coalesce(measure(searches), 0) + coalesce(measure(fetches), 0) + coalesce(measure(file_searches), 0) END
            AS asked_apart,
        coalesce(named(model), getvariable('set_model')) AS model_name,
        named(api_key_name) AS key_name
    FROM solved
), admitted AS (
SELECT
    CAST(source_id AS INTEGER) AS source_id,
    CAST(record AS BIGINT) AS record,
    CAST(coalesce(records, 1) AS BIGINT) AS records,
    CAST(coalesce(calls, 1) AS BIGINT) AS calls,
    -- Words and zeros that loggers put where there is no id.
    CASE WHEN strlen(request_id) <= 9 AND lower(trim(request_id)) IN ('', '-', 'n/a', 'na', 'nil', 'null', 'none', 'unknown', 'undefined')
           OR request_id IN ('0000000000000000', '00000000000000000000000000000000', '00000000-0000-0000-0000-000000000000') THEN NULL
         WHEN strlen(request_id) <= 1000 THEN request_id ELSE request_id[:1000] END AS request_id,
    coalesce(
        begun,
        TRY(make_timestamp(epoch_us(ended) - CAST(CASE WHEN latency_us >= 0 AND latency_us < 1e13 THEN latency_us END AS BIGINT))),
        TRY(make_timestamp(epoch_us(ended) - CAST(CASE WHEN latency_s_us >= 0 AND latency_s_us < 1e13 THEN latency_s_us END AS BIGINT))),
        ended, TIMESTAMP '1970-01-01') AS started_at,
    coalesce(
        ended,
        TRY(make_timestamp(epoch_us(begun) + CAST(CASE WHEN latency_us >= 0 AND latency_us < 1e13 THEN latency_us END AS BIGINT))),
        TRY(make_timestamp(epoch_us(begun) + CAST(CASE WHEN latency_s_us >= 0 AND latency_s_us < 1e13 THEN latency_s_us END AS BIGINT)))) AS completed_at,
    bucket_ended AS bucket_end,
    coalesce(routed(endpoint), getvariable('set_endpoint')) AS endpoint,
    coalesce(model_name, '') AS model,
    named(provider) AS provider,
    named(operation) AS operation,
    coalesce(named(session_id), getvariable('set_session')) AS session_id,
    masked(key_name) AS api_key_name,
    coalesce(named(team), getvariable('set_team')) AS team,
    named(user_name) AS user_name,
    outcome(status) AS status,
    TRY_CAST(input_sum AS BIGINT) AS input_tokens,
    TRY_CAST(measure(cache_read_tokens) AS BIGINT) AS cache_read_tokens,
    TRY_CAST(measure(cache_write_tokens) AS BIGINT) AS cache_write_tokens,
    TRY_CAST(output_sum AS BIGINT) AS output_tokens,
    TRY_CAST(measure(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
    CAST(tool_calls AS BIGINT) AS tool_calls,
    money(stated_cost) AS stated_cost,
    CAST(stated_currency AS VARCHAR) AS stated_currency,
    CAST(stated_input AS BIGINT) AS stated_input,
    CAST(stated_cache_read AS BIGINT) AS stated_cache_read,
    CAST(stated_output AS BIGINT) AS stated_output,
    CAST(prefix_blocks AS VARCHAR[]) AS prefix_blocks,
    CAST(block_size AS INTEGER) AS block_size,
    CAST(input_from AS BIGINT) AS input_from,
    named(service_tier) AS service_tier,
    TRY_CAST(measure(cache_write_1h_tokens) AS BIGINT) AS cache_write_1h_tokens,
    CASE WHEN input_apart + read_apart + output_apart + asked_apart > 0 THEN map_from_entries(list_filter([
        {'key': 'input_audio', 'value': TRY_CAST(measure(input_audio_tokens) AS BIGINT)},
        -- Where a log does not say which of them were cached: as few as can be, they are the dearer ones to miss.
        {'key': 'cache_read_audio', 'value': TRY_CAST(coalesce(measure(cache_read_audio_tokens),
            measure(input_audio_tokens) + measure(cache_read_tokens) - input_sum) AS BIGINT)},
        {'key': 'input_image', 'value': TRY_CAST(measure(input_image_tokens) AS BIGINT)},
        {'key': 'cache_read_image', 'value': TRY_CAST(coalesce(measure(cache_read_image_tokens),
            measure(input_image_tokens) + measure(cache_read_tokens) - input_sum) AS BIGINT)},
        {'key': 'output_audio', 'value': TRY_CAST(measure(output_audio_tokens) AS BIGINT)},
        {'key': 'output_image', 'value': TRY_CAST(measure(output_image_tokens) AS BIGINT)},
        {'key': 'search', 'value': TRY_CAST(measure(searches) AS BIGINT)},
        {'key': 'fetch', 'value': TRY_CAST(measure(fetches) AS BIGINT)},
        {'key': 'file_search', 'value': TRY_CAST(measure(file_searches) AS BIGINT)}
    ], lambda e: e.value > 0)) END AS apart,
    CASE
        WHEN skip IS NOT NULL THEN 'skipped:' || skip
        WHEN refusal IS NOT NULL THEN 'rejected:' || refusal
        WHEN begun IS NULL AND ended IS NULL AND named(started_at) IS NULL THEN 'rejected:no time (looked for ' || getvariable('time_words') || ')'
        WHEN begun IS NULL AND ended IS NULL THEN 'rejected:its time is neither ISO 8601 nor a Unix time'
        WHEN coalesce(begun, ended) < TIMESTAMP '2000-01-01' OR coalesce(begun, ended) >= TIMESTAMP '2100-01-01'
          OR ended < TIMESTAMP '2000-01-01' OR ended >= TIMESTAMP '2100-01-01'
            THEN 'rejected:its time is not between 2000 and 2100 (an offset? give its origin with --set time=...)'
        WHEN bucket_ended <= begun OR bucket_ended > begun + INTERVAL 366 DAY
            THEN 'rejected:its bucket of time ends before it begins, with it, or more than a year later'
        WHEN model_name IS NULL THEN 'rejected:no model (looked for ' || getvariable('model_words') || ')'
        WHEN miscounted(input_tokens) THEN 'rejected:input_tokens is no whole number from 0 to 2^53 - 1: ' || shown(input_tokens)
        WHEN miscounted(output_tokens) THEN 'rejected:output_tokens is no whole number from 0 to 2^53 - 1: ' || shown(output_tokens)
        WHEN miscounted(cache_read_tokens) THEN 'rejected:cache_read_tokens is no whole number from 0 to 2^53 - 1: ' || shown(cache_read_tokens)
        WHEN miscounted(cache_write_tokens) THEN 'rejected:cache_write_tokens is no whole number from 0 to 2^53 - 1: ' || shown(cache_write_tokens)
        WHEN miscounted(cache_write_1h_tokens) THEN 'rejected:cache_write_1h_tokens is no whole number from 0 to 2^53 - 1: ' || shown(cache_write_1h_tokens)
        WHEN miscounted(reasoning_tokens) THEN 'rejected:reasoning_tokens is no whole number from 0 to 2^53 - 1: ' || shown(reasoning_tokens)
        WHEN miscounted(total_tokens) THEN 'rejected:total_tokens is no whole number from 0 to 2^53 - 1: ' || shown(total_tokens)
        WHEN told_apart AND (miscounted(input_audio_tokens) OR miscounted(cache_read_audio_tokens) OR miscounted(output_audio_tokens)
          OR miscounted(input_image_tokens) OR miscounted(cache_read_image_tokens) OR miscounted(output_image_tokens))
            THEN 'rejected:a count of audio or image tokens is no whole number from 0 to 2^53 - 1'
        WHEN told_apart AND (miscounted(searches) OR miscounted(fetches) OR miscounted(file_searches))
            THEN 'rejected:a count of searches is no whole number from 0 to 2^53 - 1'
        WHEN beside IS NULL THEN 'rejected:the counts do not add up: input_tokens ' || shown(input_tokens) || ' and output_tokens '
            || shown(output_tokens) || ' against total_tokens ' || shown(total_tokens)
        WHEN i < 0 OR o < 0 THEN 'rejected:the counts do not add up: total_tokens ' || shown(total_tokens) || ' is less than its parts'
        WHEN cached > input_sum THEN 'rejected:cache_read_tokens ' || coalesce(shown(cache_read_tokens), '0')
            || ' and cache_write_tokens ' || coalesce(shown(cache_write_tokens), '0') || ' exceed input_tokens ' || CAST(CAST(input_sum AS BIGINT) AS VARCHAR)
        WHEN measure(cache_write_1h_tokens) > coalesce(measure(cache_write_tokens), 0) THEN 'rejected:cache_write_1h_tokens ' || shown(cache_write_1h_tokens)
            || ' exceed cache_write_tokens ' || coalesce(shown(cache_write_tokens), '0')
        WHEN reasoned > output_sum THEN 'rejected:reasoning_tokens ' || shown(reasoning_tokens) || ' exceed output_tokens ' || CAST(CAST(output_sum AS BIGINT) AS VARCHAR)
        WHEN input_apart > input_sum OR output_apart > output_sum
            THEN 'rejected:audio and image tokens are more than the tokens that they are part of'
        WHEN read_apart > input_apart OR read_apart > coalesce(measure(cache_read_tokens), 0)
            THEN 'rejected:cached audio and image tokens are more than those that were read or cached'
        -- What other records of the log say of these words settles it (`beside.sql`).
        WHEN cache_loose AND beside IN (1, 3) THEN 'cache:beside'
        WHEN cache_loose AND t IS NULL AND cached > 0 THEN 'cache:open'
    END AS fate,
    restated
FROM summed
)
-- Keys in names, last and of columns alone: a macro repeats what it is given, and DuckDB would plan all of that.
SELECT * EXCLUDE (restated) REPLACE (
    unkeyed(endpoint) AS endpoint, unkeyed(model) AS model, unkeyed(provider) AS provider, unkeyed(operation) AS operation,
    unkeyed(session_id) AS session_id, unkeyed(api_key_name) AS api_key_name, unkeyed(team) AS team,
    unkeyed(user_name) AS user_name, unkeyed(status) AS status, unkeyed(service_tier) AS service_tier,
    CASE WHEN starts_with(fate, 'rejected:') THEN fate ELSE with_restated(fate, restated) END AS fate
)
FROM admitted

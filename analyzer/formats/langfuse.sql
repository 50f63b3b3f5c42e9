-- name:      langfuse
-- title:     Langfuse observations: exports (CSV, JSON, JSON lines, blob storage) and pages of its API
-- source:    https://langfuse.com/docs/api-and-data-platform/features/export-from-ui
--            https://langfuse.com/docs/observability/features/token-and-cost-tracking
-- container: json csv
-- grain:     split
-- evidence:  traceId | trace_id | data[].traceId
-- evidence:  startTime | start_time | data[].startTime
-- evidence:  usageDetails | usage_details | meta
-- evidence:  parentObservationId | parent_observation_id | type | meta
-- time:      startTime | start_time
-- model:     model | providedModelName | provided_model_name
-- let:       ENTRY = STRUCT(id VARCHAR, type VARCHAR, name VARCHAR, level VARCHAR, model VARCHAR, latency VARCHAR,
--                           traceId VARCHAR, projectId VARCHAR, startTime VARCHAR, endTime VARCHAR, latencyMs VARCHAR,
--                           providedModelName VARCHAR, usageDetails VARCHAR, totalCost VARCHAR, calculatedTotalCost VARCHAR,
--                           inputUsage VARCHAR, outputUsage VARCHAR, totalUsage VARCHAR, promptTokens VARCHAR,
--                           completionTokens VARCHAR, totalTokens VARCHAR, traceName VARCHAR, promptName VARCHAR,
--                           userId VARCHAR, sessionId VARCHAR, toolCallsCount VARCHAR)
-- columns:   id VARCHAR, type VARCHAR, name VARCHAR, level VARCHAR, model VARCHAR, latency VARCHAR,
--            traceId VARCHAR, projectId VARCHAR, startTime VARCHAR, endTime VARCHAR, latencyMs VARCHAR,
--            providedModelName VARCHAR, usageDetails VARCHAR, totalCost VARCHAR, calculatedTotalCost VARCHAR,
--            inputUsage VARCHAR, outputUsage VARCHAR, totalUsage VARCHAR, promptTokens VARCHAR,
--            completionTokens VARCHAR, totalTokens VARCHAR, traceName VARCHAR, promptName VARCHAR,
--            userId VARCHAR, sessionId VARCHAR, toolCallsCount VARCHAR,
--            trace_id VARCHAR, project_id VARCHAR, start_time VARCHAR, end_time VARCHAR, provided_model_name VARCHAR,
--            usage_details VARCHAR, total_cost VARCHAR, trace_name VARCHAR, prompt_name VARCHAR, user_id VARCHAR,
--            session_id VARCHAR, data ENTRY[]
--
-- Generations and embeddings are calls; other observations may repeat their usage. usageDetails holds buckets that by
-- contract exclude each other, and their total: the cached part stands beside `input`, reasoning beside `output`. Many
-- writers put the provider's inclusive numbers there: then the total tells. In the CSV an instant stands in quotes.
-- Its callback for LangChain tells what was written both in whole and by lifetime (`ephemeral`), and gives the name of a
-- service tier to a bucket.
WITH entry AS (
    SELECT source_id, record, id, type, name, level, latency, latencyMs, traceName, promptName, userId,
        toolCallsCount, calculatedTotalCost, inputUsage, outputUsage, totalUsage, promptTokens, completionTokens, totalTokens,
        coalesce(model, provided_model_name) AS model, providedModelName,
        coalesce(traceId, trace_id) AS traceId, coalesce(projectId, project_id) AS projectId,
        coalesce(startTime, start_time) AS startTime, coalesce(endTime, end_time) AS endTime,
        coalesce(usageDetails, usage_details) AS usageDetails, coalesce(totalCost, total_cost) AS totalCost,
        coalesce(sessionId, session_id) AS sessionId, coalesce(traceName, trace_name) AS trace,
        coalesce(promptName, prompt_name) AS prompt, coalesce(userId, user_id) AS person
    FROM records
    WHERE data IS NULL
    UNION ALL BY NAME
    SELECT source_id, record, unnest(data, max_depth := 2) FROM records
), opened AS (
    -- Each bucket with what it counts. `total` is no bucket; where none was given, Langfuse puts the sum of all there.
    SELECT *,
        list_filter(
            list_transform(
                map_entries(TRY_CAST(TRY_CAST(usageDetails AS JSON) AS MAP(VARCHAR, VARCHAR))),
                lambda one: {
                    'n': one.value,
                    'key': lower(one.key),
                    'is': CASE
                        WHEN one.key IN ('input', 'output', 'total') THEN one.key
                        WHEN contains(one.key, 'ephemeral_')
                            THEN CASE WHEN contains(one.key, '1h') THEN 'lived 1h' ELSE 'lived' END
                        WHEN contains(one.key, 'cache_creation') OR contains(one.key, 'cache_write')
                            THEN CASE WHEN contains(one.key, '1h') THEN 'written 1h' ELSE 'written' END
                        WHEN contains(one.key, 'cached') OR contains(one.key, 'cache_read') THEN 'cached'
                        WHEN contains(one.key, 'reasoning') OR one.key = 'thoughts_token_count' THEN 'reasoning'
                        WHEN contains(one.key, 'input') THEN 'input part'
                        WHEN contains(one.key, 'output') THEN 'output part'
                    END}),
            lambda one: one."is" IS NOT NULL AND one.n IS NOT NULL) AS all_buckets,
        -- Of Gemini's, what was cached is told in whole and by modality.
        CASE WHEN len(list_filter(all_buckets, lambda one: starts_with(one."key", 'cached_modality_'))) > 0
             THEN list_filter(all_buckets, lambda one: one."key" <> 'cached_content_token_count') ELSE all_buckets END AS buckets
    FROM entry
), summed AS (
    SELECT *,
        list_filter(buckets, lambda one: miscounted(one.n))[1].n AS wrong,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'input']) AS input_own,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'output']) AS output_own,
        coalesce(list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'input part']), 0) AS input_parts,
        coalesce(list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'output part']), 0) AS output_parts,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'cached']) AS cached,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" LIKE 'written%']) AS whole_written,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" LIKE 'lived%']) AS lived,
        greatest(whole_written, lived) AS written,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" IN ('written 1h', 'lived 1h')]) AS written_1h,
        coalesce(least(whole_written, lived), 0) AS written_twice,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" <> 'total']) AS everything,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'input part' AND contains(one."key", 'audio')]) AS heard,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'input part' AND contains(one."key", 'image')]) AS seen,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'cached' AND contains(one."key", 'audio')]) AS heard_again,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'cached' AND contains(one."key", 'image')]) AS seen_again,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'output part' AND contains(one."key", 'audio')]) AS spoken,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'output part' AND contains(one."key", 'image')]) AS drawn,
        CASE WHEN len(list_filter(buckets, lambda one: contains(one."key", 'put_priority') AND measure(one.n) > 0)) > 0 THEN 'priority'
             WHEN len(list_filter(buckets, lambda one: contains(one."key", 'put_flex') AND measure(one.n) > 0)) > 0 THEN 'flex' END AS tier,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'reasoning']) AS reasoned,
        list_sum([measure(one.n) FOR one IN buckets IF one."is" = 'total']) AS total,
        coalesce(list_sum([measure(one.n) FOR one IN buckets]), 0) > 0 AS measured
    FROM opened
), told AS (
    -- Audio and the like are buckets of their own, too, unless the total says that `input` and `output` have them already.
    SELECT *,
        coalesce(input_own, 0) + coalesce(output_own, 0) AS own,
        coalesce(cached, 0) + coalesce(written, 0) AS cache,
        input_parts + output_parts AS parts,
        coalesce(total IN (own, own + cache, own + coalesce(reasoned, 0), own + cache + coalesce(reasoned, 0))
                 AND total NOT IN (own + parts, own + parts + cache, own + parts + coalesce(reasoned, 0),
                                   own + parts + cache + coalesce(reasoned, 0)), false) AS sliced,
        NOT measured AND coalesce(measure(inputUsage), measure(promptTokens), 0)
                         + coalesce(measure(outputUsage), measure(completionTokens), 0) > 0 AS plain,
        -- Where a side has buckets but not its plain one, that is 0; an embedding has no output.
        coalesce(input_own, CASE WHEN cache + input_parts > 0 THEN 0 END) + CASE WHEN sliced THEN 0 ELSE input_parts END AS input_count,
        coalesce(output_own, CASE WHEN coalesce(reasoned, 0) + output_parts > 0 OR type = 'EMBEDDING' THEN 0 END)
            + CASE WHEN sliced THEN 0 ELSE output_parts END AS output_count,
        -- What was written was taken off the input twice, which cannot be less than nothing: the total tells what is left.
        total - coalesce(output_count, 0) - coalesce(reasoned, 0) - cache AS left_over
    FROM summed
)
SELECT
    source_id,
    record,
    1 AS records,
    CASE WHEN TRY_CAST(id AS UUID) IS NOT NULL THEN id ELSE 'langfuse:' || nullif(id, '') END AS request_id,
    CASE WHEN type NOT IN ('GENERATION', 'EMBEDDING')
         THEN CASE WHEN measured OR plain THEN 'an aggregate of calls already counted' ELSE 'a step of a trace, no model call' END
         END AS skip,
    CASE WHEN wrong IS NOT NULL THEN 'a count of usageDetails is no whole number from 0 to 2^53 - 1: ' || shown(wrong) END AS refusal,
    trim(startTime, '"') AS started_at,
    trim(endTime, '"') AS completed_at,
    latencyMs AS latency_ms,
    latency AS latency_s,
    coalesce(nullif(name, ''), trace, traceName, prompt, promptName) AS endpoint,
    coalesce(providedModelName, model) AS model,
    CASE type WHEN 'EMBEDDING' THEN 'embeddings' END AS operation,
    coalesce(nullif(sessionId, ''), traceId) AS session_id,
    projectId AS team,
    coalesce(person, userId) AS user_name,
    CASE level WHEN 'ERROR' THEN 'error' END AS status,
    CASE WHEN measured AND written_twice > 0 AND total <> everything AND left_over >= 0 THEN CAST(left_over AS VARCHAR)
         WHEN measured THEN CAST(input_count AS VARCHAR) WHEN plain THEN coalesce(inputUsage, promptTokens) END AS input_tokens,
    CASE WHEN measured THEN cached END AS cache_read_tokens,
    CASE WHEN measured THEN written END AS cache_write_tokens,
    CASE WHEN measured THEN written_1h END AS cache_write_1h_tokens,
    CASE WHEN measured THEN CAST(output_count AS VARCHAR) WHEN plain THEN coalesce(outputUsage, completionTokens) END AS output_tokens,
    CASE WHEN measured THEN reasoned END AS reasoning_tokens,
    -- A sum in which the written tokens stand twice tells nothing.
    CASE WHEN measured AND NOT (written_twice > 0 AND coalesce(total = everything, false)) THEN CAST(total AS VARCHAR) WHEN plain THEN coalesce(totalUsage, totalTokens) END AS total_tokens,
    true AS cache_beside,
    true AS reasoning_beside,
    CASE WHEN measured THEN tier END AS service_tier,
    -- Of exclusive buckets the cached ones are beside those that were not.
    CASE WHEN measured THEN heard + CASE WHEN sliced THEN 0 ELSE coalesce(heard_again, 0) END END AS input_audio_tokens,
    CASE WHEN measured AND heard IS NOT NULL THEN heard_again END AS cache_read_audio_tokens,
    CASE WHEN measured THEN spoken END AS output_audio_tokens,
    CASE WHEN measured THEN seen + CASE WHEN sliced THEN 0 ELSE coalesce(seen_again, 0) END END AS input_image_tokens,
    CASE WHEN measured AND seen IS NOT NULL THEN seen_again END AS cache_read_image_tokens,
    CASE WHEN measured THEN drawn END AS output_image_tokens,
    TRY_CAST(toolCallsCount AS BIGINT) AS tool_calls,
    coalesce(totalCost, calculatedTotalCost) AS stated_cost,
    CASE WHEN coalesce(totalCost, calculatedTotalCost) IS NOT NULL THEN 'USD' END AS stated_currency
FROM told
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, 'an empty page' AS skip FROM records WHERE len(data) = 0

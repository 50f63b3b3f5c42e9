-- name:      librechat
-- title:     LibreChat: collection transactions, as mongoexport writes it (JSON lines, CSV)
-- source:    https://www.librechat.ai/docs/configuration/token_usage
--            https://github.com/danny-avila/LibreChat
-- container: json csv
-- grain:     group
-- evidence:  tokenType = prompt | completion | credits
-- evidence:  rawAmount | tokenValue
-- evidence:  user | conversationId
-- evidence:  createdAt
-- time:      createdAt
-- model:     model
-- columns:   _id VARCHAR, user VARCHAR, conversationId VARCHAR, messageId VARCHAR, tenantId VARCHAR, tokenType VARCHAR,
--            model VARCHAR, context VARCHAR, rawAmount VARCHAR, tokenValue VARCHAR, inputTokens VARCHAR, writeTokens VARCHAR,
--            readTokens VARCHAR, createdAt VARCHAR
--
-- A call is two records, its prompt and its completion, and nothing joins them but whose they are and when they were written:
-- those of one conversation, model and purpose that follow each other within five seconds are paired in the order in which
-- they were made, which _id tells. Amounts are negative. rawAmount of a prompt is the sum of inputTokens, writeTokens and
-- readTokens, where these are told: without a cache they are not, and of a call without output there is no completion then.
-- A million of tokenValue is a dollar. Credits are money put into an account. Extended JSON names the type of a value.
WITH plain AS (
    SELECT source_id, record, tokenType AS kind, model, conversationId AS conversation, messageId AS message,
        regexp_replace(named(context), '\s+', ' ') AS context, tenantId AS tenant,
        regexp_extract("user", '[0-9a-f]{24}') AS person,
        coalesce(nullif(regexp_extract(_id, '[0-9a-f]{24}'), ''), _id) AS id,
        coalesce(nullif(regexp_extract(createdAt, '"\$date"\s*:\s*(?:\{\s*"\$numberLong"\s*:\s*)?"?([^"}]+)', 1), ''), createdAt) AS made_at,
        [regexp_replace(regexp_replace(amount, '^\{\s*"\$number[A-Za-z0-9]+"\s*:\s*"([^"]*)"\s*\}$', '\1'), '^-', '')
         FOR amount IN [rawAmount, inputTokens, writeTokens, readTokens, tokenValue]] AS amounts
    FROM records
), told AS (
    SELECT *, amounts[1] AS raw, amounts[2] AS own, amounts[3] AS written, amounts[4] AS cached, amounts[5] AS credits,
        coalesce(id, CAST(record AS VARCHAR)) AS place
    FROM plain
), followed AS (
    SELECT *, instant(made_at) - lag(instant(made_at)) OVER in_order > INTERVAL 5 SECOND AS after_a_while
    FROM told
    WHERE kind IN ('prompt', 'completion')
    WINDOW in_order AS (PARTITION BY source_id, person, conversation, message, model, context ORDER BY instant(made_at), place, record)
), ranked AS (
    SELECT *,
        count(*) FILTER (WHERE after_a_while) OVER in_order AS burst
    FROM followed
    WINDOW in_order AS (PARTITION BY source_id, person, conversation, message, model, context ORDER BY instant(made_at), place, record)
), paired AS (
    -- A record that is there again is of the pair of its copy.
    SELECT *,
        dense_rank() OVER (PARTITION BY source_id, person, conversation, message, model, context, burst, kind ORDER BY place) AS pair,
        row_number() OVER (PARTITION BY source_id, person, conversation, message, model, context, burst, kind, place ORDER BY record) AS copy
    FROM ranked
), call AS (
    SELECT source_id, person, conversation, message, model, context, burst, pair, copy,
        min(record) AS record, count(*) AS records, max(tenant) AS tenant, max(made_at) AS made_at,
        max(id) FILTER (WHERE kind = 'prompt') AS prompt_id,
        max(id) FILTER (WHERE kind = 'completion') AS completion_id,
        max(raw) FILTER (WHERE kind = 'prompt') AS given,
        max(own) FILTER (WHERE kind = 'prompt') AS own,
        max(written) FILTER (WHERE kind = 'prompt') AS written,
        max(cached) FILTER (WHERE kind = 'prompt') AS cached,
        max(raw) FILTER (WHERE kind = 'completion') AS made,
        sum(TRY_CAST(credits AS DECIMAL(26, 9))) AS credits
    FROM paired
    GROUP BY ALL
)
SELECT
    source_id,
    record,
    records,
    CAST(NULL AS VARCHAR) AS skip,
    CAST(NULL AS VARCHAR) AS refusal,
    'librechat:' || coalesce(prompt_id, completion_id) AS request_id,
    -- Where a log was cut between them, its completion is a request by itself.
    CASE WHEN prompt_id IS NOT NULL AND completion_id IS NOT NULL THEN ['librechat:' || completion_id] END AS restated,
    made_at AS completed_at,
    context AS endpoint,
    model,
    conversation AS session_id,
    tenant AS team,
    person AS user_name,
    CASE WHEN context = 'incomplete' THEN 'incomplete' END AS status,
    CASE WHEN measured THEN coalesce(own, given) END AS input_tokens,
    CASE WHEN measured THEN cached END AS cache_read_tokens,
    CASE WHEN measured THEN written END AS cache_write_tokens,
    CASE WHEN measured THEN coalesce(made, CASE WHEN own IS NOT NULL THEN '0' END) END AS output_tokens,
    own IS NOT NULL AS cache_beside,
    CASE WHEN measured THEN CAST(credits AS DECIMAL(26, 9)) * CAST(0.000001 AS DECIMAL(7, 6)) END AS stated_cost,
    CASE WHEN measured AND credits IS NOT NULL THEN 'USD' END AS stated_currency
FROM (
    SELECT *, usage_told(coalesce(own, given), made) AS measured
    FROM call
)
UNION ALL BY NAME
SELECT source_id, record, 1 AS records, model, made_at AS completed_at,
    CASE kind WHEN 'credits' THEN 'money put into an account, no model call' END AS skip,
    CASE WHEN kind IS DISTINCT FROM 'credits' THEN 'tokenType is none of prompt, completion, credits' END AS refusal
FROM told
WHERE kind IS NULL OR kind NOT IN ('prompt', 'completion')
ORDER BY source_id, record

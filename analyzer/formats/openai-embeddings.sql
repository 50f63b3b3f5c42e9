-- name:      openai-embeddings
-- title:     OpenAI-compatible embeddings: replies
-- source:    https://platform.openai.com/docs/api-reference/embeddings/object
-- container: json
-- needs:     a time: `--set time=…`
-- evidence:  object = list
-- evidence:  usage.prompt_tokens
-- evidence:  model
-- time:      created | created_at | timestamp | ts | time
-- model:     model
-- columns:   object VARCHAR, model VARCHAR, id VARCHAR, request_id VARCHAR, created VARCHAR, created_at VARCHAR,
--            timestamp VARCHAR, ts VARCHAR, time VARCHAR, latency_ms VARCHAR,
--            endpoint VARCHAR, route VARCHAR, path VARCHAR, url VARCHAR, feature VARCHAR, session_id VARCHAR,
--            api_key_name VARCHAR, team VARCHAR, user VARCHAR, provider VARCHAR,
--            usage STRUCT(prompt_tokens COUNT, total_tokens COUNT)
--
-- A reply has neither id nor time: without one that the logger added, `--set time=...` gives it, and nothing tells two
-- equal replies apart from one told twice, so both count. What is embedded is all input.
SELECT
    source_id,
    -- A running number is no identity.
    CASE WHEN NOT regexp_full_match(coalesce(id, request_id), '\d{0,12}') THEN coalesce(id, request_id) END AS request_id,
    CASE WHEN object = 'list' AND usage IS NULL THEN 'a list, no answer of a model' END AS skip,
    coalesce(created, created_at, timestamp, ts, time) AS started_at,
    latency_ms,
    coalesce(endpoint, route, path, url, feature, '/v1/embeddings') AS endpoint,
    model,
    lower(provider) AS provider,
    'embeddings' AS operation,
    session_id,
    api_key_name,
    team,
    "user" AS user_name,
    coalesce(usage.prompt_tokens, usage.total_tokens) AS input_tokens,
    CASE WHEN coalesce(usage.prompt_tokens, usage.total_tokens) IS NOT NULL THEN CAST(0 AS COUNT) END AS output_tokens,
    usage.total_tokens AS total_tokens
FROM records

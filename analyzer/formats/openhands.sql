-- name:      openhands
-- title:     OpenHands conversations (~/.openhands/conversations/*/base_state.json), and outputs of its benchmarks
-- source:    https://github.com/OpenHands/software-agent-sdk/blob/main/openhands-sdk/openhands/sdk/llm/utils/metrics.py
--            https://docs.openhands.dev/sdk/guides/metrics
-- container: json
-- grain:     split
-- evidence:  stats.usage_to_metrics | stats.service_to_metrics | metrics.token_usages
-- evidence:  execution_status | agent_status | persistence_dir | instance_id | updated_at
-- time:      costs.timestamp, created_at
-- model:     token_usages.model
-- needs:     a time: `--set time=…` where calls have no price of OpenHands' own
-- let:       METRICS = STRUCT(accumulated_cost VARCHAR,
--                             accumulated_token_usage STRUCT(model VARCHAR, prompt_tokens COUNT, completion_tokens COUNT),
--                             costs STRUCT(model VARCHAR, cost VARCHAR, timestamp VARCHAR)[],
--                             response_latencies STRUCT(latency VARCHAR, response_id VARCHAR)[],
--                             token_usages STRUCT(model VARCHAR, prompt_tokens COUNT, completion_tokens COUNT,
--                                 cache_read_tokens COUNT, cache_write_tokens COUNT, reasoning_tokens COUNT,
--                                 response_id VARCHAR)[])
-- columns:   id VARCHAR, instance_id VARCHAR, created_at VARCHAR,
--            stats STRUCT(usage_to_metrics MAP(VARCHAR, METRICS), service_to_metrics MAP(VARCHAR, METRICS)),
--            metrics METRICS
--
-- A conversation is one object; each usage of one of its models is a record. Only costs have a time, and a call without a cost
-- has none: where there are as many as usages, the first is that of the first. Cached and written tokens are inside the prompt;
-- where there are more of them than that, an agent of another vendor told them beside it. A conversation that goes on is written
-- anew, and a conversation's agents restate what those told whom they sent: the id of the reply tells.
WITH conversation AS (
    SELECT source_id, record, coalesce(id, instance_id) AS conversation, created_at, metrics,
        map_entries(coalesce(stats.usage_to_metrics, stats.service_to_metrics)) AS apart
    FROM records
), told AS (
    SELECT *, unnest(CASE WHEN len(apart) > 0 THEN apart ELSE [{'key': CAST(NULL AS VARCHAR), 'value': metrics}] END) AS one
    FROM conversation
), counted AS (
    SELECT source_id, record, conversation, created_at, one.key AS usage_id, one.value AS m,
        unnest(range(1, greatest(1, coalesce(len(one.value.token_usages), 0)) + 1)) AS place
    FROM told
), used AS (
    SELECT *,
        m.token_usages[place] AS u,
        CASE WHEN len(m.costs) = len(m.token_usages) THEN m.costs[place] END AS cost,
        list_filter(m.response_latencies, lambda one: one.response_id = m.token_usages[place].response_id AND one.response_id <> '') AS latencies
    FROM counted
)
SELECT
    source_id, record, 1 AS records,
    CASE WHEN u IS NULL AND usage_told(m.accumulated_token_usage.prompt_tokens, m.accumulated_token_usage.completion_tokens)
             THEN 'a sum of calls that are not listed'
         WHEN u IS NULL THEN 'a conversation without a call' END AS skip,
    coalesce(nullif(u.response_id, ''), concat_ws(':', 'openhands', conversation, usage_id, place)) AS request_id,
    coalesce(cost.timestamp, created_at) AS completed_at,
    latencies[1].latency AS latency_s,
    concat_ws('/', 'openhands', usage_id) AS endpoint,
    regexp_replace(u.model, '^litellm_proxy/', '') AS model,
    'chat' AS operation,
    conversation AS session_id,
    CASE WHEN measured THEN u.prompt_tokens END AS input_tokens,
    CASE WHEN measured THEN u.cache_read_tokens END AS cache_read_tokens,
    CASE WHEN measured THEN u.cache_write_tokens END AS cache_write_tokens,
    CASE WHEN measured THEN u.completion_tokens END AS output_tokens,
    CASE WHEN measured THEN u.reasoning_tokens END AS reasoning_tokens,
    coalesce(measure(u.cache_read_tokens), 0) + coalesce(measure(u.cache_write_tokens), 0) > measure(u.prompt_tokens) AS cache_beside,
    CASE WHEN measured THEN cost.cost END AS stated_cost,
    CASE WHEN measured AND cost.cost IS NOT NULL THEN 'USD' END AS stated_currency
FROM (SELECT *, usage_told(u.prompt_tokens, u.completion_tokens) AS measured FROM used)

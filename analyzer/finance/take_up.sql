-- What came late for closed months (`months`) and stands in no line yet, as lines of the closing that takes it up (`taker`): what
-- the ledger holds of them now, at the prices of their closing (pinned_entries), less what they were closed with and what other
-- closings (`closings`) took up. What is alike in both cancels out. A rule of allocation that was changed since moves nothing:
-- lines that differ in who pays alone are left out.
INSERT INTO taken_entries BY NAME
WITH signed AS (
    SELECT 1 AS sign, * FROM pinned_entries WHERE list_contains(getvariable('months'), month)
    UNION ALL BY NAME
    SELECT -1 AS sign, * EXCLUDE (closing_id) FROM closed_entries
    WHERE list_contains(getvariable('months'), month) AND list_contains(getvariable('closings'), closing_id)
    UNION ALL BY NAME
    SELECT -1 AS sign, * EXCLUDE (closing_id) FROM taken_entries
    WHERE list_contains(getvariable('months'), month) AND list_contains(getvariable('closings'), closing_id)
), netted AS (
    SELECT
        hour, local_hour, day, month, endpoint, logged_endpoint, api_key_name, team, cost_center, model, provider, service_tier,
        serves, "window", outcome, measured, priced, split_known, p_miss, p_read, p_write, p_write_1h, p_output, p_request, size_from,
        -- Which sizes are told apart depends on what else was called.
        max(size_class) AS size_class,
        sum(sign * requests) AS requests,
        sum(sign * input_tokens) AS input_tokens,
        sum(sign * miss_tokens) AS miss_tokens,
        sum(sign * read_tokens) AS read_tokens,
        sum(sign * write_tokens) AS write_tokens,
        sum(sign * write_1h_tokens) AS write_1h_tokens,
        sum(sign * output_tokens) AS output_tokens,
        sum(sign * reasoning_tokens) AS reasoning_tokens,
        sum(sign * miss_cost) AS miss_cost,
        sum(sign * read_cost) AS read_cost,
        sum(sign * write_cost) AS write_cost,
        sum(sign * output_cost) AS output_cost,
        sum(sign * other_cost) AS other_cost,
        sum(sign * cost) AS cost,
        sum(sign * peak_cost) AS peak_cost,
        flatten(list(list_transform(apart, lambda one: {
            'kind': one.kind, 'amount': sign * one.amount, 'adds': one.adds, 'adds_read': one.adds_read
        })) FILTER (WHERE apart IS NOT NULL)) AS apart
    FROM signed
    GROUP BY ALL
), told AS (
    SELECT
        *,
        requests <> 0 OR input_tokens <> 0 OR output_tokens <> 0 OR coalesce(cost, 0) <> 0 AS anything,
        sum(requests) OVER alike <> 0 OR sum(input_tokens) OVER alike <> 0
            OR sum(output_tokens) OVER alike <> 0 OR coalesce(sum(cost) OVER alike, 0) <> 0 AS came
    FROM netted
    WINDOW alike AS (
        PARTITION BY hour, month, endpoint, logged_endpoint, api_key_name, model, provider, service_tier, serves, "window", outcome,
            measured, priced, split_known, p_miss, p_read, p_write, p_write_1h, p_output, p_request, size_from
    )
)
SELECT getvariable('taker') AS closing_id, * EXCLUDE (anything, came) FROM told WHERE anything AND came ORDER BY ALL

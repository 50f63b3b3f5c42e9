-- Which tokens of an entry are charged at which price: one row for each. What is no text was counted as text: it moves from
-- the price of that to its own, so that what is left of the text and what is apart add up to the entry's cost, to the last unit.
WITH told AS (
    SELECT
        e.*,
        coalesce(l.input, e.p_miss) AS l_miss,
        coalesce(l.cache_read, e.p_read) AS l_read,
        coalesce(l.cache_write, e.p_write) AS l_write,
        coalesce(l.cache_write_1h, e.p_write_1h) AS l_write_1h,
        coalesce(l.output, e.p_output) AS l_output,
        coalesce(l.request, e.p_request) AS l_request,
        l.input IS NOT NULL AS listed,
        l.apart AS l_apart,
        n.service_provider,
        n.tier
    FROM entries AS e
    JOIN focus_names AS n
        ON n.model = e.model AND n.provider IS NOT DISTINCT FROM e.provider AND n.service_tier IS NOT DISTINCT FROM e.service_tier
    LEFT JOIN focus_list AS l
        ON l.model = e.model AND l.hour = e.hour AND l."window" = e."window" AND l.provider IS NOT DISTINCT FROM e.provider
        AND l.service_tier IS NOT DISTINCT FROM e.service_tier AND l.input_from <= e.size_from AND e.size_from < l.input_to
    WHERE e.priced
), text_moves AS (
    SELECT * EXCLUDE (apart), unnest([
        {'direction': 'Input', 'action': 'Uncached', 'kind': 'Text', 'agreed': p_miss, 'list': l_miss, 'amount': miss_tokens},
        {'direction': 'Input', 'action': 'Read', 'kind': 'Text', 'agreed': p_read, 'list': l_read, 'amount': read_tokens},
        {'direction': 'Input', 'action': 'Write', 'kind': 'Text', 'agreed': p_write, 'list': l_write,
            'amount': write_tokens - write_1h_tokens},
        {'direction': 'Input', 'action': 'Write 1h', 'kind': 'Text', 'agreed': p_write_1h, 'list': l_write_1h,
            'amount': write_1h_tokens},
        {'direction': 'Output', 'action': NULL, 'kind': 'Text', 'agreed': p_output, 'list': l_output, 'amount': output_tokens},
        {'direction': 'Request', 'action': NULL, 'kind': NULL, 'agreed': p_request, 'list': l_request,
            'amount': CASE WHEN p_request <> 0 OR l_request <> 0 THEN CAST(requests AS HUGEINT) ELSE 0 END}
    ]) AS move
    FROM told
), each_apart AS (
    SELECT * EXCLUDE (apart), unnest(apart) AS one FROM told WHERE apart IS NOT NULL
), sorted_apart AS (
    SELECT
        *,
        CASE WHEN ends_with(one.kind, '_audio') THEN 'Audio' ELSE 'Image' END AS matter,
        one.amount AS amount,
        one.adds AS adds,
        one.adds_read AS adds_read,
        CAST(CASE WHEN listed THEN coalesce(l_apart[one.kind], 0) ELSE one.adds END AS HUGEINT) AS l_adds,
        CAST(CASE WHEN listed THEN coalesce(l_apart[replace(one.kind, 'cache_read_', 'input_')], 0) ELSE one.adds_read END
            AS HUGEINT) AS l_adds_read
    FROM each_apart
), apart_moves AS (
    SELECT * EXCLUDE (one, matter, amount, adds, adds_read, l_adds, l_adds_read), unnest(
        CASE
            WHEN starts_with(one.kind, 'input_') THEN [
                {'direction': 'Input', 'action': 'Uncached', 'kind': matter, 'agreed': p_miss + adds, 'list': l_miss + l_adds,
                    'amount': amount},
                {'direction': 'Input', 'action': 'Uncached', 'kind': 'Text', 'agreed': p_miss, 'list': l_miss, 'amount': -amount}]
            WHEN starts_with(one.kind, 'cache_read_') THEN [
                {'direction': 'Input', 'action': 'Uncached', 'kind': matter, 'agreed': p_miss + adds_read,
                    'list': l_miss + l_adds_read, 'amount': -amount},
                {'direction': 'Input', 'action': 'Uncached', 'kind': 'Text', 'agreed': p_miss, 'list': l_miss, 'amount': amount},
                {'direction': 'Input', 'action': 'Read', 'kind': matter, 'agreed': p_read + adds_read + adds,
                    'list': l_read + l_adds_read + l_adds, 'amount': amount},
                {'direction': 'Input', 'action': 'Read', 'kind': 'Text', 'agreed': p_read, 'list': l_read, 'amount': -amount}]
            WHEN starts_with(one.kind, 'output_') THEN [
                {'direction': 'Output', 'action': NULL, 'kind': matter, 'agreed': p_output + adds, 'list': l_output + l_adds,
                    'amount': amount},
                {'direction': 'Output', 'action': NULL, 'kind': 'Text', 'agreed': p_output, 'list': l_output, 'amount': -amount}]
            ELSE [{'direction': one.kind, 'action': NULL, 'kind': NULL, 'agreed': adds, 'list': l_adds, 'amount': amount}]
        END) AS move
    FROM sorted_apart
)
SELECT
    hour, booked_month, endpoint, api_key_name, team, cost_center, serves, service_provider, tier, "window", size_from,
    move.direction AS direction, move.action AS cache_action, move.kind AS kind,
    CAST(move.agreed AS HUGEINT) AS agreed, CAST(move.list AS HUGEINT) AS listed,
    CAST(sum(move.amount) AS HUGEINT) AS amount
FROM (SELECT * FROM text_moves UNION ALL BY NAME SELECT * FROM apart_moves)
GROUP BY ALL
HAVING sum(move.amount) <> 0

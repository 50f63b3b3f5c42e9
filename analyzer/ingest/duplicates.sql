-- Of the rows that tell of one request all but the best: usage before none, then a known cache split, then the largest counts
-- (a stream's last snapshot, whatever names the earlier ones have), then the row that knows more names, then an order that does
-- not depend on which log was read first. Of a price tier's rows one without calls goes before one with calls: the newer
-- export has a cheaper tier of the same window, and all its calls there.
INSERT INTO duplicates
SELECT row_id, source_id, records, kept_by, row_number() OVER (PARTITION BY request_id, source_id ORDER BY place) = 1 AS best_of_source, NULL AS place
FROM (
    SELECT row_id, source_id, records, request_id, first_value(source_id) OVER best AS kept_by, row_number() OVER best AS place
    FROM (
        SELECT rowid AS row_id, *,
            CAST(endpoint IS NOT NULL AS INTEGER) + CAST(session_id IS NOT NULL AS INTEGER) + CAST(api_key_name IS NOT NULL AS INTEGER)
                + CAST(team IS NOT NULL AS INTEGER) + CAST(user_name IS NOT NULL AS INTEGER) + CAST(service_tier IS NOT NULL AS INTEGER) AS known
        FROM requests
        WHERE fate IS NULL AND request_id IN (SELECT request_id FROM repeats)
    )
    WINDOW best AS (
        PARTITION BY request_id
        ORDER BY input_tokens IS NOT NULL AND output_tokens IS NOT NULL DESC, cache_read_tokens IS NOT NULL DESC,
            output_tokens DESC NULLS LAST, input_tokens DESC NULLS LAST, known DESC,
            calls = 0 AND coalesce(stated_input, stated_cache_read, stated_output) IS NOT NULL DESC, calls DESC, completed_at DESC NULLS LAST,
            started_at DESC, endpoint, model, provider, operation, session_id, api_key_name, team, user_name, status,
            cache_read_tokens, cache_write_tokens, reasoning_tokens, tool_calls, stated_cost, source_id, row_id
    )
)
WHERE place > 1

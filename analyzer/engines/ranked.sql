-- The rows of ids that are repeated, the best of each first, in the very order by which a ledger chooses among the logs that tell of one call: usage before
-- none, then a known cache split, then the largest counts, then the row that knows more names, then an order that does not
-- depend on which part is which. Of a price tier's rows one without calls goes before one with calls.
SELECT *, row_number() OVER (
        PARTITION BY request_id
        ORDER BY input_tokens IS NOT NULL AND output_tokens IS NOT NULL DESC, cache_read_tokens IS NOT NULL DESC,
            output_tokens DESC NULLS LAST, input_tokens DESC NULLS LAST, known DESC,
            calls = 0 AND coalesce(stated_input, stated_cache_read, stated_output) IS NOT NULL DESC, calls DESC, completed_at DESC NULLS LAST,
            started_at DESC, endpoint, model, provider, operation, session_id, api_key_name, team, user_name, status,
            cache_read_tokens, cache_write_tokens, reasoning_tokens, tool_calls, stated_cost, source_id, record,
            cache_write_1h_tokens, service_tier, bucket_end
    ) AS place
FROM (
    SELECT
        r.*,
        CASE WHEN endpoint IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN session_id IS NOT NULL THEN 1 ELSE 0 END
            + CASE WHEN api_key_name IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN team IS NOT NULL THEN 1 ELSE 0 END
            + CASE WHEN user_name IS NOT NULL THEN 1 ELSE 0 END + CASE WHEN service_tier IS NOT NULL THEN 1 ELSE 0 END AS known
    FROM requests_read AS r
    JOIN requests_repeated AS o ON o.request_id = r.request_id
)

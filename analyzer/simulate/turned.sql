-- Requests of sessions, as slim as they can be, for scenarios that share the sums of one table: what is needed beyond the
-- flow. Two numbers stand for a session's name: by one of 64 bits alone, two of some million sessions might be taken for one.
-- The slots are the table of sums, the route by which they were summed, and the number of a flow.
CREATE OR REPLACE TEMP TABLE {table}_turns AS
SELECT
    hash(session_id) AS session,
    CAST(hash('s' || session_id) % 4294967296 AS UINTEGER) AS session_check,
    {flow} AS flow,
    started_at,
    input_tokens,
    output_tokens,
    cache_read_tokens
FROM (SELECT *, {route} AS summed_route FROM stretches)
WHERE cache_basis = 'session'

-- What `turns` tells, where names and requests are on another engine: there a name is as good as a number.
SELECT session_id AS session, 0 AS session_check, flow, logged_endpoint, measured, serves, server, place, cache_unit, moved,
    any_moved, started_at, input_tokens, output_tokens, cache_read_tokens
FROM placed
WHERE cache_basis = 'session'

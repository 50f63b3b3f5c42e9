-- The requests of sessions that a move touches.
WITH touched AS (
    SELECT DISTINCT session, session_check FROM turns WHERE any_moved
)
SELECT t.*
FROM turns AS t
JOIN touched AS d ON d.session = t.session AND d.session_check = t.session_check

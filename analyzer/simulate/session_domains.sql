-- Sessions that a move touches.
SELECT session, session_check, bool_or(moved) AS moved, min(started_at) AS first_started
FROM turns
GROUP BY session, session_check
HAVING bool_or(any_moved)

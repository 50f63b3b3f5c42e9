-- Sessions that a move touches. Their numbers are quicker to sort by than their names.
SELECT session_id, {session} AS number, bool_or(moved) AS moved, min(started_at) AS first_started
FROM placed
WHERE cache_basis = 'session'
GROUP BY session_id
HAVING bool_or(any_moved)

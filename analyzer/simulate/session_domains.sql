-- Sessions that a move touches, and whether it leaves or makes them split: not all of their requests go the same way.
CREATE OR REPLACE TEMP TABLE session_domains AS
SELECT session_id, bool_or(moved) AND min(way) <> max(way) AS split
FROM placed
WHERE cache_basis = 'session'
GROUP BY session_id
HAVING bool_or(any_moved)

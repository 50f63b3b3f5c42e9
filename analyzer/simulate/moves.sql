-- Whether a move is among the requests of each cache basis: of a whole request, and of a part of one.
SELECT cache_basis, bool_or(moved) AS moved, bool_or(any_moved) AS any_moved
FROM going
GROUP BY cache_basis

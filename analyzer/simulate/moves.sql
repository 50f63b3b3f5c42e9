-- Whether a move is among the requests of each cache basis: of a whole request, and of a part of one; and how many of them move.
SELECT cache_basis, bool_or(moved) AS moved, bool_or(any_moved) AS any_moved,
    coalesce(sum(requests) FILTER (WHERE any_moved), 0) AS moving, sum(requests) AS requests
FROM going
GROUP BY cache_basis

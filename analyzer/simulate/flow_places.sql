-- The flows of sessions by number, with all that a cache asks of them.
CREATE OR REPLACE TEMP TABLE flow_places AS
SELECT DISTINCT
    flow,
    logged_endpoint,
    measured,
    serves,
    CAST(server AS UINTEGER) AS server,
    CAST(place AS UINTEGER) AS place,
    cache_unit,
    moved,
    any_moved
FROM going
WHERE cache_basis = 'session'

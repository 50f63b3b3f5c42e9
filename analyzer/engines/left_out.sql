-- Of how many log records the rows are that tell of a call again.
SELECT CAST(coalesce(sum(records), 0) AS BIGINT) AS number
FROM requests_ranked
WHERE place > 1

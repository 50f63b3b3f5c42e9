-- How many log records the requests were made of.
SELECT CAST(coalesce(sum(records), 0) AS BIGINT) AS records FROM requests

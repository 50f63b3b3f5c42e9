-- Ids of calls that stand in the table on more than one row, as where parts of several machines lie side by side. An empty id tells
-- of no call.
SELECT request_id
FROM requests_read
WHERE request_id <> ''
GROUP BY request_id
HAVING count(*) > 1

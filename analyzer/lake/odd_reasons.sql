-- Why odd records were rejected, and how many of each log; their first is none of the log's (see odd.py).
SELECT log, reason, count(*) AS records
FROM rejected
JOIN sources USING (source_id)
JOIN odd_logs USING (path)
WHERE record > 1
GROUP BY log, reason
ORDER BY records DESC, log, reason

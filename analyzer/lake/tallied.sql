-- Spark's own SQL. What became of the records of each log, and a mark that tells logs apart by what they hold.
SELECT
    log_file,
    count(*) AS records,
    count_if(log_odd) AS odd,
    count_if(NOT log_odd AND skip IS NOT NULL) AS skipped,
    count_if(log_cache = 'open') AS open,
    count_if(log_odd AND log_cache IS NOT NULL) AS unclear,
    sum(CAST(log_mark AS DECIMAL(38, 0))) AS mark
FROM log_judged
GROUP BY log_file
ORDER BY log_file

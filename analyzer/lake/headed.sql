-- Spark's own SQL. Logs of rows that do not begin with the names of columns that the others begin with, and those in which a text has
-- line ends, of which one row would be several lines.
SELECT
    file,
    count_if(value = '{opening}') AS headers,
    count_if((length(value) - length(replace(value, '"', ''))) % 2 = 1) AS torn
FROM log_lines
GROUP BY file
HAVING headers <> 1 OR torn > 0
ORDER BY file
LIMIT 1

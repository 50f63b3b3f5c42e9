-- Spark's own SQL. A record of each line, in the format's columns, and whether it is odd: not as it should be, or with a value
-- that is not read alike.
SELECT {records},
    xxhash64(file) AS source_id,
    file AS log_file,
    value AS log_line,
    coalesce({broken} OR {odd}, true) AS log_odd
FROM ({parsed})

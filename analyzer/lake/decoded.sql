-- Spark's own SQL. A record of each line, in the format's columns; whether it is odd: not as it should be, or with a value that is
-- not read alike. Spark reads the first of several objects on a line and takes no notice of the others.
SELECT {records},
    xxhash64(file) AS source_id,
    file AS log_file,
    value AS log_line,
    coalesce(
        r IS NULL OR r.log_broken IS NOT NULL OR NOT startswith(ltrim(value), '{') OR NOT is_valid_utf8(value)
            OR coalesce(json_array_length(concat('[', value, ']')), 0) <> 1 OR {odd},
        true) AS log_odd
FROM (SELECT value, file, from_json(value, '{schema}', map({options})) AS r FROM log_lines)

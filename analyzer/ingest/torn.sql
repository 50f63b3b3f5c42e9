-- A record that tells of several calls is rejected as a whole when one of them cannot be understood: its other rows would
-- be right, but the record's tokens would not be complete, and nothing would say so.
UPDATE requests AS r
SET fate = bad.fate
FROM (
    SELECT source_id, record, min(fate) AS fate
    FROM requests
    WHERE source_id >= getvariable('first_source') AND records = 0 AND starts_with(fate, 'rejected:')
    GROUP BY source_id, record
) AS bad
WHERE r.source_id = bad.source_id AND r.record = bad.record AND r.fate IS NULL

-- What each source lost, and how much of that an earlier version of the same log had told.
SELECT d.source_id,
    CAST(sum(d.records) AS BIGINT) AS records,
    CAST(coalesce(sum(d.records) FILTER (WHERE own.path = other.path AND other.source_id < own.source_id), 0) AS BIGINT) AS renewed
FROM duplicates AS d
JOIN logs AS own ON own.source_id = d.source_id
JOIN logs AS other ON other.source_id = d.kept_by
GROUP BY d.source_id

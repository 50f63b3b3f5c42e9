-- Requests that tell again what another log tells: a call that lies around others, what came before a call had ended. Asked
-- of sources from the given one on, and of all for what those restate.
INSERT INTO duplicates
SELECT row_id, any_value(source_id), any_value(records), min(kept_by), true AS best_of_source, NULL AS place
FROM (
    SELECT r.rowid AS row_id, r.source_id, r.records, s.source_id AS kept_by
    FROM requests AS r
    JOIN restated AS s ON s.request_id = r.request_id AND s.source_id <> r.source_id
    WHERE r.source_id >= $first AND r.fate IS NULL
    UNION ALL
    SELECT r.rowid, r.source_id, r.records, s.source_id
    FROM requests AS r
    JOIN restated AS s ON s.request_id = r.request_id AND s.source_id <> r.source_id
    WHERE s.source_id >= $first AND r.fate IS NULL
)
WHERE row_id NOT IN (SELECT row_id FROM duplicates)
GROUP BY row_id

-- Skipped records of the new sources, counted by reason.
INSERT INTO skipped
SELECT source_id, substr(fate, length('skipped:') + 1), sum(records)
FROM requests
WHERE source_id >= getvariable('first_source') AND starts_with(fate, 'skipped:')
GROUP BY source_id, fate
HAVING sum(records) > 0

-- How the records of each new source ended, before rejected, skipped and duplicate rows are taken out.
-- Records that the reader itself refused (`refused`) never became rows.
SELECT source_id,
    sum(records) AS records,
    sum(records) FILTER (WHERE fate IS NULL) AS requests,
    sum(records) FILTER (WHERE starts_with(fate, 'skipped:')) AS skipped,
    sum(records) FILTER (WHERE starts_with(fate, 'rejected:')) AS rejected,
    count(fate) AS put_aside  -- rows: of a record that gives several, those after the first count for none
FROM requests
WHERE source_id >= getvariable('first_source')
GROUP BY source_id
ORDER BY source_id

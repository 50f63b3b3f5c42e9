-- Keep the ids that the new sources restate, and take them off the fates of their rows, where `with_restated` put them.
INSERT INTO restated
SELECT DISTINCT source_id, id
FROM (
    SELECT source_id, unnest(restated_behind(fate)) AS id
    FROM requests
    WHERE source_id >= getvariable('first_source') AND restates(fate)
)
WHERE id <> ''
  AND (source_id, id) NOT IN (  -- what is a request here is no other log's restatement of one
      SELECT (source_id, request_id)
      FROM requests
      WHERE source_id >= getvariable('first_source') AND request_id IS NOT NULL AND fate_alone(fate) IS NULL);

UPDATE requests
SET fate = fate_alone(fate)
WHERE source_id >= getvariable('first_source') AND restates(fate)

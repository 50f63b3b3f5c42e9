-- Keep the ids that the new sources restate, which stand behind the fates of their rows.
INSERT INTO restated
SELECT DISTINCT source_id, id
FROM (
    SELECT source_id, unnest(string_split(fate, chr(31))[2:]) AS id
    FROM requests
    WHERE source_id >= getvariable('first_source') AND contains(fate, chr(31))
)
WHERE id <> ''
  AND (source_id, id) NOT IN (  -- what is a request here is no other log's restatement of one
      SELECT (source_id, request_id)
      FROM requests
      WHERE source_id >= getvariable('first_source') AND request_id IS NOT NULL
        AND coalesce(string_split(fate, chr(31))[1], '') = '');

UPDATE requests
SET fate = nullif(string_split(fate, chr(31))[1], '')
WHERE source_id >= getvariable('first_source') AND contains(fate, chr(31))

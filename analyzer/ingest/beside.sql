-- Cache counts in words that leave open whether they are a part of the input: a log has one rule for a model. Where any of its
-- records shows that they stand beside the input, they do in those, too, that show nothing. The marks behind both go.
UPDATE requests AS r
SET input_tokens = r.input_tokens + coalesce(r.cache_read_tokens, 0) + coalesce(r.cache_write_tokens, 0)
FROM (
    SELECT DISTINCT source_id, model
    FROM requests
    WHERE source_id >= getvariable('first_source') AND fate = 'cache:beside'
) AS b
WHERE r.source_id = b.source_id AND r.model = b.model AND r.fate = 'cache:open';

UPDATE requests
SET fate = NULL
WHERE source_id >= getvariable('first_source') AND starts_with(fate, 'cache:')

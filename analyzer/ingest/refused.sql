-- Rejected rows of the new sources with their record numbers: a row's own, else its place in the source, moved on by
-- the lines that never became rows (`gaps`: blank ones, and those refused by the reader; `shift` is the place from
-- which a gap moves the count). A row that was made of several records stands here as often.
INSERT INTO rejected
SELECT r.source_id,
    s.start + r.place + (SELECT count(*) FROM gaps AS g WHERE g.source_id = r.source_id AND g.shift <= r.place),
    substr(r.fate, length('rejected:') + 1)
FROM (
    SELECT source_id, fate, unnest(range(records)) AS one, coalesce(record, rowid - min(rowid) OVER (PARTITION BY source_id) + 1) AS place
    FROM requests
    WHERE source_id >= getvariable('first_source')
) AS r
JOIN starts AS s USING (source_id)
WHERE starts_with(r.fate, 'rejected:')

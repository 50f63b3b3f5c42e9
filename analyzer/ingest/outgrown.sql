-- Earlier versions, all the way back, of logs that are about to be read as wholes again, in the same format: all that they told
-- is told anew. Of formats whose logs copy others' beginnings only those under the same name.
CREATE OR REPLACE TEMP TABLE forgotten AS
WITH RECURSIVE outgrown AS (
    SELECT s.source_id, s.path, s.format, s.continues
    FROM sources AS s
    JOIN (SELECT unnest(CAST($paths AS VARCHAR[])) AS path, unnest(CAST($continued AS VARCHAR[])) AS fingerprint) AS n
        ON n.fingerprint = s.fingerprint AND ($anywhere OR n.path = s.path)
    WHERE s.format = $format
    UNION
    SELECT s.source_id, s.path, s.format, s.continues
    FROM sources AS s
    JOIN outgrown AS o ON s.fingerprint = o.continues AND ($anywhere OR s.path = o.path) AND s.format = o.format
)
SELECT source_id FROM outgrown

-- Requests without an identity that were read before: a log of such requests that lies within another one as an unbroken
-- run, all of it (a half, a rotated part, the whole that parts were cut from), or, under one name, rows that stayed when
-- a log was changed. Of two logs the one that was read later loses its rows. What a log
-- was continued with is not compared to its beginning: two calls may well look the same.
INSERT INTO duplicates
WITH fresh AS (
    SELECT min(started_at) AS earliest, max(started_at) AS latest
    FROM requests
    WHERE source_id IN (FROM fresh_sources) AND request_id IS NULL AND fate IS NULL
), spans AS (
    SELECT source_id, min(started_at) AS earliest, max(started_at) AS latest, count(*) AS many
    FROM requests
    WHERE request_id IS NULL AND fate IS NULL
      AND started_at >= (SELECT earliest FROM fresh) AND started_at <= (SELECT latest FROM fresh)
    GROUP BY source_id
), pairs AS (
    SELECT a.source_id AS inner_id, b.source_id AS outer_id, a.many
    FROM spans AS a
    JOIN spans AS b ON a.source_id <> b.source_id AND a.earliest >= b.earliest AND a.latest <= b.latest AND a.many <= b.many
    JOIN logs AS la ON la.source_id = a.source_id
    JOIN logs AS lb ON lb.source_id = b.source_id
    WHERE (a.source_id IN (FROM fresh_sources) OR b.source_id IN (FROM fresh_sources))
      AND (a.source_id IN (FROM fresh_sources) OR a.many = la.requests)  -- none of it lies outside of that time
      AND NOT goes_on(la, lb) AND NOT goes_on(lb, la)
), renewed AS (
    SELECT la.source_id AS new_id, lb.source_id AS old_id
    FROM logs AS la
    JOIN logs AS lb ON la.path = lb.path AND lb.source_id < la.source_id
    WHERE la.source_id IN (FROM fresh_sources) AND NOT goes_on(la, lb)
), told AS (
    -- An MD5 of all that the log said: equal texts, for all that chance can do.
    SELECT rowid AS row_id, source_id, records, row_number() OVER (PARTITION BY source_id ORDER BY rowid) AS place,
        md5_number(CAST(to_json({
            'a': started_at, 'b': completed_at, 'c': model, 'd': endpoint, 'e': provider, 'f': session_id, 'g': api_key_name,
            'h': team, 'i': user_name, 'j': status, 'k': calls, 'l': input_tokens, 'm': cache_read_tokens, 'n': cache_write_tokens,
            'o': output_tokens, 'p': reasoning_tokens, 'q': stated_cost, 'r': prefix_blocks
        }) AS VARCHAR)) AS mark
    FROM requests
    WHERE request_id IS NULL AND fate IS NULL
      AND source_id IN (SELECT inner_id FROM pairs UNION SELECT outer_id FROM pairs UNION SELECT new_id FROM renewed UNION SELECT old_id FROM renewed)
), tries AS (
    -- Where in the larger log the smaller one's first row stands; of a row that comes very often the first places do.
    SELECT p.inner_id, p.outer_id, p.many, o.place - 1 AS shift
    FROM pairs AS p
    JOIN told AS i ON i.source_id = p.inner_id AND i.place = 1
    JOIN told AS o ON o.source_id = p.outer_id AND o.mark = i.mark
    QUALIFY row_number() OVER (PARTITION BY p.inner_id, p.outer_id ORDER BY o.place) <= 64
), found AS (
    SELECT t.inner_id, t.outer_id, t.shift, min(t.many) AS many
    FROM tries AS t
    JOIN told AS i ON i.source_id = t.inner_id
    JOIN told AS o ON o.source_id = t.outer_id AND o.place = i.place + t.shift AND o.mark = i.mark
    GROUP BY t.inner_id, t.outer_id, t.shift
    HAVING count(*) = min(t.many)
    QUALIFY row_number() OVER (PARTITION BY t.inner_id, t.outer_id ORDER BY t.shift) = 1
), lost AS (
    SELECT r.row_id, r.source_id, r.records, least(f.inner_id, f.outer_id) AS kept_by
    FROM found AS f
    JOIN told AS r ON r.source_id = greatest(f.inner_id, f.outer_id)
    WHERE f.inner_id > f.outer_id OR (r.place > f.shift AND r.place <= f.shift + f.many)
    UNION ALL
    -- Under one name: the n-th of equal rows is the n-th of before.
    SELECT n.row_id, n.source_id, n.records, o.source_id AS kept_by
    FROM renewed AS w
    JOIN (SELECT *, row_number() OVER (PARTITION BY source_id, mark ORDER BY place) AS nth FROM told) AS n ON n.source_id = w.new_id
    JOIN (SELECT *, row_number() OVER (PARTITION BY source_id, mark ORDER BY place) AS nth FROM told) AS o
        ON o.source_id = w.old_id AND o.mark = n.mark AND o.nth = n.nth
)
SELECT row_id, any_value(source_id), any_value(records), min(kept_by), true AS best_of_source
FROM lost
GROUP BY row_id

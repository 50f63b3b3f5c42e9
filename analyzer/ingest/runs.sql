-- Requests without an identity that were read before: a log of such requests that lies within another one as an unbroken
-- run, all of it (a half, a rotated part, the whole that parts were cut from), or, under one name, rows that stayed when
-- a log was changed. Of two rows the one that was read later is lost. A log is what it began with and all that was
-- appended to it (`units`), and has its rows in their places, those included that were found in another log before.
-- What a log was continued with is not compared to its beginning: two calls may well look the same.
INSERT INTO duplicates
WITH mine AS (
    SELECT DISTINCT source_id FROM units WHERE unit_id IN (SELECT unit_id FROM units WHERE source_id IN (FROM fresh_sources))
), moved AS (
    SELECT source_id, min(started_at) AS earliest, max(started_at) AS latest, count(*) AS many
    FROM copies
    WHERE request_id IS NULL AND place IS NOT NULL
    GROUP BY source_id
), range AS (
    SELECT min(earliest) AS earliest, max(latest) AS latest
    FROM (
        SELECT min(started_at) AS earliest, max(started_at) AS latest
        FROM requests
        WHERE source_id IN (FROM mine) AND request_id IS NULL AND fate IS NULL
        UNION ALL
        SELECT earliest, latest FROM moved WHERE source_id IN (FROM mine)
    )
), stayed AS (
    SELECT source_id, min(started_at) AS earliest, max(started_at) AS latest, count(*) AS many
    FROM requests
    WHERE request_id IS NULL AND fate IS NULL
      AND started_at >= (SELECT earliest FROM range) AND started_at <= (SELECT latest FROM range)
    GROUP BY source_id
), spans AS (
    SELECT u.unit_id, u.part, bool_or(u.source_id IN (FROM fresh_sources)) AS fresh,
        -- What is found has to have rows in the new sources' time: all else was compared before.
        min(least(s.earliest, m.earliest)) FILTER (u.source_id IN (FROM fresh_sources)) AS fresh_from,
        max(greatest(s.latest, m.latest)) FILTER (u.source_id IN (FROM fresh_sources)) AS fresh_to,
        min(least(s.earliest, m.earliest)) AS earliest, max(greatest(s.latest, m.latest)) AS latest,
        CAST(sum(coalesce(s.many, 0) + coalesce(m.many, 0)) AS BIGINT) AS many,
        -- None of it lies outside of that time.
        bool_and(u.source_id IN (FROM fresh_sources) OR coalesce(s.many, 0) = l.requests) AS whole
    FROM units AS u
    JOIN logs AS l ON l.source_id = u.source_id
    LEFT JOIN stayed AS s ON s.source_id = u.source_id
    LEFT JOIN moved AS m ON m.source_id = u.source_id
    GROUP BY u.unit_id, u.part
    HAVING count(s.many) + count(m.many) > 0
), names AS (
    SELECT source_id, 'path' AS what, path AS name FROM logs
    UNION ALL
    SELECT source_id, 'opening' AS what, opening AS name FROM logs
), akin AS (
    SELECT DISTINCT a.unit_id, b.unit_id AS other_id
    FROM units AS a
    JOIN names AS one ON one.source_id = a.source_id
    JOIN names AS other ON other.what = one.what AND other.name = one.name
    JOIN units AS b ON b.source_id = other.source_id
    WHERE a.part
), near AS (
    SELECT a.unit_id AS inner_id, b.unit_id AS outer_id, a.many, a.earliest, a.latest
    FROM spans AS a
    JOIN spans AS b ON a.unit_id <> b.unit_id AND a.earliest >= b.earliest AND a.latest <= b.latest AND a.many <= b.many
    WHERE (a.fresh OR a.latest >= b.fresh_from AND a.earliest <= b.fresh_to) AND a.whole AND NOT b.part
      AND NOT EXISTS (FROM akin AS k WHERE k.unit_id = a.unit_id AND k.other_id = b.unit_id)
), edges AS MATERIALIZED (
    SELECT DISTINCT u.unit_id, r.started_at, hash(r.model, r.input_tokens, r.output_tokens) AS mark
    FROM (
        SELECT source_id, started_at, model, input_tokens, output_tokens FROM requests WHERE request_id IS NULL AND fate IS NULL
        UNION ALL
        SELECT source_id, started_at, model, input_tokens, output_tokens FROM copies WHERE request_id IS NULL AND place IS NOT NULL
    ) AS r
    JOIN units AS u ON u.source_id = r.source_id
    WHERE r.started_at IN (SELECT earliest FROM near UNION SELECT latest FROM near)
      AND u.unit_id IN (SELECT inner_id FROM near UNION SELECT outer_id FROM near)
), marks AS (
    SELECT unit_id, started_at, min(mark) AS mark FROM edges GROUP BY unit_id, started_at
), pairs AS (
    -- Most logs of one time have nothing else in common: the larger one lacks what the smaller one begins or ends with.
    SELECT n.inner_id, n.outer_id, n.many
    FROM near AS n
    JOIN marks AS f ON f.unit_id = n.inner_id AND f.started_at = n.earliest
    JOIN marks AS l ON l.unit_id = n.inner_id AND l.started_at = n.latest
    WHERE EXISTS (FROM edges AS e WHERE e.unit_id = n.outer_id AND e.started_at = f.started_at AND e.mark = f.mark)
      AND EXISTS (FROM edges AS e WHERE e.unit_id = n.outer_id AND e.started_at = l.started_at AND e.mark = l.mark)
), renewed AS (
    SELECT la.source_id AS new_id, lb.source_id AS old_id
    FROM logs AS la
    JOIN logs AS lb ON la.path = lb.path AND lb.source_id < la.source_id
    WHERE la.source_id IN (FROM fresh_sources) AND NOT goes_on(la, lb)
), asked AS (
    SELECT source_id FROM units WHERE unit_id IN (SELECT inner_id FROM pairs UNION SELECT outer_id FROM pairs)
    UNION
    SELECT new_id FROM renewed
    UNION
    SELECT old_id FROM renewed
), texts AS (
    -- An MD5 of all that the log said: equal texts, for all that chance can do.
    SELECT row_id, source_id, records, kept_by, place,
        md5_number(CAST(to_json({
            'a': started_at, 'b': completed_at, 'c': model, 'd': endpoint, 'e': provider, 'f': session_id, 'g': api_key_name,
            'h': team, 'i': user_name, 'j': status, 'k': calls, 'l': input_tokens, 'm': cache_read_tokens, 'n': cache_write_tokens,
            'o': output_tokens, 'p': reasoning_tokens, 'q': stated_cost, 'r': prefix_blocks
        }) AS VARCHAR)) AS mark
    FROM (
        SELECT *, rowid AS row_id, source_id AS kept_by, CAST(NULL AS BIGINT) AS place
        FROM requests
        WHERE request_id IS NULL AND fate IS NULL
        UNION ALL BY NAME
        SELECT *, CAST(NULL AS BIGINT) AS row_id FROM copies WHERE request_id IS NULL AND place IS NOT NULL
    )
    WHERE source_id IN (FROM asked)
), taken AS (
    -- Rows that were found in another log left their places empty: the n-th of those that stayed stands after as many of
    -- them as have a place before it.
    SELECT source_id, place - rank + 1 AS nth, max(rank) AS before
    FROM (SELECT source_id, place, row_number() OVER (PARTITION BY source_id ORDER BY place) AS rank FROM texts WHERE row_id IS NULL)
    GROUP BY source_id, place - rank + 1
), placed AS (
    SELECT r.row_id, r.source_id, r.records, r.kept_by, r.mark, r.nth + coalesce(t.before, 0) AS place
    FROM (SELECT *, row_number() OVER (PARTITION BY source_id ORDER BY row_id) AS nth FROM texts WHERE row_id IS NOT NULL) AS r
    ASOF LEFT JOIN taken AS t ON t.source_id = r.source_id AND r.nth >= t.nth
    UNION ALL
    SELECT row_id, source_id, records, kept_by, mark, place FROM texts WHERE row_id IS NULL
), told AS (
    SELECT u.unit_id, p.row_id, p.source_id, p.records, p.kept_by, p.mark, p.place AS own_place,
        row_number() OVER (PARTITION BY u.unit_id ORDER BY p.source_id, p.place) AS place
    FROM placed AS p
    JOIN units AS u ON u.source_id = p.source_id
    WHERE u.unit_id IN (SELECT inner_id FROM pairs UNION SELECT outer_id FROM pairs)
), tries AS (
    -- Where in the larger log the smaller one's first row stands; of a row that comes very often the first places do.
    SELECT p.inner_id, p.outer_id, p.many, o.place - 1 AS shift
    FROM pairs AS p
    JOIN told AS i ON i.unit_id = p.inner_id AND i.place = 1
    JOIN told AS o ON o.unit_id = p.outer_id AND o.mark = i.mark
    QUALIFY row_number() OVER (PARTITION BY p.inner_id, p.outer_id ORDER BY o.place) <= 64
), found AS (
    SELECT t.inner_id, t.outer_id, t.shift
    FROM tries AS t
    JOIN told AS i ON i.unit_id = t.inner_id
    JOIN told AS o ON o.unit_id = t.outer_id AND o.place = i.place + t.shift AND o.mark = i.mark
    GROUP BY t.inner_id, t.outer_id, t.shift
    HAVING count(*) = min(t.many)
    QUALIFY row_number() OVER (PARTITION BY t.inner_id, t.outer_id ORDER BY t.shift) = 1
), met AS (
    SELECT i.row_id AS inner_row, i.source_id AS inner_source, i.records AS inner_records, i.kept_by AS inner_kept_by, i.own_place AS inner_place,
        o.row_id AS outer_row, o.source_id AS outer_source, o.records AS outer_records, o.kept_by AS outer_kept_by, o.own_place AS outer_place
    FROM found AS f
    JOIN told AS i ON i.unit_id = f.inner_id
    JOIN told AS o ON o.unit_id = f.outer_id AND o.place = i.place + f.shift
), counted AS (
    SELECT *, row_number() OVER (PARTITION BY source_id, mark ORDER BY place) AS nth FROM placed WHERE row_id IS NOT NULL
), lost AS (
    -- A row that is no request any more stands for the one that it was found to be.
    SELECT inner_row AS row_id, inner_source AS source_id, inner_records AS records, outer_kept_by AS kept_by, inner_place AS place
    FROM met
    WHERE inner_row IS NOT NULL AND inner_source > outer_kept_by
    UNION ALL
    SELECT outer_row, outer_source, outer_records, inner_kept_by, outer_place
    FROM met
    WHERE outer_row IS NOT NULL AND outer_source > inner_kept_by
    UNION ALL
    -- Under one name: the n-th of equal rows is the n-th of before.
    SELECT n.row_id, n.source_id, n.records, o.source_id AS kept_by, n.place
    FROM renewed AS w
    JOIN counted AS n ON n.source_id = w.new_id
    JOIN counted AS o ON o.source_id = w.old_id AND o.mark = n.mark AND o.nth = n.nth
)
SELECT row_id, any_value(source_id), any_value(records), min(kept_by), true AS best_of_source, any_value(place)
FROM lost
GROUP BY row_id

-- What the search for duplicates fills, and a word that it needs.
CREATE OR REPLACE TEMP TABLE duplicates (
    row_id BIGINT, source_id INTEGER, records BIGINT, kept_by INTEGER, best_of_source BOOLEAN, place BIGINT
);

-- Sources whose nameless rows may have been read before.
CREATE OR REPLACE TEMP TABLE fresh_sources (source_id INTEGER);

-- Logs as wholes: the sources that each was read in, for it may have grown. A part is what was appended, by itself.
CREATE OR REPLACE TEMP TABLE units (unit_id INTEGER, source_id INTEGER, part BOOLEAN);

-- Whether one log goes on where another one ended, under whatever name.
CREATE OR REPLACE TEMP MACRO goes_on(later, earlier) AS
    later.continues IS NOT NULL AND (later.path = earlier.path OR later.opening = earlier.opening OR later.continues = earlier.fingerprint);

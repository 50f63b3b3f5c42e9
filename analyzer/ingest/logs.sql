-- All sources, by what tells one log from another.
CREATE OR REPLACE TEMP TABLE logs AS
SELECT source_id, path, opening, fingerprint, continues, requests FROM sources

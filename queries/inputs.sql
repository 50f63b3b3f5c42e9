-- inputs.sql
-- Question: Which logs is this made of, by their content?
-- Reads:    sources
-- Returns:  path        VARCHAR  the log, as it was named
--           format      VARCHAR  the format it was read as
--           bytes       BIGINT   length of its content, decompressed
--           records     BIGINT   records in it
--           fingerprint VARCHAR  BLAKE3 of that content: the same under any name
-- Grain:    one row per source_id
SELECT
    path,
    format,
    bytes,
    records,
    fingerprint
FROM sources
ORDER BY fingerprint, path, source_id

-- sources.sql
-- Question: Which logs are in the ledger, and how did their records end?
-- Reads:    sources
-- Returns:  path       VARCHAR  the log, as it was named
--           format     VARCHAR  the format it was read as
--           records    BIGINT   = requests + duplicates + skipped + rejected
--           requests   BIGINT   records that tell of a request
--           duplicates BIGINT   second records of a request
--           skipped    BIGINT   records that are no provider call
--           rejected   BIGINT   records that could not be understood
-- Grain:    one row per source_id
--
-- Earlier readings of which nothing is left are not among them: their logs grew, and tell all of it anew.
SELECT
    path,
    format,
    records,
    requests,
    duplicates,
    skipped,
    rejected
FROM sources
WHERE records > 0 OR fingerprint NOT IN (SELECT continues FROM sources WHERE continues IS NOT NULL)
ORDER BY path, source_id

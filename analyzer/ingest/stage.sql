-- One batch of logs of one format into the ledger, judged but not yet settled. The loader fills the four slots: how
-- DuckDB reads the files, the format's columns (NULL for those it does not give), its SELECT, and the judgement that
-- all formats share.
INSERT INTO requests BY NAME
WITH records AS (
{records}
), claim AS (
SELECT {columns} FROM (
{select}
)
)
SELECT * FROM (
{admit}
)

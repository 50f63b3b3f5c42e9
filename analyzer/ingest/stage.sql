-- One batch of logs of one format into the ledger, judged but not yet settled. The loader fills the five slots: how
-- DuckDB reads the files, the format's columns (NULL for those it does not give), its SELECT, the judgement that all
-- formats share, and the ledger's columns: those that it does not store are empty in every row, or the row is an error.
INSERT INTO requests BY NAME
WITH records AS (
{records}
), claim AS (
SELECT {columns} FROM (
{select}
)
)
SELECT {kept} FROM (
{admit}
)

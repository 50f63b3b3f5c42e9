-- The relation `stretches` of what was gathered: sums in place of requests. A row about audio, images or searches counts no calls
-- and no tokens, which stand in the row that it goes with.
CREATE OR REPLACE TEMP TABLE stretches AS
SELECT *, CAST(NULL AS MAP(VARCHAR, HUGEINT)) AS apart FROM gathered
UNION ALL BY NAME
SELECT * EXCLUDE (kind, amount), 0 AS calls, MAP {kind: amount} AS apart FROM gathered_kinds

-- Cache hits, in tokens, that a scenario's moves take from a flow (negative) or give to it.
CREATE OR REPLACE TEMP TABLE {table} (
    flow     {kind},
    modelled HUGEINT,
    cold     HUGEINT
)

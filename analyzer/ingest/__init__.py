"""From a path to rows of the ledger, each exactly once."""

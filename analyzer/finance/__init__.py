"""Numbers for finance: the ledger against the provider's bill."""

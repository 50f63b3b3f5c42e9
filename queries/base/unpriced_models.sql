-- unpriced_models.sql
-- Question: Which models have calls with usage, but without a known price?
-- Reads:    costs
-- Returns:  model VARCHAR as logged
-- Grain:    one row per model
--
-- Mostly none: then no call needs to be looked at for them.
SELECT DISTINCT model FROM costs WHERE unpriced > 0

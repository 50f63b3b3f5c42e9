-- The closed months that a review looks at, one row each: their number, and their start in the reporting zone.
CREATE OR REPLACE TEMP TABLE closed_months (closing_id INTEGER, month TIMESTAMP)

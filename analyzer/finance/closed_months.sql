-- The closed months that a review looks at, one row each: their number, their start in the reporting zone, and their hours.
CREATE OR REPLACE TEMP TABLE closed_months (closing_id INTEGER, month TIMESTAMP, first_hour TIMESTAMP, after TIMESTAMP)

-- The ledger, version 9: what a closing took up of what came late for months closed before, line by line. What closings of
-- earlier versions took up has sums alone, in `closings.taken`.

-- As closed_entries; closing_id is that of the closing that took them up, month the closed month that they belong to. What was
-- forgotten since has negative counts and costs.
CREATE TABLE taken_entries AS SELECT * FROM closed_entries LIMIT 0;

-- Requests of sessions, with the model that would serve each. The slot is the table of sums that they belong to.
CREATE OR REPLACE TEMP VIEW turns AS
SELECT *
FROM {table}_turns
JOIN flow_places USING (flow)

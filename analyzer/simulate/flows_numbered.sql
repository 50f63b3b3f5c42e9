-- The flows of a scenario: sums of requests, with the route that it gives them and a number for all that tells them apart.
CREATE OR REPLACE TEMP VIEW flows AS
SELECT *, hash(stretch, route) AS flow
FROM (SELECT * REPLACE ({route} AS route) FROM {table})

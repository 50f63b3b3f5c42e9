-- The flows of a scenario: sums of requests, with the route that it gives them and a number for all that tells them apart.
-- `summed_route` is the route by which they were summed: that of `flows_apart`.
CREATE OR REPLACE TEMP VIEW flows AS
SELECT *, {flow} AS flow
FROM (SELECT * REPLACE ({route} AS route), route AS summed_route FROM {table})

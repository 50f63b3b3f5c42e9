-- Requests one by one, with the model that would serve them: for those alone whose cache is looked at closely.
-- The slots are the route, that by which flows were summed, both expressions over a row of `stretches`, and the number of a flow.
SELECT r.*, p.serves, p.cache_unit, p.moved, p.any_moved, p.server, p.place
FROM (SELECT *, {flow} AS flow FROM (SELECT *, {route} AS route, {summed} AS summed_route FROM stretches)) AS r
JOIN places AS p
    ON p.model = r.model AND p.provider IS NOT DISTINCT FROM r.provider AND p.service_tier IS NOT DISTINCT FROM r.service_tier
    AND p.route = r.route AND p.from_instant <= r.moment AND r.moment < p.to_instant

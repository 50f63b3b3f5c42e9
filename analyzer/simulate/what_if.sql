-- What the calls would have cost under one scenario, by endpoint. Reality is the scenario that routes nothing.
--
-- Four costs, alike but for the cache hits:
--   transferred  every request keeps its hits; an unknown split is all misses
--   low          the same, but an unknown split is all hits
--   modelled     less what the moves take, `shifts`: from the part that no token share takes, whose model is replayed; those
--                that shares take are expected values with the hits that were observed
--   high         cold: every request misses whose domain contains one that moved
-- Beside them stand the ends of what cost is linear in: the hit rate (`all_misses`, `all_hits`) and the outputs of what moves.
-- A request is served in legs: the one that takes it, or the parts that token_shares give to several, and what a cascade
-- sends on. What a subscription covers costs nothing else; `replaced` is what it would have cost by tokens, as far as that is
-- known. Weights, ratios and the hit rate are whole numbers over `one`, `one_ratio` and `one_hit`; costs come out in units
-- of 1e-15 of the currency over all three. The slots say whether requests of a flow wait for lower prices, in which legs flows
-- are served (`legged.sql`), and what is billed beside text (`what_if_apart.sql`): nearly all ledgers have none, and it takes a
-- fifth of the time to plan.
WITH shifted AS (
    SELECT flow, sum(modelled) AS modelled, sum(cold) AS cold
    FROM shifts
    GROUP BY flow
), summed AS (
    SELECT
        flow, endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known, cache_basis,
        route,
        CAST(sum(requests) AS BIGINT) AS requests,
        sum(input_tokens) AS input_tokens,
        sum(cache_read_tokens) AS hits,
        sum(cache_write_tokens) AS writes,
        sum(cache_write_1h_tokens) AS writes_1h,
        sum(output_tokens) AS output_tokens,
        any_value(stretch) AS stretch,
        any_value(summed_route) AS summed_route
    FROM flows
    GROUP BY flow, endpoint, logged_endpoint, model, provider, service_tier, moment, month, size, measured, split_known,
        cache_basis, route
), numbered AS (
    SELECT s.*, a.apart, coalesce(t.modelled, 0) AS modelled_shift, coalesce(t.cold, 0) AS cold_shift, {waits} AS waits
    FROM summed AS s
    LEFT JOIN shifted AS t ON t.flow = s.flow
    LEFT JOIN flows_apart AS a ON a.stretch = s.stretch AND a.route = s.summed_route
), legged AS (
    SELECT * REPLACE (CASE WHEN number = 0 THEN modelled_shift ELSE 0 END AS modelled_shift)
    FROM (
{legged}
    )
), priced AS (
    SELECT
        l.*,
        l.served <> l.serves AS moved,
        v.serves IS NOT NULL AS covered,
        v.serves IS NOT NULL OR p.input IS NOT NULL AS priced,
        coalesce(p.before_first, false) AND l.target IS NOT NULL AND v.serves IS NULL AS before_first,
        CASE WHEN l.served <> l.serves THEN i.factor END AS input_factor,
        CASE WHEN l.served <> l.serves THEN r.factor END AS output_factor,
        l.input_tokens * p.input + extra.a.input + CASE WHEN l.kind = 'served' THEN l.writes * (p.cache_write - p.input)
            + l.writes_1h * (p.cache_write_1h - p.cache_write) ELSE 0 END AS missed,
        l.input_tokens * p.input + extra.a.input AS all_missed,
        p.input - p.cache_read AS saved,
        -- What audio and images that were cached add to what the hits of text save, as observed and had all of them been.
        extra.a.hits AS hits_apart,
        extra.a.all_hits AS all_hits_apart,
        l.output_tokens * p.output + extra.a.output AS output_cost,
        CAST(l.requests AS HUGEINT) * p.request + extra.a.requests AS request_cost
    FROM legged AS l
    LEFT JOIN scenario_prices AS p
        ON p.side = CASE WHEN l.target IS NULL THEN 'logged' ELSE 'target' END AND p.waits = l.waits
        AND p.model = coalesce(l.target, l.model)
        AND p.provider IS NOT DISTINCT FROM CASE WHEN l.target IS NULL THEN l.provider END
        AND p.service_tier IS NOT DISTINCT FROM CASE WHEN l.target IS NULL THEN l.service_tier END
        AND p.hour = date_trunc('hour', l.moment) AND p.from_instant <= l.moment AND l.moment < p.to_instant
        AND p.input_from <= l.size AND l.size < p.input_to
    CROSS JOIN LATERAL (SELECT {apart} AS a) AS extra
    LEFT JOIN input_ratios AS i
        ON i.model = l.model AND i.served = l.served AND i.from_instant <= l.moment AND l.moment < i.to_instant
    LEFT JOIN output_ratios AS r
        ON r.serves = l.serves AND r.from_instant <= l.moment AND l.moment < r.to_instant
    LEFT JOIN covered AS v
        ON v.serves = l.serves AND v.from_instant <= l.moment AND l.moment < v.to_instant
), charged AS (
    SELECT
        *,
        weight * coalesce(input_factor, getvariable('one_ratio')) * getvariable('one_hit') AS f_input,
        weight * coalesce(output_factor, getvariable('one_ratio')) * getvariable('one_hit') * output_cost
            + weight * getvariable('one_ratio') * getvariable('one_hit') * request_cost AS beside,
        -- With a hit rate of its own a scenario knows no other split: not the log's, and none that a move changes.
        weight * coalesce(input_factor, getvariable('one_ratio'))
            * (getvariable('one_hit') * all_missed
                - CASE WHEN kind = 'served' THEN getvariable('hit_rate') ELSE 0 * getvariable('hit_rate') END
                    * (input_tokens * saved - all_hits_apart)) AS rated
    FROM priced
), costed AS (
    SELECT
        *,
        coalesce(rated, f_input * (missed - CASE WHEN kind = 'served' THEN hits * saved - hits_apart ELSE 0 END)) + beside
            AS by_transferred,
        coalesce(rated, f_input * (missed - CASE WHEN kind = 'served' THEN
            (hits + CASE WHEN split_known THEN 0 ELSE input_tokens - writes END) * saved
            - CASE WHEN split_known THEN hits_apart ELSE all_hits_apart END ELSE 0 END)) + beside AS by_low,
        coalesce(rated, f_input * (missed - CASE WHEN kind = 'served' THEN
            (hits + modelled_shift) * saved - CASE WHEN hits + modelled_shift = 0 THEN 0 ELSE hits_apart END ELSE 0 END)) + beside
            AS by_modelled,
        coalesce(rated, f_input * (missed - CASE WHEN kind = 'served' THEN
            (hits + cold_shift) * saved - CASE WHEN hits + cold_shift = 0 THEN 0 ELSE hits_apart END ELSE 0 END)) + beside AS by_high,
        f_input * all_missed + beside AS by_misses,
        f_input * (all_missed - CASE WHEN kind = 'served' THEN input_tokens * saved - all_hits_apart ELSE 0 END) + beside AS by_hits
    FROM charged
), flowed AS (
    SELECT
        flow,
        bool_and(priced) AS priced,
        bool_or(moved AND weight > 0) AS moved,
        bool_or(moved AND weight > 0 AND input_factor IS NULL) AS untold,
        bool_or(before_first AND weight > 0) AS before_first,
        bool_or(covered) AS covered,
        bool_or(covered AND weight > 0 AND by_transferred IS NULL) AS covered_unpriced,
        sum(CASE WHEN covered THEN 0 ELSE by_transferred END) AS transferred,
        sum(CASE WHEN covered THEN 0 ELSE by_low END) AS low,
        sum(CASE WHEN covered THEN 0 ELSE by_modelled END) AS modelled,
        sum(CASE WHEN covered THEN 0 ELSE by_high END) AS high,
        sum(CASE WHEN covered THEN 0 ELSE by_misses END) AS all_misses,
        sum(CASE WHEN covered THEN 0 ELSE by_hits END) AS all_hits,
        -- The outputs of what moves, with the scenario's ratios and without: as far as they are in a cost.
        sum(CASE WHEN moved AND NOT covered AND by_hits IS NOT NULL THEN weight * getvariable('one_hit')
            * coalesce(output_factor, getvariable('one_ratio')) * output_cost ELSE 0 END) AS moving_outputs,
        sum(CASE WHEN moved AND NOT covered AND by_hits IS NOT NULL THEN weight * getvariable('one_hit')
            * getvariable('one_ratio') * output_cost ELSE 0 END) AS logged_outputs,
        sum(CASE WHEN covered THEN by_transferred END) AS replaced_transferred,
        sum(CASE WHEN covered THEN by_modelled END) AS replaced_modelled,
        sum(CASE WHEN covered THEN by_high END) AS replaced_high,
        sum(weight * missed) AS missed,
        sum(weight * input_tokens * saved) AS saved,
        sum(weight * output_cost) AS output_cost,
        sum(CASE WHEN moved THEN weight ELSE 0 END * output_cost) AS moved_output,
        sum(weight * request_cost) AS request_cost
    FROM costed
    GROUP BY flow
), compared AS (
    SELECT
        n.endpoint,
        n.model,
        n.month,
        n.cache_basis,
        n.measured,
        n.requests,
        n.input_tokens,
        n.hits,
        n.hits + n.modelled_shift AS modelled_hits,
        n.hits + n.cold_shift AS cold_hits,
        n.output_tokens,
        n.measured AND f.priced AS priced,
        n.measured AND f.priced AND c.input IS NOT NULL AS paired,
        f.* EXCLUDE (priced),
        (n.input_tokens - n.hits - n.writes) * c.input + n.hits * c.cache_read + n.writes * c.cache_write
            + n.writes_1h * (c.cache_write_1h - c.cache_write) + n.output_tokens * c.output
            + CAST(n.requests AS HUGEINT) * c.request + CASE WHEN n.apart IS NULL OR c.apart IS NULL THEN 0
                ELSE apart_sum(n.apart, c.apart, '') END AS actual
    FROM numbered AS n
    JOIN flowed AS f ON f.flow = n.flow
    LEFT JOIN prices AS c
        ON c.model = n.model AND c.hour = date_trunc('hour', n.moment) AND c.from_instant <= n.moment AND n.moment < c.to_instant
        AND c.provider IS NOT DISTINCT FROM n.provider AND c.service_tier IS NOT DISTINCT FROM n.service_tier
        AND c.input_from <= n.size AND n.size < c.input_to
)
SELECT
    endpoint,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(coalesce(sum(requests) FILTER (WHERE measured AND NOT priced), 0) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(requests) FILTER (WHERE paired), 0) AS BIGINT) AS compared_requests,
    CAST(coalesce(sum(requests) FILTER (WHERE priced AND before_first), 0) AS BIGINT) AS before_first_price,
    CAST(coalesce(sum(requests) FILTER (WHERE moved), 0) AS BIGINT) AS moved,
    CAST(coalesce(sum(requests) FILTER (WHERE cache_basis = 'session'), 0) AS BIGINT) AS in_sessions,
    CAST(coalesce(sum(requests) FILTER (WHERE cache_basis = 'blocks'), 0) AS BIGINT) AS in_blocks,
    CAST(coalesce(sum(requests) FILTER (WHERE covered), 0) AS BIGINT) AS covered_requests,
    -- Of those with usage: what is not known of their cost by tokens, here, and in reality.
    CAST(coalesce(sum(requests) FILTER (WHERE covered_unpriced AND measured), 0) AS BIGINT) AS covered_unpriced,
    CAST(coalesce(sum(requests) FILTER (WHERE covered AND measured AND NOT paired), 0) AS BIGINT) AS covered_uncompared,
    list(DISTINCT model) FILTER (WHERE untold) AS untold_models,  -- how many tokens theirs are elsewhere
    list(DISTINCT strftime(month, '%Y-%m')) FILTER (WHERE covered AND requests > 0) AS covered_months,
    sum(transferred) FILTER (WHERE priced) AS transferred,
    sum(low) FILTER (WHERE priced) AS low,
    sum(modelled) FILTER (WHERE priced) AS modelled,
    sum(high) FILTER (WHERE priced) AS high,
    sum(all_misses) FILTER (WHERE priced) AS all_misses,
    sum(all_hits) FILTER (WHERE priced) AS all_hits,
    sum(moving_outputs) FILTER (WHERE priced) AS moving_outputs,
    sum(logged_outputs) FILTER (WHERE priced) AS logged_outputs,
    sum(replaced_transferred) FILTER (WHERE measured) AS replaced_transferred,
    sum(replaced_modelled) FILTER (WHERE measured) AS replaced_modelled,
    sum(replaced_high) FILTER (WHERE measured) AS replaced_high,
    sum(actual) FILTER (WHERE paired) AS compared_actual,
    sum(transferred) FILTER (WHERE paired) AS compared_transferred,
    sum(low) FILTER (WHERE paired) AS compared_low,
    sum(modelled) FILTER (WHERE paired) AS compared_modelled,
    sum(high) FILTER (WHERE paired) AS compared_high,
    sum(missed) FILTER (WHERE paired) AS compared_missed,
    sum(saved) FILTER (WHERE paired) AS compared_saved,
    sum(output_cost) FILTER (WHERE paired) AS compared_output,
    sum(moved_output) FILTER (WHERE paired) AS compared_moved_output,
    sum(request_cost) FILTER (WHERE paired) AS compared_request,
    CAST(sum(input_tokens) FILTER (WHERE paired) AS HUGEINT) AS compared_input_tokens,
    CAST(sum(hits) FILTER (WHERE paired) AS HUGEINT) AS compared_hits,
    CAST(sum(modelled_hits) FILTER (WHERE paired) AS HUGEINT) AS compared_modelled_hits,
    CAST(sum(cold_hits) FILTER (WHERE paired) AS HUGEINT) AS compared_cold_hits,
    CAST(sum(output_tokens) FILTER (WHERE paired) AS HUGEINT) AS compared_output_tokens
FROM compared
GROUP BY endpoint
ORDER BY endpoint

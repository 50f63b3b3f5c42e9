-- Rows of usage exports whose bucket crosses an edge of a month (`edge_from`, `edge_until`: its bounds, UTC): calls, and what they
-- cost by the month that they are counted in. A row is counted whole where the instant lies that decides its price.
SELECT
    CAST(coalesce(sum(calls), 0) AS BIGINT) AS requests,
    CAST(sum(cost) FILTER (WHERE inside) AS HUGEINT) AS inside,
    CAST(sum(cost) FILTER (WHERE NOT inside) AS HUGEINT) AS outside
FROM (
    SELECT calls, cost, instant >= getvariable('edge_from') AND instant < getvariable('edge_until') AS inside
    FROM charges
    WHERE bucket_end IS NOT NULL
      AND (started_at < getvariable('edge_from') AND bucket_end > getvariable('edge_from')
        OR started_at < getvariable('edge_until') AND bucket_end > getvariable('edge_until'))
)

-- Spark's own SQL. Cache counts in words that leave open whether they are a part of the input, as `analyzer/ingest/beside.sql` has it:
-- where any record of the log and model shows that they stand beside it, they do in those, too, that show nothing.
SELECT j.* EXCEPT (input_tokens),
    CASE WHEN j.log_cache = 'open' AND b.beside_file IS NOT NULL
         THEN j.input_tokens + coalesce(j.cache_read_tokens, 0) + coalesce(j.cache_write_tokens, 0)
         ELSE j.input_tokens END AS input_tokens
FROM log_judged AS j
LEFT JOIN (
    SELECT DISTINCT log_file AS beside_file, model AS beside_model
    FROM log_judged
    WHERE log_cache = 'beside'
) AS b ON b.beside_file = j.log_file AND b.beside_model = j.model

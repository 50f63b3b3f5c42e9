-- Of which family a logged name is another word: always, and at a known price. Writes have prices of their own, so that a
-- name with some is none. Nor is one that is a pattern, or cannot stand in a file as it is.
CREATE OR REPLACE TEMP TABLE serving_names AS
SELECT lower(model) AS name, CASE WHEN bool_and(serves = flash_serves) THEN 'flash' ELSE 'pro' END AS family
FROM serving_usage
GROUP BY lower(model)
HAVING (bool_and(serves = flash_serves) OR bool_and(serves = pro_serves)) AND bool_and(p_input IS NOT NULL)
    AND sum(cache_write_tokens) = 0
    AND NOT regexp_matches(lower(model), '[*?\[\]"\\]|[[:cntrl:]]')
ORDER BY name

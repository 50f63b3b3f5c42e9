-- Requests of every kind that tells questions apart: rows of exports beside single ones, other makers' models and tiers, names that
-- are missing or strange, unknown cache splits, calls without usage, images and searches, sizes around a price's step, hours
-- around its change, sessions that go from model to model. Seeded by MD5, so the same everywhere; the slot is how many.
INSERT INTO requests BY NAME
WITH drawn AS (
    SELECT n, md5('made:' || n) AS digest FROM range({count}) AS r(n)
), dice AS (
    SELECT n, digest, list_transform(range(8), lambda i: CAST('0x' || substr(digest, 4 * i + 1, 4) AS BIGINT)) AS d FROM drawn
), told AS (
    SELECT
        n,
        d,
        TIMESTAMP '2026-08-20' + to_microseconds(CAST(n AS BIGINT) * (100 * 86400000000 // {count}) + d[1] * 997) AS started_at,
        d[2] % 1000 < 15 AS failed,
        CASE WHEN d[3] % 11 = 0 THEN 900000 + d[4] * 7 WHEN d[3] % 11 = 1 THEN 128000 + d[4] % 3 ELSE 1 + (d[4] * d[4]) // 60000 END AS given
    FROM dice
)
SELECT
    1 AS source_id,
    n AS record,
    1 AS records,
    1 AS calls,
    'r' || n AS request_id,
    started_at,
    CASE WHEN d[2] % 9 > 0 THEN started_at + to_microseconds(d[5] * 3011) END AS completed_at,
    CASE d[3] % 7 WHEN 0 THEN NULL WHEN 1 THEN '=cmd()' WHEN 2 THEN '/café/"x"' ELSE '/endpoint/' || d[3] % 7 END AS endpoint,
    CASE d[5] % 10 WHEN 0 THEN 'gpt-5' WHEN 1 THEN 'claude-sonnet-4-5' WHEN 2 THEN 'gemini-2.5-pro' WHEN 3 THEN 'acme-chat-9b'
        WHEN 4 THEN 'deepseek-flash' WHEN 5 THEN 'deepseek-v4-flash' WHEN 6 THEN 'gpt-4o-audio-preview' ELSE 'deepseek-v4-pro' END AS model,
    CASE WHEN d[5] % 10 = 0 THEN 'openai' WHEN d[5] % 10 = 1 THEN 'anthropic' END AS provider,
    CASE WHEN d[6] % 20 = 0 THEN 'batch' END AS service_tier,
    CASE WHEN d[6] % 3 > 0 THEN 's' || (n // 40 * 5 + d[7] % 5) END AS session_id,
    'key-' || d[7] % 5 AS api_key_name,
    CASE WHEN d[7] % 4 > 0 THEN 'team-' || d[7] % 4 END AS team,
    'chat' AS operation,
    CASE WHEN d[8] % 3 = 0 THEN 'user-' || d[8] % 90 END AS user_name,
    CASE WHEN failed THEN ['500', '429', 'Timed Out', 'error', '400.0'][1 + d[8] % 5] WHEN d[8] % 5 > 0 THEN ['200', 'stop', '399', 'length'][1 + d[8] % 4] END AS status,
    CASE WHEN NOT failed THEN given END AS input_tokens,
    CASE WHEN NOT failed AND d[6] % 10 > 0 THEN given * (d[7] % 100) // 100 // 128 * 128 END AS cache_read_tokens,
    CASE WHEN NOT failed AND d[6] % 10 > 0 AND d[5] % 10 = 1 THEN given // 300 END AS cache_write_tokens,
    CASE WHEN NOT failed AND d[6] % 10 > 0 AND d[5] % 10 = 1 AND d[7] % 2 = 0 THEN given // 900 END AS cache_write_1h_tokens,
    CASE WHEN NOT failed THEN CASE WHEN d[8] % 40 = 0 THEN 0 ELSE (d[8] * d[8]) // 400000 END END AS output_tokens,
    CASE WHEN NOT failed AND d[8] % 3 = 0 THEN (d[8] * d[8]) // 900000 END AS reasoning_tokens,
    CASE WHEN d[1] % 3 > 0 THEN d[1] % 4 END AS tool_calls,
    CASE WHEN failed THEN NULL WHEN d[5] % 10 = 6 THEN MAP {'input_audio': 1 + given // 3, 'output_audio': 1 + d[8] // 4000}
        WHEN d[1] % 50 = 0 THEN MAP {'search': 1 + d[1] % 3, 'input_image': 1 + given // 5, 'cache_read_image': given // 1000} END AS apart
FROM told
UNION ALL BY NAME
-- Days of an export: of a model that is not logged one by one, and of one that is.
SELECT
    2 AS source_id, 4 AS records, 100 + day AS calls, 'export-' || day || m.model AS request_id,
    TIMESTAMP '2026-08-25' + to_days(CAST(day AS INTEGER)) AS started_at,
    TIMESTAMP '2026-08-26' + to_days(CAST(day AS INTEGER)) AS bucket_end,
    m.model, 'key-export' AS api_key_name,
    5000000 + day * 1001 AS input_tokens, 3000000 + day * 77 AS cache_read_tokens, 400000 + day AS output_tokens,
    CASE day % 3 WHEN 0 THEN 435000000 WHEN 1 THEN 140000000 END AS stated_input
FROM range(40) AS r(day), (VALUES ('deepseek-v4-pro'), ('deepseek-reasoner')) AS m(model)

-- name:      burstgpt
-- title:     BurstGPT traces (CSV)
-- source:    https://github.com/HPMLL/BurstGPT
-- container: csv
-- evidence:  Timestamp
-- evidence:  Model
-- evidence:  Request tokens
-- evidence:  Response tokens
-- evidence:  Log Type
-- time:      Timestamp
-- model:     Model
-- needs:     --set time=ORIGIN
-- columns:   Timestamp VARCHAR, "Session ID" VARCHAR, "Elapsed time" VARCHAR, Model VARCHAR, "Request tokens" COUNT,
--            "Response tokens" COUNT, "Total tokens" COUNT, "Log Type" VARCHAR
--
-- Times are seconds since the trace began. A call without a response failed: what it cost is not told. Nothing identifies a
-- call, and equal ones are many.
SELECT
    source_id,
    -- A whole number would be taken for milliseconds.
    CASE WHEN regexp_full_match(Timestamp, '\d+') THEN Timestamp || '.0' ELSE Timestamp END AS started_at,
    "Elapsed time" AS latency_s,
    "Log Type" AS endpoint,
    Model AS model,
    "Session ID" AS session_id,
    CASE WHEN measure("Response tokens") = 0 THEN 'failed' END AS status,
    CASE WHEN measure("Response tokens") <> 0 THEN "Request tokens" END AS input_tokens,
    CASE WHEN measure("Response tokens") <> 0 THEN "Response tokens" END AS output_tokens,
    CASE WHEN measure("Response tokens") <> 0 THEN "Total tokens" END AS total_tokens
FROM records

-- name:      cline-task
-- title:     Cline, Roo Code, Kilo Code: what is kept of tasks beside their calls (history_item.json, task_metadata.json): known, but it holds sums
-- source:    https://github.com/RooCodeInc/Roo-Code/blob/main/packages/types/src/history.ts
--            https://github.com/cline/cline/blob/main/src/shared/HistoryItem.ts
-- container: json
-- evidence:  tokensIn | files_in_context
-- evidence:  tokensOut | files_in_context
-- evidence:  totalCost | files_in_context
-- evidence:  task | files_in_context
-- time:      ts
-- model:     none
-- columns:   ts VARCHAR
--
-- The tokens of a whole task, or its files and models. The calls are in its ui_messages.json: to count both would count them twice.
SELECT
    source_id,
    'what is kept of a task beside its calls, which its ui_messages.json tells' AS skip,
    ts AS started_at
FROM records

-- Cut `entries` to a period (`since`, `until`: UTC, NULL for no bound). An entry begins with its hour; or within it, where the
-- reporting zone is off by half an hour and another hour begins there on its clocks.
DELETE FROM entries
WHERE hour + greatest(local_hour - timezone(getvariable('tz'), timezone('UTC', hour)), INTERVAL 0 HOUR) < getvariable('since')
   OR hour + greatest(local_hour - timezone(getvariable('tz'), timezone('UTC', hour)), INTERVAL 0 HOUR) >= getvariable('until')

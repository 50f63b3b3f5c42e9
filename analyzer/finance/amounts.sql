-- Money and quantities out of whole units, exactly: DuckDB's own division would go through floating-point numbers.
CREATE OR REPLACE TEMP MACRO amount_of(units) AS
    CAST(units AS DECIMAL(38, 0)) * CAST('0.000000000000001' AS DECIMAL(15, 15));
-- A price of one token in units of 1e-15, as the price of a million of them.
CREATE OR REPLACE TEMP MACRO per_million(units) AS amount_of(CAST(units AS HUGEINT) * 1000000);

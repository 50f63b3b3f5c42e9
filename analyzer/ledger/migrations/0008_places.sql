-- Where in its log a row without an identity stood that another log told of before: with it the log is whole again when
-- yet another one is compared to it. NULL: not known.
ALTER TABLE copies ADD COLUMN place BIGINT;

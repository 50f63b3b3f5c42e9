-- The words of formats (see analyzer/ledger/macros.sql) and of `plain.sql`, as they hold for values that are written plainly,
-- in a form that means the same on every engine. Records that hold other values are odd, and judged elsewhere. `standing_beside`
-- is the ledger's own.

-- Counts: up to fifteen digits, and nothing else.
CREATE OR REPLACE TEMP MACRO counted(v) AS regexp_full_match(v, '[0-9]{1,15}');
CREATE OR REPLACE TEMP MACRO measure(v) AS CASE WHEN counted(v) THEN CAST(v AS DOUBLE) END;
CREATE OR REPLACE TEMP MACRO whole(v) AS CASE WHEN counted(v) THEN CAST(v AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO miscounted(v) AS v IS NOT NULL AND NOT counted(v);
CREATE OR REPLACE TEMP MACRO shown(v) AS v;
CREATE OR REPLACE TEMP MACRO usage_told(i, o) AS NOT (coalesce(measure(i), 0) = 0 AND coalesce(measure(o), 0) = 0);

-- An id that proves nothing.
CREATE OR REPLACE TEMP MACRO commonplace(v) AS coalesce(regexp_full_match(v,
    '((chat)?cmpl-)?[0-9]{1,9}|(.*[-_])?(stub|static|default|string|none|null|unknown|placeholder|dummy|mock)'), false);

-- Here all that a log says is text already; casts to text are no part of the portable subset.
CREATE OR REPLACE TEMP MACRO erred(v) AS v IS NOT NULL AND NOT regexp_full_match(lower(trim(v)),
    '|false|[+-]?0+(\.0*)?|null|none|nil|nan|n/a|-|\{\s*\}|\[\s*\]|"\s*"|no|(no|0|zero|without)[ _-](any[ _-])?errors?\.?');

-- A number as JSON or an engine writes it: plainly, or with a power of ten.
CREATE OR REPLACE TEMP MACRO plain_number(v) AS regexp_full_match(v, '[0-9]{1,12}(\.[0-9]{1,25})?|[0-9](\.[0-9]{1,20})?[Ee][+-]?[0-9]{1,2}');

-- An amount of money that is one, and fits its type whatever its power of ten.
CREATE OR REPLACE TEMP MACRO plain_money(v) AS plain_number(v) AND NOT regexp_matches(v, '[Ee]\+?[0-9]{2}$');

-- An instant of this century: ISO 8601 (no zone means UTC), or a Unix time in s, ms or us, or in s with places.
CREATE OR REPLACE TEMP MACRO plain_instant(v) AS CASE
    WHEN regexp_full_match(v, '20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?')
        THEN make_timestamp(epoch_us(TRY_CAST(v AS TIMESTAMPTZ)))
    WHEN regexp_full_match(v, '[1-3][0-9]{9}') THEN make_timestamp(CAST(v AS BIGINT) * 1000000)
    WHEN regexp_full_match(v, '[1-3][0-9]{12}') THEN make_timestamp(CAST(v AS BIGINT) * 1000)
    WHEN regexp_full_match(v, '[1-3][0-9]{15}') THEN make_timestamp(CAST(v AS BIGINT))
    WHEN regexp_full_match(v, '[1-3][0-9]{9}\.[0-9]{1,6}|[1-3]\.[0-9]{1,15}E9')
        THEN make_timestamp(CAST(CAST(v AS DECIMAL(38, 6)) * 1000000 AS BIGINT)) END;

-- How long a call took, in microseconds, as the ledger rounds it; NULL where that is told otherwise.
CREATE OR REPLACE TEMP MACRO microseconds(v, unit) AS CASE
    WHEN plain_number(v) AND CAST(v AS DOUBLE) * unit < 10000000000000 THEN round_even(CAST(v AS DOUBLE) * unit, 0) END;

-- Names that have neither spaces at their ends nor brackets before them, and are short enough to be some.
CREATE OR REPLACE TEMP MACRO odd_name(v) AS v <> '' AND NOT (length(v) <= 1000
    AND regexp_matches(v, '^[!-Z\\-z|}~\p{L}\p{N}]') AND regexp_matches(v, '[!-~\p{L}\p{N}]$'));
-- What may hold a key, which is not to be shown.
CREATE OR REPLACE TEMP MACRO keyed(v) AS regexp_matches(v,
    '((sk|pk|rk|xai|glpat|xox[abeprs])-|(gsk|gh[opsu]|ghr|github_pat|hf|r8)_|AIza|AKIA|ASIA|eyJ|ya29\.|Bearer )[-_A-Za-z0-9.=]{12,}');
-- A key's name, with anything that looks like a secret masked.
CREATE OR REPLACE TEMP MACRO hidden(v) AS CASE
    WHEN regexp_matches(v, '^(Bearer\s+)?(sk|pk|rk|xai|gsk|AIza|key|ak|hf|r8|eyJ)[-_A-Za-z0-9.]{12,}$')
      OR (length(v) >= 24 AND regexp_full_match(v, '[A-Za-z0-9+/=_.-]+') AND regexp_matches(v, '[0-9]')
          AND regexp_matches(v, '[A-Za-z]') AND NOT regexp_matches(v, '[a-z]{3,}[-_. ][a-z]{3,}'))
    THEN left(v, 3) || '…' || right(v, 4)
    ELSE nullif(v, '') END;
-- An address without its query and its login.
CREATE OR REPLACE TEMP MACRO bare(v) AS CASE
    WHEN contains(v, '?') OR contains(v, '://')
    THEN regexp_replace(regexp_replace(v, '^([a-z]+://|/)([^?#]*)[?#][\s\S]*$', '\1\2'), '^([a-z]+://)[^/@]*@', '\1')
    ELSE nullif(v, '') END;

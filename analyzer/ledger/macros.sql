-- Words shared by all formats. They hold for one connection and are not part of the ledger file.

-- The elements of a list with their places, from 1: for statements that other engines can run, too.
CREATE OR REPLACE TEMP MACRO numbered(v) AS list_transform(v, lambda block, i: {'place': i, 'block': block});

-- An instant in UTC from ISO 8601 text (no zone means UTC) or a Unix time in s, ms, us or ns, told apart by size.
-- NULL when it is neither. An instant out of range stays visible so that the record can be rejected for it.
CREATE OR REPLACE TEMP MACRO unix_instant(n) AS make_timestamp(CAST(CASE
    WHEN abs(n) < 100000000000        THEN n * 1000000
    WHEN abs(n) < 100000000000000     THEN n * 1000
    WHEN abs(n) < 100000000000000000  THEN n
    ELSE n * 0.001 END AS BIGINT));
-- What else ISO 8601 and RFC 3339 allow, in the form that DuckDB reads, which checks days and hours: the basic form, hours alone,
-- small letters, a comma.
CREATE OR REPLACE TEMP MACRO seldom_instant(v) AS TRY_CAST(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(upper(translate(v, ',', '.')),
        '(T.*[-+]\d\d):?(\d\d)$', '\1:\2'),
        '^(\d{4})-?(\d\d)-?(\d\d)T(\d\d)(Z|[-+][0-9:]+)?$', '\1-\2-\3 \4:00:00\5'),
        '^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)(Z|[-+][0-9:]+)?$', '\1-\2-\3 \4:\5:00\6'),
        '^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d(?:\.\d{1,9})?)(Z|[-+][0-9:]+)?$', '\1-\2-\3 \4:\5:\6\7')
    AS TIMESTAMPTZ);
-- A CASE and no coalesce: the number is looked for only where there is no text of an instant, at a tenth of the cost.
CREATE OR REPLACE TEMP MACRO instant(v) AS CASE
    WHEN TRY_CAST(v AS TIMESTAMPTZ) IS NOT NULL THEN make_timestamp(epoch_us(TRY_CAST(v AS TIMESTAMPTZ)))
    ELSE coalesce(TRY(unix_instant(TRY_CAST(v AS DECIMAL(38, 9)))), TRY(make_timestamp(epoch_us(seldom_instant(v))))) END;

-- A count as a number, whole or not; NULL when the text is no number.
CREATE OR REPLACE TEMP MACRO measure(v) AS TRY_CAST(v AS DOUBLE);
-- True when something stands there that is no whole number from 0 to 2^53 - 1 (a double cannot tell 2^53 from one more).
CREATE OR REPLACE TEMP MACRO miscounted(v) AS
    v IS NOT NULL AND coalesce(NOT (measure(v) BETWEEN 0 AND 9007199254740991 AND measure(v) = floor(measure(v))), true);
-- The count itself, for a value that is not miscounted.
CREATE OR REPLACE TEMP MACRO whole(v) AS CAST(measure(v) AS BIGINT);
-- What counts of two kinds add up to: one that is not told is 0 beside one that is. NULL where neither is, or one is no count.
CREATE OR REPLACE TEMP MACRO sum_of(a, b) AS
    CASE WHEN coalesce(a, b) IS NOT NULL AND NOT miscounted(a) AND NOT miscounted(b) THEN coalesce(whole(a), 0) + coalesce(whole(b), 0) END;
-- Whether the usage of a call is told: 0 and 0 is what one has that failed, or of which the provider told nothing.
CREATE OR REPLACE TEMP MACRO usage_told(i, o) AS NOT (coalesce(measure(i), 0) = 0 AND coalesce(measure(o), 0) = 0);
-- One count that has several names: gateways leave a 0 under those that they do not fill.
CREATE OR REPLACE TEMP MACRO filled(counts) AS
    coalesce(list_filter(counts, lambda c: c IS NOT NULL AND measure(c) IS DISTINCT FROM 0)[1], list_filter(counts, lambda c: c IS NOT NULL)[1]);
-- Of Gemini's counts by modality the one of a kind; each has one entry at most.
CREATE OR REPLACE TEMP MACRO of_modality(details, kind) AS
    list_transform(list_filter(details, lambda d: d.modality = kind), lambda d: coalesce(d.tokenCount, d.token_count))[1];
-- Which counts stand beside input and output, and not within: 1 those of the cache, 2 reasoning, 3 both, 0 none; NULL where
-- nothing adds up to the total. The provider's rule, unless it misses the total and another one meets it.
CREATE OR REPLACE TEMP MACRO standing_beside(i, o, t, cached, reasoned, cache_beside, reasoning_beside) AS CASE
    WHEN t IS NULL OR i IS NULL OR o IS NULL
      OR t = i + o + (CASE WHEN cache_beside THEN cached ELSE 0 END) + (CASE WHEN reasoning_beside THEN reasoned ELSE 0 END)
        THEN (CASE WHEN cache_beside THEN 1 ELSE 0 END) + (CASE WHEN reasoning_beside THEN 2 ELSE 0 END)
    WHEN t = i + o                     THEN 0
    WHEN t = i + o + reasoned          THEN 2
    WHEN t = i + o + cached            THEN 1
    WHEN t = i + o + cached + reasoned THEN 3 END;
-- How a wrong count is shown in a reason: a number as it stands, anything else without its content.
CREATE OR REPLACE TEMP MACRO shown(v) AS
    CASE WHEN v IS NULL THEN NULL WHEN measure(v) IS NULL THEN 'not a number' ELSE regexp_replace(CAST(v AS VARCHAR), '\.0$', '') END;

-- Whether an id is one that a server of one's own may give to many replies: a short number, or a word in place of one.
CREATE OR REPLACE TEMP MACRO commonplace(v) AS coalesce(regexp_full_match(v,
    '((chat)?cmpl-)?[0-9]{1,9}|(.*[-_])?(stub|static|default|string|none|null|unknown|placeholder|dummy|mock)'), false);

-- Whether a text is plainly a name as it stands: short, ASCII, no space at its ends, no bracket at its beginning. Cheap
-- comparisons (`<` goes by bytes) that hold for most names; Unicode has more spaces, which `trim` knows.
CREATE OR REPLACE TEMP MACRO tidy(v) AS
    (v > '!' AND v < '[' OR v > '\' AND v < '{') AND NOT ends_with(v, ' ') AND strlen(v) <= 1000 AND strlen(v) = length(v);
-- A name from a log: trimmed, the empty string is no name, cut where it can no longer be one. An object or a list is no
-- name: there may be texts in it.
CREATE OR REPLACE TEMP MACRO named(v) AS CASE
    WHEN tidy(CAST(v AS VARCHAR)) THEN CAST(v AS VARCHAR)
    WHEN (starts_with(CAST(v AS VARCHAR), '{') OR starts_with(CAST(v AS VARCHAR), '['))
     AND regexp_matches(CAST(v AS VARCHAR), '^[\[{]\s*["\[{}\]]') THEN NULL
    ELSE nullif(trim(CAST(v AS VARCHAR)[:1000]), '') END;
-- What a request was for: a name, or an address without its query and its login, where keys may stand.
CREATE OR REPLACE TEMP MACRO routed(v) AS CASE
    WHEN contains(v, '?') OR contains(v, '://')
    THEN regexp_replace(regexp_replace(named(v), '^([a-z]+://|/)([^?#]*)[?#].*$', '\1\2', 's'), '^([a-z]+://)[^/@]*@', '\1')
    ELSE named(v) END;
-- A name without keys of known kinds in it, which logs hold where they should not. Most names are short, or begin otherwise.
CREATE OR REPLACE TEMP MACRO unkeyed(v) AS CASE
    WHEN strlen(v) < 20 THEN v
    WHEN (contains(v, 'sk-') OR v[:2] IN ('pk', 'rk', 'xa', 'gs', 'AI', 'AK', 'AS', 'gh', 'gi', 'gl', 'xo', 'hf', 'r8', 'ey', 'ya', 'Be'))
     AND regexp_matches(v, '\b(?:(?:sk|pk|rk|xai|glpat|xox[abeprs])-|(?:gsk|gh[opsu]|ghr|github_pat|hf|r8)_|AIza|AKIA|ASIA|eyJ|ya29\.|Bearer )[-_A-Za-z0-9.=]{16,}')
     AND regexp_matches(v, '[0-9]')
    THEN regexp_replace(v, '\b((?:sk|pk|rk|xai|glpat|xox[abeprs])-|(?:gsk|gh[opsu]|ghr|github_pat|hf|r8)_|AIza|AKIA|ASIA|eyJ|ya29\.|Bearer )[-_A-Za-z0-9.=]{12,}([-_A-Za-z0-9.=]{4})', '\1…\2', 'g')
    ELSE v END;
-- A key's name, which `named` has given, with anything that looks like a secret masked to its first and last characters.
CREATE OR REPLACE TEMP MACRO masked(v) AS CASE
    WHEN v IS NULL THEN NULL
    WHEN strlen(v) < 14 THEN v  -- too short for either pattern
    WHEN regexp_matches(v, '^(?:Bearer\s+)?(?:sk|pk|rk|xai|gsk|AIza|key|ak|hf|r8|eyJ)[-_A-Za-z0-9.]{12,}$')
      OR (length(v) >= 24 AND regexp_full_match(v, '[A-Za-z0-9+/=_.-]+') AND regexp_matches(v, '[0-9]')
          AND regexp_matches(v, '[A-Za-z]') AND NOT regexp_matches(v, '[a-z]{3,}[-_. ][a-z]{3,}'))
    THEN v[:3] || '…' || v[-4:]
    ELSE v END;
-- Whether a request went well: an HTTP code, a finish reason or a short word as it stands; any other text is an error.
CREATE OR REPLACE TEMP MACRO outcome(v) AS CASE
    WHEN named(v) IS NULL THEN NULL
    WHEN CAST(v AS VARCHAR) IN ('200', 'success', 'stop', 'end_turn', 'tool_use', 'tool_calls', 'completed', 'ok') THEN CAST(v AS VARCHAR)
    WHEN regexp_full_match(named(v), '[A-Za-z0-9_. -]{1,40}|HTTP/[0-9.]+ [A-Za-z0-9_. -]{1,40}') THEN named(v)
    ELSE 'error' END;
-- Whether what stands under `error` says that there was one: many loggers always write the key.
CREATE OR REPLACE TEMP MACRO erred(v) AS v IS NOT NULL AND NOT regexp_full_match(lower(trim(CAST(v AS VARCHAR))),
    '|false|[+-]?0+(\.0*)?|null|none|nil|nan|n/a|-|\{\s*\}|\[\s*\]|"\s*"|no|(no|0|zero|without)[ _-](any[ _-])?errors?\.?');
-- A service tier, and behind it that the answer was to come from the United States alone, for which some providers ask more.
CREATE OR REPLACE TEMP MACRO placed_tier(v, place) AS CASE WHEN lower(trim(place)) = 'us' THEN coalesce(v, 'standard') || '/us' ELSE v END;
-- The least input that each call of a class of sizes had, as exports name classes: `> 200k`, `200k-1M`. NULL: they may be small.
CREATE OR REPLACE TEMP MACRO least_input(v) AS CASE WHEN regexp_matches(v, '^\s*>\s*[0-9]{1,5}\s*k\s*$|^\s*[0-9]{1,5}\s*k\s*[-–]', 'i')
    THEN CAST(regexp_extract(v, '[0-9]+') AS BIGINT) * 1000 + 1 END;
-- Money that a log states: plain decimal text or a number in any notation, exact to 15 decimals.
CREATE OR REPLACE TEMP MACRO money(v) AS TRY_CAST(replace(CAST(v AS VARCHAR), '$', '') AS DECIMAL(38, 15));
-- A price per token as whole units of 1e-15; NULL when it is finer or no number.
CREATE OR REPLACE TEMP MACRO price_units(v) AS TRY(CAST(CAST(v AS DECIMAL(38, 18)) * 1000000000000000 AS BIGINT));
-- What counts that are billed apart add to a price, of the kinds whose names begin so; both are maps by kind.
CREATE OR REPLACE TEMP MACRO apart_sum(amounts, added, opening) AS coalesce(list_sum(list_transform(map_entries(amounts),
    lambda one: CASE WHEN starts_with(one.key, opening) THEN CAST(one.value AS HUGEINT) * coalesce(added[one.key], 0) ELSE 0 END)), 0);

-- Ids that a row restates, which stand behind its fate while its source is loaded: `requests` has no column for them.
CREATE OR REPLACE TEMP MACRO with_restated(fate, ids) AS
    CASE WHEN len(ids) > 0 THEN concat(fate, chr(31), array_to_string(ids, chr(31))) ELSE fate END;
CREATE OR REPLACE TEMP MACRO restates(fate) AS contains(fate, chr(31));
CREATE OR REPLACE TEMP MACRO restated_behind(fate) AS string_split(fate, chr(31))[2:];
CREATE OR REPLACE TEMP MACRO fate_alone(fate) AS nullif(string_split(fate, chr(31))[1], '');

"""The portable subset: every query can be had on Spark, and what would mean another thing there is refused by its place."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlglot import parse_one
from support import BOOK, scenario

from analyzer.engines.query import Query, base, queries
from analyzer.engines.refusal import NotPortableError
from analyzer.engines.translation import constant, to_spark
from analyzer.engines.wording import FORMATS, expanded, macros
from analyzer.finance.entries import sql as finance_sql
from analyzer.prices.apart import REQUESTS, TOKENS
from analyzer.simulate.pricing import sql
from analyzer.simulate.relations import View, settings
from analyzer.simulate.routing import Called, route

ALL = {**base(), **queries()}
SETTINGS = {**settings(View()), "salt": 0}


def spark(expression: str, **variables: object) -> str:
    """An expression over a table ``t``, as Spark has it."""
    text = to_spark(f"SELECT {expression} AS x FROM t", "here.sql", {**SETTINGS, **variables})
    found = re.fullmatch(r"SELECT (.*) AS `x` FROM `t`", text)
    assert found is not None, text
    return found[1]


@pytest.mark.parametrize("query", ALL.values(), ids=ALL.keys())
def test_every_query_translates(query: Query) -> None:
    text = to_spark(query.sql, f"queries/{query.name}.sql", SETTINGS)

    assert not re.search(r"GETVARIABLE|INT128|HUGEINT|NTZ|PERCENTILE_|APPROX|QUANTILE", text.upper())


# What is asked where the requests are beside queries, with what stands in its slots.
ASKED = {
    **{name: finance_sql(name) for name in ("edge", "computed", "held", "straddling")},
    **{name: sql(name).replace("{user}", "user_name") for name in ("gathered", "gathered_kinds")},
    **{name: sql(name).replace("{key}", "request_id") for name in ("block_hits", "shifts_blocks", "self_test_blocks")},
    "told_apart": sql("told_apart"),
}
HERE = {"edge_from": datetime(2026, 5, 1), "edge_until": datetime(2026, 6, 1), "cache_ttl": timedelta(hours=6)}


@pytest.mark.parametrize("name", ASKED)
def test_every_statement_about_requests_translates(name: str) -> None:
    text = to_spark(ASKED[name], f"{name}.sql", {**SETTINGS, **HERE})

    assert not re.search(r"GETVARIABLE|INT128|HUGEINT|NTZ|NUMBERED", text.upper())


@pytest.mark.parametrize("text", [ALL["charges"].sql, ALL["straddling"].sql, ASKED["computed"]])
def test_all_that_is_billed_apart_is_named(text: str) -> None:
    """These name the kinds one by one; a kind that is new must be there, too."""
    named = re.findall(r"apart\['(\w+)'\], 0\) AS HUGEINT", text)

    assert sorted(set(named)) == sorted([*TOKENS, *REQUESTS])


# ------------------------------------------------------------------------------------------------ what differs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("CAST(a AS HUGEINT)", "CAST(`a` AS DECIMAL(38, 0))"),
        ("isodow(a)", "((DAYOFWEEK(`a`) + 5) % 7 + 1)"),  # 1 is a Sunday there: (1 + 5) % 7 + 1 = 7
        ("date_trunc('hour', a)", "DATE_TRUNC('HOUR', `a`)"),
        ("date_diff('second', a, b)", "(UNIX_SECONDS(`b`) - UNIX_SECONDS(`a`))"),
        ("(a AT TIME ZONE 'UTC') AT TIME ZONE getvariable('tz')", "FROM_UTC_TIMESTAMP(`a`, 'UTC')"),
        ("getvariable('since')", "NULL"),
        ("TIMESTAMP '9999-01-01'", "CAST('9999-01-01' AS TIMESTAMP)"),
        ("row_number() OVER (ORDER BY a DESC, b)", "ROW_NUMBER() OVER (ORDER BY `a` DESC, `b` NULLS LAST)"),
        ("a IS NOT DISTINCT FROM b", "`a` IS NOT DISTINCT FROM `b`"),
        ("hash(a)", "XXHASH64(`a` IS NULL, `a`)"),
        ("unnest(map_entries(a))", "EXPLODE(MAP_ENTRIES(`a`))"),
        ("a['search']", "`a`['search']"),
        ("a[1]", "TRY_ELEMENT_AT(`a`, 1)"),  # of an empty list there is none
        (
            "unnest(numbered(a))",
            "EXPLODE(TRANSFORM(`a`, (`block`, `i`) -> STRUCT(CAST(i AS BIGINT) + 1 AS `place`, `block` AS `block`)))",
        ),
        ("array_length(a)", "SIZE(`a`)"),
        ("strftime(a, '%Y-%m')", "DATE_FORMAT(`a`, 'yyyy-MM')"),
        ("CAST('0x' || left(md5('0:' || a), 8) AS BIGINT)", "CAST(CONV(SUBSTR(MD5('0:' || `a`), 1, 8), 16, 10) AS BIGINT)"),
        ("a ~~~ '/x.*'", "`a` RLIKE '(?s)^/x\\\\..*\\\\z'"),
        ("a ~~~ 'b[!0-9]?'", "`a` RLIKE '(?s)^b[^0-9].\\\\z'"),
        ("a ~~~ '[/=]*'", "`a` RLIKE '(?s)^[/=].*\\\\z'"),
        ("regexp_matches(a, '^x.[.$]$|y$')", "`a` RLIKE '^x[^\\\\n][.$]\\\\z|y\\\\z'"),
        ("regexp_replace(a, '(/|^)[0-9]+($)', '\\1*', 'g')", "REGEXP_REPLACE(`a`, '(/|^)[0-9]+(\\\\z)', '$1*')"),
        ("a = 'it''s \\ so'", "`a` = 'it\\'s \\\\ so'"),
    ],
)  # fmt: skip
def test_what_spark_says_otherwise(ours: str, theirs: str) -> None:
    assert spark(ours) == theirs


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        ("a'b\\c", "'a\\'b\\\\c'"),
        (-3, "-3"),
        (datetime(2026, 10, 1, 8, 30, tzinfo=UTC), "CAST('2026-10-01 08:30:00' AS TIMESTAMP)"),
        (timedelta(hours=24), "INTERVAL '86400.000000' SECOND"),
    ],
)
def test_settings_are_constants(value: object, text: str) -> None:
    """What a user writes is a text in the statement, never a part of it."""
    assert constant(value).sql("spark") == text


def test_ctes_can_be_written_as_subqueries() -> None:
    """Each where it is read, also in another; one that bears the name of the table that it reads is that table's."""
    text = "WITH t AS (SELECT a FROM t), u AS (SELECT x.a FROM t AS x JOIN t ON t.a = x.a) SELECT u.a FROM u JOIN v ON v.a = u.a"

    t = "(SELECT `a` FROM `t`)"
    u = f"(SELECT `x`.`a` FROM {t} AS `x` JOIN {t} AS `t` ON `t`.`a` = `x`.`a`)"
    plain = to_spark(text, "here.sql", SETTINGS, plain=True)
    assert plain == f"SELECT `u`.`a` FROM {u} AS `u` JOIN `v` ON `v`.`a` = `u`.`a`"
    assert to_spark(text, "here.sql", SETTINGS).startswith("WITH `t` AS (SELECT `a` FROM `t`), `u` AS (")


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("fragment", "remedy"),
    [
        ("quantile_cont(a, 0.5)", "percentiles"),
        ("median(a)", "percentiles"),
        ("approx_count_distinct(a)", "DISTINCT"),
        ("a / b", "nullif"),
        ("CAST(a AS DOUBLE) / b", "nullif"),
        ("CAST(a AS DOUBLE) / 0", "nullif"),
        ("a // 7", "rounds"),
        ("avg(a)", "sum"),
        ("round(a, 2)", "shows the figure"),
        ("a & 4", "bit"),
        ("list(a)", "order within a list"),
        ("string_agg(a, ',')", "rows"),
        ("any_value(a)", "min"),
        ("first(a)", "min"),
        ("arg_max(a, b)", "row_number"),
        ("list_sum(list_transform(map_entries(a), lambda one: one.value))", "unnest"),
        ("unnest(generate_series(1, 3))", "map_entries"),
        ("a[2]", "count lists from 1"),
        ("unnest(a)", "numbered"),
        ("TRY_CAST(a AS INTEGER)", "regexp_matches"),
        ("CAST(a AS DECIMAL(18, 9))", "DECIMAL(38, 0)"),
        ("CAST(a AS VARCHAR)", "as it is"),
        ("CAST(CAST(a AS DOUBLE) / 3 AS BIGINT)", "CAST rounds"),
        ("CAST('0x' || a AS BIGINT)", "compare texts"),
        ("date_trunc('week', a)", "hour"),
        ("date_diff('day', a, b)", "second"),
        ("strftime(a, '%M')", "%Y-%m"),
        ("regexp_matches(a, '\\d+')", "constant pattern"),
        ("regexp_matches(a, b)", "constant pattern"),
        ("regexp_matches(a, '(?i)x')", "constant pattern"),
        ("regexp_matches(a, 'x', 'i')", "no options"),
        ("regexp_replace(a, 'x', 'y')", "'g'"),  # the first here, every one there
        ("regexp_replace(a, '\\d', 'y', 'g')", "'g'"),
        ("regexp_replace(a, 'x', '$', 'g')", "'g'"),
        ("regexp_replace(a, 'x', b, 'g')", "'g'"),
        ("left(a, -2)", "how many letters"),  # all but two of them here, none there
        ("left(a, b)", "how many letters"),
        ("a ~~~ '[z-a]'", "letters"),
        ("a ~~~ '[a--z]'", "letters"),
        ("a ~~~ '[-a]'", "letters"),
        ("a ~~~ '[a-]'", "letters"),
        ("a ~~~ 'x\\'", "letters"),
        ("a ~~~ b", "letters"),
        ("a ~~~ 'x[]]'", "letters"),
        ("a AT TIME ZONE 'Europe/Berlin'", "getvariable('tz')"),
        ("(a AT TIME ZONE 'Europe/Berlin') AT TIME ZONE getvariable('tz')", "getvariable('tz')"),
        ("row_number() OVER ()", "ORDER BY"),
        ("lag(a) OVER (PARTITION BY b)", "ORDER BY"),
        ("lead(a) OVER ()", "ORDER BY"),
        ("sum(a) OVER (ORDER BY b ROWS 3 PRECEDING)", "ROWS"),
        ("frobnicate(a)", "docs/spark.md"),
        ("epoch(a)", "docs/spark.md"),
    ],
)
def test_what_would_be_another_thing_is_refused(fragment: str, remedy: str) -> None:
    """By file, line and fragment, and with how to write it."""
    with pytest.raises(NotPortableError, match=r"^queries/mine\.sql, line 3: not the same on Spark: ") as raised:
        to_spark(f"-- mine.sql\nSELECT b,\n    {fragment} AS x\nFROM t", "queries/mine.sql", SETTINGS)

    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1",
        "SELECT a, count(*) FROM t GROUP BY ALL",
        "SELECT DISTINCT ON (a) a, b FROM t",
        "SELECT a FROM t LIMIT 3",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT * REPLACE (1 AS a) FROM t",
        "SELECT t.a FROM t ASOF JOIN u ON t.a >= u.a",
        "SELECT t.a FROM t FULL JOIN u ON t.a = u.a",
        "SELECT t.a FROM t JOIN u USING (a)",
        "SELECT t.a FROM t, LATERAL (SELECT t.a + 1 AS b)",
        "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 3) SELECT a FROM r",
        "SELECT a FROM t USING SAMPLE 10",
        "SELECT a FROM t WINDOW w AS (ORDER BY a)",
        "SELECT a FROM t EXCEPT SELECT a FROM u",
        "SELECT a FROM t UNION ALL BY NAME SELECT a FROM u",
        "INSERT INTO t VALUES (1)",
        "DROP TABLE t",
        "SELECT 1; SELECT 2",
        "a + 1",
        "SELECT (",
    ],
)
def test_statements_of_other_shapes_are_refused(statement: str) -> None:
    with pytest.raises(NotPortableError, match=r"queries/mine\.sql, line \d+: ") as raised:
        to_spark(statement, "queries/mine.sql", SETTINGS)

    assert raised.value.remedy


def test_calls_of_a_family_translate() -> None:
    """A name as the log has it, where it comes from, and until when it meant the member in force."""
    rules = scenario('default = "pro"\n[[route]]\nto = "pro"\nmodel = "flash"').rules
    named = Called("it's", None, "flex", datetime(1, 1, 1), datetime(2026, 9, 10, 4))

    text = spark(route(rules, {"flash": [named]}))

    for part in (
        "`model` = 'it\\'s'",
        "`provider` IS NULL",
        "`service_tier` = 'flex'",
        "`moment` < CAST('2026-09-10 04:00:00' AS TIMESTAMP)",
    ):
        assert part in text
    assert "'flash'" not in text
    assert "`moment` >=" not in text


def test_routes_of_scenarios_translate() -> None:
    """Globs, bounds, shares by hash and parts of tokens."""
    rules = scenario(
        """
        default = "flash"
        [[route]]
        to = "pro"
        endpoint = ["/a.b/*", "c?[0-9]"]
        min_output_tokens = 10
        [[route]]
        to = "pro"
        token_share = 0.5
        model = "deepseek-*"
        [[route]]
        to = "pro"
        share = 0.25
        """
    ).rules

    text = spark(route(rules, {}))

    assert "RLIKE" in text
    assert "CONV(SUBSTR(MD5(" in text
    assert BOOK.knows("pro")


# ------------------------------------------------------------------------------------------------ what formats may say


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("regexp_matches(a, '^x.\\d$|[.$]')", "`a` RLIKE '^x[^\\\\n]\\\\d\\\\z|[.$]'"),
        ("regexp_full_match(a, 'x|y')", "`a` RLIKE '^(?:x|y)\\\\z'"),
        ("regexp_extract(a, '(x)y', 1)", "REGEXP_EXTRACT(`a`, '(x)y', 1)"),
        ("regexp_replace(a, '^(x).', 'y\\1')", "REGEXP_REPLACE(`a`, '^(x)[^\\\\n]', 'y$1')"),
        ("a LIKE 'x%'", "`a` LIKE 'x%'"),
        ("right(a, 4)", "RIGHT(`a`, 4)"),
        ("round_even(a, 0)", "RINT(`a`)"),
        ("strlen(a)", "OCTET_LENGTH(`a`)"),
        ("trim(a)", "TRIM(`a`)"),
        ("CAST(CASE WHEN a THEN 1 END AS VARCHAR)", "CAST(CASE WHEN `a` THEN 1 END AS STRING)"),
        ("TRY_CAST(a AS TIMESTAMPTZ)", "TRY_CAST(`a` AS TIMESTAMP)"),
    ],
)
def test_what_formats_say_otherwise(ours: str, theirs: str) -> None:
    assert to_spark(f"SELECT {ours} AS x FROM t", "here.sql", {}, subset=FORMATS) == f"SELECT {theirs} AS `x` FROM `t`"


@pytest.mark.parametrize(
    "fragment",
    [
        "regexp_matches(a, '\\bx')",  # of a word's end engines have other notions
        "regexp_matches(a, '[[:alpha:]]')",
        "regexp_matches(a, '[a&&b]')",  # both of two sets there, three letters here
        "regexp_matches(a, '(?i)x')",
        "regexp_matches(a, 'x', 'i')",
        "regexp_full_match(a, 'x', 'i')",
        "regexp_extract(a, '(x)', 1, 'i')",
        "regexp_extract(a, '(x)', b)",
        "regexp_replace(a, 'x', 'y')",  # the first here, every one there
        "regexp_replace(a, '^x', 'y', 'g')",
        "regexp_replace(a, '^x', b)",
        "a LIKE b",
        "a LIKE 'x\\%'",  # a letter like others here, none of its own there
        "right(a, -4)",
        "trim(a, 'x')",
        "TRY_CAST(a AS INTEGER)",
        "CAST(a AS VARCHAR)",
        "CAST(1.5 AS VARCHAR)",
        "CAST(CASE WHEN a THEN 1 ELSE b END AS VARCHAR)",
        "frobnicate(a)",
    ],
)
def test_what_formats_may_not_say_is_refused(fragment: str) -> None:
    with pytest.raises(NotPortableError, match=r"^here\.sql, line 1: not the same on Spark: "):
        to_spark(f"SELECT {fragment} AS x FROM t", "here.sql", {}, subset=FORMATS)


def test_words_of_formats_are_put_in_within_each_other() -> None:
    known = macros("CREATE MACRO half(n) AS n - 1;\nCREATE MACRO both(n, m) AS half(n) + m;\n")

    made = expanded(parse_one("SELECT both(half(a), t.n) AS x FROM t", read="duckdb"), known)

    assert made.sql("duckdb") == "SELECT (((a - 1) - 1) + t.n) AS x FROM t"

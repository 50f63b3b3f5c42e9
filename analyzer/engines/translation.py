"""DuckDB's SQL as Spark's: of a whitelisted subset alone, which means the same on both.

A parser and a printer of dialects are not enough: what parses on both sides may say another thing there. Weekdays are
numbered from other days, decimals are cut, a missing value sorts first, a quantile becomes an approximate one. So every
node of a statement must be one that is known to mean the same, or has a translation here; all else is refused with its
place and with how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from analyzer.engines.portable import END, FIRST, RULES, SAME, TYPES, as_regex, is_hexadecimal
from analyzer.engines.refusal import NotPortableError, remedy
from analyzer.engines.subset import Refusal, Subset, check

Variables = Mapping[str, object]
Rewritten = Mapping[type[exp.Expr], Callable[[Any], exp.Expr]]


def to_spark(
    sql: str | exp.Expr, origin: str, variables: Variables, *, plain: bool = False, subset: Subset | None = None
) -> str:
    """A statement in the SQL of Spark.

    Args:
        sql: the statement, as DuckDB runs it, or as it was parsed.
        origin: its file, for messages.
        variables: what ``getvariable`` gives, as constants.
        plain: write subqueries in place of CTEs.
        subset: what may stand in it; that of queries unless told otherwise.

    Raises:
        NotPortableError: something in it is outside the portable subset.
    """
    try:
        tree = _operators(sqlglot.parse_one(sql, read="duckdb") if isinstance(sql, str) else sql.copy())
    except SqlglotError as error:
        raise NotPortableError(origin, 1, str(error).splitlines()[0], remedy("")) from error
    try:
        check(tree, subset or QUERIES)
        done = _rewritten(tree, variables, (subset or QUERIES).rewritten)
    except Refusal as refusal:
        line = _line(refusal.node, tree)
        raise NotPortableError(origin, line, refusal.node.sql("duckdb"), remedy(refusal.topic)) from refusal
    return (_without_ctes(done) if plain else done).sql("spark", identify=True, comments=False)


def _without_ctes(tree: exp.Expr) -> exp.Expr:
    """The statement with each CTE where it is read; each reads only those before it."""
    told = tree.args.get("with_")
    if told is None:
        return tree
    tree.set("with_", None)
    known: dict[str, exp.Expr] = {}
    for name, place in (*((cte.alias, cte.this) for cte in told.expressions), ("", tree)):
        for table in list(place.find_all(exp.Table)):
            if table.name in known:
                alias = exp.TableAlias(this=exp.to_identifier(table.alias or table.name))
                table.replace(exp.Subquery(this=known[table.name].copy(), alias=alias))
        known[name] = place
    return tree


def _line(node: exp.Expr, tree: exp.Expr) -> int:
    """The line that a node begins on: the first that is known of it, or of what stands around it."""
    around: exp.Expr | None = node
    while around is not None and around is not tree:
        lines = [int(part.meta["line"]) for part in around.walk() if "line" in part.meta]
        if lines:
            return min(lines)
        around = around.parent
    return 1


def _operators(tree: exp.Expr) -> exp.Expr:
    """Operators that DuckDB has printed as functions, as operators again."""
    kinds: Mapping[str, type[exp.Binary]] = {"~~~": exp.Glob, "||": exp.DPipe}
    for node in reversed(list(tree.find_all(exp.Anonymous))):
        if node.name in kinds and len(node.expressions) == 2:
            node.replace(kinds[node.name](this=node.expressions[0], expression=node.expressions[1]))
    return tree


def _rewritten(tree: exp.Expr, variables: Variables, rewritten: Rewritten) -> exp.Expr:
    """The tree with all that has another word on Spark replaced, from the leaves up."""
    for node in reversed(list(tree.walk())):
        new = _translated(node, variables, rewritten)
        if new is not node:
            node.replace(new)
    return tree


def _translated(node: exp.Expr, variables: Variables, rewritten: Rewritten) -> exp.Expr:
    """What stands for a node on Spark: itself, where the printer of dialects knows it."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
        return constant(variables[node.expressions[0].name])
    made = rewritten.get(type(node))
    return made(node) if made else node


def _function(node: exp.Anonymous) -> exp.Expr:
    made = _FUNCTIONS.get(node.name.lower())
    return made(node) if made else node


def _hash(node: exp.Anonymous) -> exp.Expr:
    """Spark passes over what is missing, and would take (NULL, 'a') for ('a', NULL)."""
    told = [part for each in node.expressions for part in (exp.Is(this=each.copy(), expression=exp.Null()), each)]
    return call("xxhash64", *told)


def _cast(node: exp.Cast) -> exp.Expr:
    if is_hexadecimal(node.this):
        drawn = node.this.expression
        digits = call("substr", drawn.this, exp.Literal.number(1), drawn.expression)
        number = call("conv", digits, exp.Literal.number(16), exp.Literal.number(10))
        return exp.Cast(this=number, to=exp.DataType.build("BIGINT"))
    kind = TYPES.get(node.to.this)
    return exp.Cast(this=node.this, to=exp.DataType.build(kind, dialect="spark")) if kind else node


def _zone(node: exp.AtTimeZone) -> exp.Expr:
    """The outer of two: the instant in UTC, told in a zone."""
    if not isinstance(node.this, exp.Paren):
        return node
    return call("from_utc_timestamp", node.this.this.this, node.args["zone"])


def _weekday(node: exp.DayOfWeekIso) -> exp.Expr:
    """Spark's 1 is a Sunday, ours a Monday."""
    day = call("dayofweek", node.this).sql("spark", identify=True)
    return sqlglot.parse_one(f"(({day} + 5) % 7 + 1)", read="spark")


def _seconds(node: exp.DateDiff) -> exp.Expr:
    """How often a second ended between: Spark's own function counts whole seconds that went by."""
    later, earlier = (call("unix_seconds", side) for side in (node.this, node.expression))
    return exp.Paren(this=exp.Sub(this=later, expression=earlier))


def _glob(node: exp.Glob) -> exp.Expr:
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(as_regex(node)))


def _regex(node: exp.RegexpLike) -> exp.Expr:
    return exp.RegexpLike(this=node.this, expression=_as_java(node.expression.name))


def _replaced(node: exp.RegexpReplace) -> exp.Expr:
    told = re.sub(r"\\(\d)", r"$\1", node.args["replacement"].name)
    return call("regexp_replace", node.this, _as_java(node.expression.name), exp.Literal.string(told))


def _as_java(pattern: str) -> exp.Literal:
    """What stands outside of brackets: Spark's $ also matches before a last line end, its dot no kind of line end."""
    meant = {"$": END, ".": "[^\\n]"}
    return exp.Literal.string(re.sub(r"\[[^]]*\]|[$.]", lambda part: meant.get(part[0], part[0]), pattern))


def _numbered(node: exp.Anonymous) -> exp.Expr:
    """The elements of a list with their places, from 1."""
    made = sqlglot.parse_one(_NUMBERED, read="spark")
    made.set("this", node.expressions[0])
    return made


def _first(node: exp.Bracket) -> exp.Expr:
    """The first of a list; NULL where it is empty."""
    if node.expressions[0] != FIRST:
        return node
    return call("try_element_at", node.this, exp.Literal.number(1))


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A function of Spark's."""
    return exp.Anonymous(this=name, expressions=list(arguments))


_NUMBERED = "transform(x, (block, i) -> named_struct('place', CAST(i AS BIGINT) + 1, 'block', block))"
_FUNCTIONS: Mapping[str, Callable[[Any], exp.Expr]] = {"hash": _hash, "numbered": _numbered}
_REWRITTEN: Rewritten = {
    exp.Anonymous: _function,
    exp.Bracket: _first,
    exp.Cast: _cast,
    exp.AtTimeZone: _zone,
    exp.DayOfWeekIso: _weekday,
    exp.DateDiff: _seconds,
    exp.Glob: _glob,
    exp.RegexpLike: _regex,
    exp.RegexpReplace: _replaced,
}

QUERIES = Subset(SAME, RULES, _REWRITTEN)


def constant(value: object) -> exp.Expr:
    """A value of a setting as it stands in a statement; instants are UTC."""
    if value is None:
        return exp.Null()
    if isinstance(value, datetime):
        text = value.replace(tzinfo=None).isoformat(sep=" ")
        return exp.Cast(this=exp.Literal.string(text), to=exp.DataType.build("TIMESTAMP", dialect="spark"))
    if isinstance(value, timedelta):
        seconds = exp.Literal.string(f"{value.days * 86400 + value.seconds}.{value.microseconds:06}")
        return exp.Interval(this=seconds, unit=exp.Var(this="SECOND"))
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(int(str(value)))

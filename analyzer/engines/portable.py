"""The portable subset: what of DuckDB's SQL means the same on Spark, as it stands or translated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from analyzer.engines.subset import Refusal

# What is the same on both sides as it stands, or is printed rightly.
SAME: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Select, exp.Subquery, exp.With, exp.CTE, exp.TableAlias, exp.From, exp.Table, exp.Join,
        exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Column, exp.Identifier, exp.Star,
        exp.Alias, exp.Paren, exp.Literal, exp.Null, exp.Boolean, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT,
        exp.LTE, exp.GT, exp.GTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Tuple, exp.Between, exp.Add,
        exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest,
        exp.Least, exp.Count, exp.Sum, exp.Min, exp.Max, exp.Filter, exp.Distinct, exp.LogicalOr, exp.LogicalAnd,
        exp.Lower, exp.Length, exp.Replace, exp.StartsWith, exp.Hour, exp.Window, exp.RowNumber, exp.Rank,
        exp.DenseRank, exp.Lag, exp.Lead, exp.ConcatWs, exp.Abs, exp.MD5, exp.Var, exp.DataType,
        exp.DataTypeParam,
    }
)  # fmt: skip
TYPES: Mapping[exp.DType, str] = {
    exp.DType.BIGINT: "BIGINT",
    exp.DType.INT128: "DECIMAL(38, 0)",
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.DATE: "DATE",
    exp.DType.TIMESTAMP: "TIMESTAMP",
    exp.DType.TIMESTAMPNTZ: "TIMESTAMP",  # of a session in UTC
    exp.DType.BOOLEAN: "BOOLEAN",
}
_TRUNCATED = frozenset({"HOUR", "DAY", "MONTH", "MINUTE"})
_FUNCTIONS = frozenset({"bin"})
_ROWS = frozenset({"map_entries", "numbered"})
FIRST = exp.Literal.number(0)  # as the parser has it
_PATTERN = re.compile(r"[\w ;:/|.^$()\[\]{},*+?-]*", re.ASCII)
END = "\\z"  # of the text itself: Spark's $ also stands before a line end there
_SPECIAL = frozenset("\\.^$|()[]{}*+?")


def _select(node: exp.Select) -> None:
    known = {"kind", "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "with_", "distinct"}
    for name, value in node.args.items():
        if value and name not in known:
            raise Refusal(value if isinstance(value, exp.Expr) else node, name)
    if node.args.get("distinct") and node.args["distinct"].args.get("on"):
        raise Refusal(node.args["distinct"], "DISTINCT ON")
    if node.args.get("limit") and not node.args.get("order"):
        raise Refusal(node.args["limit"], "LIMIT")


def _join(node: exp.Join) -> None:
    if (
        node.kind not in {"", "INNER", "CROSS"}
        or node.side not in {"", "LEFT"}
        or node.method
        or node.args.get("using")
    ):
        raise Refusal(node, node.method or node.side or "join")


def _group(node: exp.Group) -> None:
    if any(value for name, value in node.args.items() if name != "expressions"):
        raise Refusal(node, "GROUP BY ALL")


def _with(node: exp.With) -> None:
    if node.args.get("recursive"):
        raise Refusal(node, "recursive")


def _union(node: exp.Union) -> None:
    if node.args.get("by_name"):
        raise Refusal(node, "BY NAME")


def _star(node: exp.Star) -> None:
    if any(node.args.values()):
        raise Refusal(node, "star")


def _division(node: exp.Div) -> None:
    left, right = node.this, node.expression
    floating = isinstance(left, exp.Cast) and left.to.this == exp.DType.DOUBLE
    if not floating or not (isinstance(right, exp.Nullif) or (isinstance(right, exp.Literal) and right.name != "0")):
        raise Refusal(node, "Div")


def _cast(node: exp.Cast) -> None:
    kind, value = node.to, node.this
    if kind.this in {exp.DType.VARCHAR, exp.DType.TEXT}:
        if not isinstance(value, (exp.ConcatWs, exp.Null)):
            raise Refusal(node, "to text")
    elif kind.this == exp.DType.DECIMAL:
        if [part.name for part in kind.expressions] != ["38", "0"]:
            raise Refusal(node, "DECIMAL")
    elif kind.this not in TYPES:
        raise Refusal(node, "type")
    if kind.this in {exp.DType.BIGINT, exp.DType.INT128} and value.find(exp.Div):
        raise Refusal(node, "rounding")
    if kind.this == exp.DType.BIGINT and isinstance(value, exp.DPipe) and not is_hexadecimal(value):
        raise Refusal(node, "text to number")


def is_hexadecimal(node: exp.Expr) -> bool:
    """``'0x' || left(md5(...), 8)``: how a share draws."""
    return (
        isinstance(node, exp.DPipe)
        and node.this == exp.Literal.string("0x")
        and isinstance(node.expression, exp.Left)
        and isinstance(node.expression.this, exp.MD5)
    )


def _truncation(node: exp.TimestampTrunc) -> None:
    if node.unit is None or node.unit.name.upper() not in _TRUNCATED:
        raise Refusal(node, "date_trunc")


def _time_text(node: exp.TimeToStr) -> None:
    if node.args["format"] != exp.Literal.string("%Y-%m"):
        raise Refusal(node, "strftime")


def _difference(node: exp.DateDiff) -> None:
    if node.unit is None or node.unit.name.upper() != "SECOND":
        raise Refusal(node, "date_diff")


def _pattern(node: exp.RegexpLike) -> None:
    pattern = node.expression
    if (
        not (isinstance(pattern, exp.Literal) and pattern.is_string and _PATTERN.fullmatch(pattern.name))
        or "(?" in pattern.name
        or node.args.get("flag")  # the printer leaves it out
    ):
        raise Refusal(node, "regexp_matches")


def _replacement(node: exp.RegexpReplace) -> None:
    """One of every match, as Spark replaces them; a statement for the first has no translation."""
    pattern, told = node.expression, node.args["replacement"]
    known = isinstance(pattern, exp.Literal) and pattern.is_string and _PATTERN.fullmatch(pattern.name)
    every = node.args.get("modifiers") == exp.Literal.string("g")
    if not (known and every and isinstance(told, exp.Literal)) or "(?" in pattern.name or "$" in told.name:
        raise Refusal(node, "regexp_replace")


def end_of_text(node: exp.Left | exp.Right) -> None:
    """So many letters: of less than none DuckDB takes all but so many, Spark nothing."""
    number = node.expression
    if not isinstance(number, exp.Literal) or number.is_string:
        raise Refusal(node, "left")


def _glob(node: exp.Glob) -> None:
    if not isinstance(node.expression, exp.Literal):
        raise Refusal(node, "glob")
    as_regex(node)


def as_regex(node: exp.Glob) -> str:
    """A glob as a regular expression over all of a text."""
    out, glob, at = ["(?s)^"], node.expression.name, 0
    while at < len(glob):
        letter = glob[at]
        at += 1
        if letter == "*":
            out.append(".*")
        elif letter == "?":
            out.append(".")
        elif letter == "[":
            found = re.compile(r"(!?)([A-Za-z0-9_ ./:=@,#%+-]+)\]").match(glob, at)
            if found is None or found[2].startswith("-") or found[2].endswith("-") or "--" in found[2]:
                raise Refusal(node, "glob")
            out.append(f"[{'^' if found[1] else ''}{found[2]}]")
            at = found.end()
        else:
            if letter == "\\":  # the next letter as it stands
                letter, at = glob[at : at + 1], at + 1
                if not letter:
                    raise Refusal(node, "glob")
            out.append(f"\\{letter}" if letter in _SPECIAL else letter)
    regex = "".join([*out, END])
    try:
        re.compile(regex.replace(END, ""))
    except re.error as error:  # a range from z to a
        raise Refusal(node, "glob") from error
    return regex


def _window(node: exp.Window) -> None:
    if node.args.get("spec"):
        raise Refusal(node, "frame")
    if isinstance(node.this, (exp.RowNumber, exp.Lag, exp.Lead)) and not node.args.get("order"):
        raise Refusal(node, "unordered")


def _zone(node: exp.AtTimeZone) -> None:
    if isinstance(node.parent, exp.Paren) and isinstance(node.parent.parent, exp.AtTimeZone):
        node = node.parent.parent
    inner = node.this.this if isinstance(node.this, exp.Paren) else None
    if not isinstance(inner, exp.AtTimeZone) or inner.args["zone"] != exp.Literal.string("UTC"):
        raise Refusal(node, "AT TIME ZONE")


def _explode(node: exp.Explode) -> None:
    """Rows of a map's entries, or of a list's with their places: as a column named by itself."""
    inner = node.this
    entries = isinstance(inner, exp.Anonymous) and inner.name.lower() in _ROWS
    if not entries or not isinstance(node.parent, exp.Alias):
        raise Refusal(node, "unnest")


def _function(node: exp.Anonymous) -> None:
    name = node.name.lower()
    named = name == "getvariable" and len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Literal)
    entries = name in _ROWS and isinstance(node.parent, exp.Explode)
    if not (named or entries or name == "hash" or name in _FUNCTIONS):
        raise Refusal(node, name)


def _bracket(node: exp.Bracket) -> None:
    """A value of a map by its key, or the first of a list: other places are counted from 1 or from 0."""
    key = node.expressions[0] if len(node.expressions) == 1 else None
    if key == FIRST:
        return
    if not (isinstance(key, (exp.Column, exp.Replace)) or (isinstance(key, exp.Literal) and key.is_string)):
        raise Refusal(node, "list")


RULES: Mapping[type[exp.Expr], Callable[[Any], None]] = {
    exp.Select: _select,
    exp.Join: _join,
    exp.Group: _group,
    exp.With: _with,
    exp.Union: _union,
    exp.Star: _star,
    exp.Div: _division,
    exp.Cast: _cast,
    exp.TimestampTrunc: _truncation,
    exp.TimeToStr: _time_text,
    exp.DateDiff: _difference,
    exp.RegexpLike: _pattern,
    exp.RegexpReplace: _replacement,
    exp.Glob: _glob,
    exp.Left: end_of_text,
    exp.Window: _window,
    exp.AtTimeZone: _zone,
    exp.Explode: _explode,
    exp.Anonymous: _function,
    exp.Bracket: _bracket,
    exp.ArraySize: lambda _: None,
    exp.DayOfWeekIso: lambda _: None,
}

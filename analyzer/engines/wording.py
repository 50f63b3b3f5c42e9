"""What formats may use of DuckDB's SQL besides the portable subset of queries: texts, patterns, lists of objects.

A query reads columns whose types are known, a format reads what a log happens to hold. So its words for that
(``measure``, ``erred``, ...) are macros, whose definitions are put in their place before a statement is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from analyzer.engines.portable import END, RULES, SAME, end_of_text
from analyzer.engines.subset import Refusal, Subset
from analyzer.engines.translation import QUERIES, call

Macros = Mapping[str, tuple[tuple[str, ...], exp.Expr]]

_MACRO = re.compile(r"MACRO (\w+)\(([\w, ]+)\) AS (.*?);\s*$", re.DOTALL | re.MULTILINE)
_MORE: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Dot, exp.RegexpReplace, exp.RegexpExtract, exp.Trim, exp.Contains, exp.ArrayFilter, exp.Lambda,
        exp.UnixToTime,
    }
)  # fmt: skip
_FUNCTIONS = frozenset({"strlen", "round_even", "epoch_us"})
# How the parser calls what stands behind a pattern, for one function or another: the printer leaves it out.
_OPTIONS = ("flag", "options", "parameters", "modifiers")
# Of a pattern: escapes that are the same in both dialects, sets, and what has to be written otherwise.
_PARTS = re.compile(
    r"(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<escape>\\.(?:\{[LN]\})?)|(?P<end>\$)|(?P<any>\.)|(?P<group>\(\?.?)"
)
_ESCAPED = re.compile(r"\\(?:[dswSDW.(){}\[\]*+?|^$/\\-]|p\{[LN]\})")


def macros(text: str, names: Collection[str] = ()) -> Macros:
    """The macros that a file of ours defines, or some of them, each with those before it put in."""
    known: dict[str, tuple[tuple[str, ...], exp.Expr]] = {}
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    for name, words, body in _MACRO.findall(plain):
        if name in names or not names:
            parsed = sqlglot.parse_one(body, read="duckdb")
            known[name] = (tuple(word.strip() for word in words.split(",")), expanded(parsed, known))
    return known


def expanded(tree: exp.Expr, known: Macros) -> exp.Expr:
    """A statement with macros in place of their names."""
    for node in reversed(list(tree.find_all(exp.Anonymous))):
        if node.name.lower() not in known:
            continue
        names, body = known[node.name.lower()]
        given = dict(zip(names, node.expressions, strict=True))
        made = exp.Paren(this=body.copy())
        for column in list(made.find_all(exp.Column)):
            if not column.table and column.name in given:
                column.replace(given[column.name].copy())
        if node is tree:
            return made
        node.replace(made)
    return tree


def _pattern(node: Any) -> None:
    pattern = node.expression
    told = any(node.args.get(name) for name in _OPTIONS)
    if told or not isinstance(pattern, exp.Literal) or not pattern.is_string:
        raise Refusal(node, "regexp_matches")
    for part in _PARTS.finditer(pattern.name):
        unknown = part["escape"] and not _ESCAPED.fullmatch(part["escape"])
        if unknown or (part["group"] and part["group"] != "(?:") or "[:" in (part["set"] or "") or "&&" in part[0]:
            raise Refusal(node, "regexp_matches")


def _extract(node: exp.RegexpExtract) -> None:
    _pattern(node)
    if not isinstance(node.args.get("group"), exp.Literal):
        raise Refusal(node, "regexp_extract")


def _replace(node: exp.RegexpReplace) -> None:
    """One that stands for all: Spark replaces every match, DuckDB the first; so there may be but one."""
    _pattern(node)
    anchored = node.expression.name.startswith("^") or node.expression.name.endswith("$")
    if not anchored or not isinstance(node.args["replacement"], exp.Literal):
        raise Refusal(node, "regexp_replace")


def _like(node: exp.Like) -> None:
    if not isinstance(node.expression, exp.Literal) or "\\" in node.expression.name:
        raise Refusal(node, "LIKE")


def _cast(node: exp.Cast) -> None:
    if node.to.this in {exp.DType.VARCHAR, exp.DType.TEXT} and _is_whole(node.this):
        return
    if node.to.this == exp.DType.DECIMAL:
        return
    RULES[exp.Cast](node)


def _is_whole(node: exp.Expr) -> bool:
    """Whether it is plainly a whole number, which every engine prints alike."""
    if isinstance(node, (exp.Add, exp.Sub)):
        return _is_whole(node.this) and _is_whole(node.expression)
    if isinstance(node, exp.Paren):
        return _is_whole(node.this)
    if isinstance(node, exp.Case):
        return not node.args.get("default") and all(_is_whole(one.args["true"]) for one in node.args["ifs"])
    if isinstance(node, exp.Literal):
        return not node.is_string and node.name.isdecimal()
    return type(node) is exp.Cast and node.to.this == exp.DType.BIGINT


def _try_cast(node: exp.TryCast) -> None:
    if node.to.this != exp.DType.TIMESTAMPTZ:
        raise Refusal(node, "TryCast")


def _function(node: exp.Anonymous) -> None:
    if node.name.lower() not in _FUNCTIONS:
        RULES[exp.Anonymous](node)


def _trim(node: exp.Trim) -> None:
    if any(value for name, value in node.args.items() if name != "this"):
        raise Refusal(node, "trim")


def _as_java(pattern: str) -> str:
    """A pattern in the dialect of Java: its $ also stands before a last line end, its dot is no kind of line end."""
    meant = {"end": END, "any": "[^\\n]"}
    return _PARTS.sub(lambda part: meant.get(part.lastgroup or "", part[0]), pattern)


def _matches(node: Any) -> exp.Expr:
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(_as_java(node.expression.name)))


def _full_match(node: exp.RegexpFullMatch) -> exp.Expr:
    whole = f"^(?:{_as_java(node.expression.name)}){END}"
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(whole))


def _replaced(node: exp.RegexpReplace) -> exp.Expr:
    pattern = exp.Literal.string(_as_java(node.expression.name))
    told = exp.Literal.string(re.sub(r"\\(\d)", r"$\1", node.args["replacement"].name))
    return call("regexp_replace", node.this, pattern, told)


def _extracted(node: exp.RegexpExtract) -> exp.Expr:
    return call("regexp_extract", node.this, exp.Literal.string(_as_java(node.expression.name)), node.args["group"])


def _instant(node: exp.UnixToTime) -> exp.Expr:
    """From microseconds; from those of an instant it is the instant itself."""
    told = node.this
    if isinstance(told, exp.Anonymous) and told.name == "unix_micros" and isinstance(told.expressions[0], exp.TryCast):
        return told.expressions[0]
    return call("timestamp_micros", told)


def _named(node: exp.Anonymous) -> exp.Expr:
    """Functions that have another name there."""
    name = node.name.lower()
    if name in _RENAMED:
        return call(_RENAMED[name], *node.expressions[:1])
    return QUERIES.rewritten[exp.Anonymous](node)


def _cast_there(node: exp.Cast) -> exp.Expr:
    if node.to.this in {exp.DType.VARCHAR, exp.DType.TEXT}:
        return exp.Cast(this=node.this, to=exp.DataType.build("STRING", dialect="spark"))
    return QUERIES.rewritten[exp.Cast](node)


_RENAMED = {"strlen": "octet_length", "round_even": "rint", "epoch_us": "unix_micros"}
_RULES: Mapping[type[exp.Expr], Callable[[Any], None]] = {
    exp.RegexpLike: _pattern,
    exp.RegexpFullMatch: _pattern,
    exp.RegexpReplace: _replace,
    exp.RegexpExtract: _extract,
    exp.Like: _like,
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.Anonymous: _function,
    exp.Trim: _trim,
    exp.Right: end_of_text,
}
_REWRITTEN: Mapping[type[exp.Expr], Callable[[Any], exp.Expr]] = {
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpReplace: _replaced,
    exp.RegexpExtract: _extracted,
    exp.UnixToTime: _instant,
    exp.Anonymous: _named,
    exp.Cast: _cast_there,
}
FORMATS = Subset(SAME | _MORE, {**RULES, **_RULES}, {**QUERIES.rewritten, **_REWRITTEN})

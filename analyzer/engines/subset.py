"""A subset of DuckDB's SQL, and refusing what is outside of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp


@dataclass(frozen=True)
class Subset:
    """A part of DuckDB's SQL that can be had on Spark.

    Attributes:
        same: nodes that mean the same as they stand, or are printed rightly.
        rules: what refuses a node that is not of the kind that does.
        rewritten: what stands for a node there, by its kind.
    """

    same: frozenset[type[exp.Expr]]
    rules: Mapping[type[exp.Expr], Callable[[Any], None]]
    rewritten: Mapping[type[exp.Expr], Callable[[Any], exp.Expr]]


class Refusal(Exception):  # noqa: N818 - it never leaves this room
    """A node that cannot be translated, and which advice fits."""

    def __init__(self, node: exp.Expr, topic: str = "") -> None:
        super().__init__()
        self.node = node
        self.topic = topic


def check(tree: exp.Expr, subset: Subset) -> None:
    """Refuse what is not known, from the outside in, so that the message names the whole of it.

    Raises:
        Refusal: a node has no place in the subset.
    """
    if not isinstance(tree, exp.Query):
        raise Refusal(tree, type(tree).__name__)
    for node in tree.walk(bfs=False):
        kind = type(node)
        rule = subset.rules.get(kind)
        if rule is None and kind not in subset.same:
            raise Refusal(node, node.name.lower() if isinstance(node, exp.Anonymous) else kind.__name__)
        if rule is not None:
            rule(node)

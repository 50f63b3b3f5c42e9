"""Calls of which a rule's share cannot be drawn: neither their session nor their own id is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
)

from analyzer.simulate.meaning import family_calls
from analyzer.simulate.requests import Requests
from analyzer.simulate.routing import Families, Rule
from analyzer.simulate.scenario import Scenario


@dataclass(frozen=True)
class Undrawn:
    """What a share leaves out of need.

    Attributes:
        place: of the rule among the scenario's, from 0.
        requests: calls that the rule means and that no rule before it takes, by which nothing can be drawn.
    """

    place: int
    requests: int


def undrawn(requests: Requests, scenario: Scenario) -> tuple[Undrawn, ...]:
    """For each rule with a share the calls of which it cannot be drawn, where there are any."""
    places = [place for place, rule in enumerate(scenario.rules) if rule.draws]
    if not places:
        return ()
    families = family_calls(requests.ledger.connection, scenario.families)
    sums = (f"{_calls(scenario.rules, place, families)} AS undrawn_{place}" for place in places)
    found = requests.ask(f"SELECT {', '.join(sums)} FROM stretches", "analyzer/simulate/undrawn.py").row(0)
    return tuple(Undrawn(place, int(calls)) for place, calls in zip(places, found, strict=True) if calls)


def _calls(rules: Sequence[Rule], place: int, families: Families) -> Expression:
    """The sum of the calls that a rule means and cannot draw."""
    whole = ColumnExpression("session_id").isnull() & ColumnExpression("request_id").isnull()
    for part in _met(rules, place, families):
        whole = whole & part
    return FunctionExpression("sum", CaseExpression(whole, ColumnExpression("calls")))


def _met(rules: Sequence[Rule], place: int, families: Families) -> Iterator[Expression]:
    """That its other conditions hold, and that no rule before it takes the call as a whole."""
    yield _known(replace(rules[place], share=None).condition(place, families))
    for before, rule in enumerate(rules[:place]):
        if rule.token_share is None or rule.token_share == 1:
            yield ~_known(rule.condition(before, families))


def _known(condition: Expression) -> Expression:
    """A condition on something that the log does not know never holds."""
    return CoalesceOperator(condition, ConstantExpression(False))

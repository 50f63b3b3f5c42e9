"""What is said of words by which no request goes, and of shares that cannot be drawn: what, and what to see to."""

from collections.abc import Iterator, Sequence

from analyzer.counted import counted
from analyzer.report.visible import visible
from analyzer.simulate.analysis import Analysis
from analyzer.simulate.idle import IdleWord
from analyzer.simulate.result import Result

_NAMED = 5


def idle_notes(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """A sentence and a remedy, without their stops: of each scenario of the user's own, and of own prices."""
    for result in analysis.results:
        found = _idle(result)
        if found and result.requests and not result.scenario.built_in:
            yield (
                f"scenario {visible(result.scenario.name, 40)}: no request goes by {_named(found)}",
                _nearest(result.idle_words)
                + "see whether its words are those of the log, and what the rules before it take",
            )
        for one in result.undrawn:
            yield (
                f"scenario {visible(result.scenario.name, 40)}: the share of route[{one.place + 1}] takes none of"
                f" {counted(one.requests, 'request')} without session and request id, by which it is drawn",
                "they go by the rules after it; token_share takes a part of each request, and needs neither",
            )
    if analysis.idle_prices and analysis.actual.requests:
        yield (
            f"no request is priced by {_named([entry.key for entry in analysis.idle_prices])}",
            _nearest(analysis.idle_prices)
            + "see whether name, provider, tier and currency are those of the calls; where no list has a price,"
            " input and output are needed",
        )


def _idle(result: Result) -> list[str]:
    """Rules as a whole, and of others each word. What a share cannot be drawn of, the rule's words mean."""
    meant = {one.place for one in result.undrawn}
    rules = {f"route[{place + 1}]": place not in meant for place in result.idle_rules}
    words = [str(word) for word in result.idle_words if not rules.get(word.key.partition(".")[0])]
    return [rule for rule, idle in rules.items() if idle] + words


def _named(found: Sequence[str]) -> str:
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return ", ".join(visible(one, 80) for one in found[:_NAMED]) + more


def _nearest(words: Sequence[IdleWord]) -> str:
    near = [f'{visible(word.nearest, 80)} for "{visible(word.word, 80)}"' for word in words if word.nearest]
    return f"did you mean {', '.join(near[:_NAMED])}? " if near else ""

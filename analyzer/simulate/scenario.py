"""A scenario: where each request would have gone, and on what assumptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from analyzer.prices import Rate
from analyzer.simulate.routing import AS_LOGGED, Rule

CACHES = ("modelled", "transferred", "cold")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Escalation:
    """A cascade: a part of what one model answers is asked again of another, and both are paid.

    Attributes:
        source: the model that answers first.
        target: the one that is asked again; its cache starts cold.
        rate: which part of the requests.
    """

    source: str
    target: str
    rate: Decimal


@dataclass(frozen=True)
class Wait:
    """Requests that can wait for lower prices.

    Attributes:
        endpoints: globs, any of which must fit; empty for all requests, of a named endpoint or not.
        longest: how long each may wait.
    """

    endpoints: tuple[str, ...]
    longest: timedelta


@dataclass(frozen=True)
class Plan:
    """A subscription instead of prices per token.

    Attributes:
        amount: fee of one calendar month of the reporting zone, whole for every month that a covered request touches.
        covers: names or globs of the models that cost nothing else.
    """

    amount: Decimal
    covers: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """A routing policy plus assumptions. With no rules and ``as-logged`` it changes nothing.

    Attributes:
        name: what it is called.
        title: the same in words.
        default: where a request goes that no rule takes.
        rules: the first that fits takes a request.
        price_date: price with the cards of this day; None prices as the analysis does.
        cache: how hits of requests that move, or whose cache moved away, are taken.
        cache_ttl: how long a cache lives after its last use.
        hit_rate: instead of the log's own hits, this part of the input of every request.
        output_ratio: output tokens times this when a request moves to that model, by name or glob.
        input_ratio: input tokens times this when a request moves away from that model, by name or glob.
        escalate: a cascade.
        off_peak: requests that wait for lower prices.
        fixed_fee: a subscription.
        prices: own prices, over those of the book, for this scenario alone.
        built_in: it comes with the program; what it comes to does not hang on that.
    """

    name: str
    title: str
    default: str = AS_LOGGED
    rules: tuple[Rule, ...] = ()
    price_date: date | None = None
    cache: str = "modelled"
    cache_ttl: timedelta = DAY
    hit_rate: Decimal | None = None
    output_ratio: Mapping[str, Decimal] = field(default_factory=dict)
    input_ratio: Mapping[str, Decimal] = field(default_factory=dict)
    escalate: Escalation | None = None
    off_peak: Wait | None = None
    fixed_fee: Plan | None = None
    prices: tuple[Rate, ...] = ()
    built_in: bool = field(default=False, compare=False)

    @property
    def destinations(self) -> list[str]:
        """Models and families that its rules send requests to."""
        return sorted({*(rule.to for rule in self.rules), self.default} - {AS_LOGGED})

    @property
    def targets(self) -> list[str]:
        """All models and families that it needs prices of."""
        asked = {self.escalate.source, self.escalate.target} if self.escalate else set()
        return sorted({*self.destinations, *asked} - {AS_LOGGED})

    @property
    def mentions(self) -> list[str]:
        """Names and globs by which its ratios and its plan mean models, and the families that its rules ask for."""
        covered = self.fixed_fee.covers if self.fixed_fee else ()
        return sorted({*self.output_ratio, *self.input_ratio, *covered, *self.families})

    @property
    def assumes_models(self) -> bool:
        """Whether its assumptions name models."""
        return bool(self.output_ratio or self.input_ratio or self.fixed_fee or self.escalate)

    @property
    def families(self) -> list[str]:
        """Families whose calls its rules ask for."""
        return sorted({family for rule in self.rules for family in rule.families})

    @property
    def hindsight(self) -> bool:
        """Whether a rule looks at the length of an output, which nobody knows beforehand."""
        return any(
            word in {"output_tokens", "reasoning_tokens"} for rule in self.rules for word in (*rule.least, *rule.most)
        )


ACTUAL = Scenario("actual", "What was used")
FLASH = Scenario("all-flash", "Everything on Flash", "flash")
PRO = Scenario("all-pro", "Everything on Pro", "pro")

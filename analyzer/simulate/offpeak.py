"""Off-peak: what waiting for cheaper hours would save."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from analyzer.simulate.result import Result
from analyzer.simulate.scenario import Scenario, Wait
from analyzer.simulate.whatif import Simulation

WAITS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12, 24))


@dataclass(frozen=True)
class Shift:
    """What an endpoint saves if all of its requests may wait.

    Attributes:
        endpoint: the endpoint; None for those that the log does not name.
        wait: how long each may wait.
        saving: what that saves.
    """

    endpoint: str | None
    wait: timedelta
    saving: Decimal


def shifts(simulation: Simulation, actual: Result) -> list[Shift]:
    """What shifting each endpoint by up to so many hours would have saved; nothing where there is nothing to save.

    Each request stays with its model and keeps its cache hits; it takes the lowest price within its wait. A row of a
    usage export waits from the instant that prices it, the first of its bucket with its own price, for nobody knows at
    which hours its calls were. Of DeepSeek's days that is 01:00 UTC at peak: waits of one and two hours save nothing
    where two and four of the seven peak hours were within reach; three save all where six were, four and more save all.
    """
    before = dict(actual.endpoints.select("endpoint", "cost").iter_rows())
    found = []
    for wait in WAITS:
        waited = simulation.price(Scenario("waited", "Everything waits", off_peak=Wait((), wait)))
        for endpoint, less in waited.endpoints.select("endpoint", "cost").iter_rows():
            cost = before.get(endpoint)
            if cost is not None and less is not None and cost > less:
                saving = waited.money(int(cost) - int(less))
                found.append(Shift(endpoint, wait, saving or Decimal(0)))
    return found

"""All listings of a review, in the order in which they are shown."""

from collections.abc import Iterator
from decimal import Decimal

from analyzer.finance.review import Review
from analyzer.finance.units import Units
from analyzer.report.against import against, alike
from analyzer.report.amounts import difference, exact, nearest, plain, plus, priced
from analyzer.report.review import bill, change, plan
from analyzer.report.review.change import places
from analyzer.report.review.figures import money, per, rounded
from analyzer.report.review.listing import Cell, Column, Listing, alone
from analyzer.report.review.units import unit_economics
from analyzer.report.review.who import WORDS, showback
from analyzer.report.verdict import uncertain_prices


def listings(review: Review) -> tuple[Listing, ...]:
    """Those that there is something to show of."""
    return tuple(one for one in (_all(review) if review.units else _empty(review)) if one is not None)


def _empty(review: Review) -> Iterator[Listing | None]:
    """Of a month in which nothing was called."""
    yield change.headline(review)
    yield plan.budgets(review)
    yield plan.adjustments(review)
    yield bill.causes(review)
    yield bill.differing(review)
    yield quality(review)
    yield notes(review)


def _all(review: Review) -> Iterator[Listing | None]:
    yield change.headline(review)
    yield change.bridge(review)
    yield change.by_endpoint(review)
    yield change.price_volume_mix(review)
    yield plan.budgets(review)
    yield plan.flexible(review)
    yield plan.adjustments(review)
    yield unit_economics(review)
    for dimension in WORDS:
        yield showback(review, dimension)
    yield anomalies(review)
    yield plan.forecast_days(review)
    yield plan.accuracy(review)
    yield months(review)
    yield scenarios(review)
    yield price_changes(review)
    yield bill.causes(review)
    yield bill.differing(review)
    yield quality(review)
    yield notes(review)


def anomalies(review: Review) -> Listing | None:
    """Days out of the ordinary; None where there are none."""
    if not review.anomalies:
        return None
    digits = places(review)
    rows = []
    for one in review.anomalies:
        largest = sorted((each for each in one.drivers if each.amount), key=lambda each: -abs(each.amount))[:3]
        said = [f"{each.name} {_signed(each.amount, digits)}" for each in largest]
        why = "new this month" if one.new else "; ".join(said)
        cost, usual = money(one.cost), money(one.usual)
        shown = alone(cost, digits), alone(usual, digits), Cell(difference(cost, usual, digits), "change")
        rows.append((one.day, one.endpoint, one.line, *shown, why))
    return Listing(
        "anomalies",
        f"Days out of the ordinary, {review.analysis.view.currency}",
        (
            Column("Day", "day"), Column("Endpoint", "name"), Column("Model", "name"), Column("Cost", "money"),
            Column("Usual", "money"), Column("Impact", "change"), Column("Because of", "words"),
        ),
        tuple(rows),
        places=digits,
        note="Usual is the median of the same weekday in the eight weeks before. What it is because of is held against"
        " the mean of those days.",
    )  # fmt: skip


def _signed(units: int, digits: int) -> str:
    return plus(plain(rounded(units, digits), digits))


def months(review: Review) -> Listing:
    """Month by month."""
    digits = places(review)
    return Listing(
        "months",
        f"Month by month, {review.analysis.view.currency}",
        (
            Column("Month", "words"), Column("Requests", "count"), Column("Input tokens", "count"),
            Column("Output tokens", "count"), Column("Cache hit rate", "rate"), Column("Per 1,000 requests", "price"),
            Column("Cost", "money"),
        ),
        tuple(_month(one, digits) for one in review.history),
        places=digits,
    )  # fmt: skip


def _month(one: Units, digits: int) -> tuple[object, ...]:
    price, cost = per(one.per_thousand_requests), alone(money(one.cost), digits)
    return f"{one.month:%Y-%m}", one.requests, one.input_tokens, one.output_tokens, one.hit_rate, price, cost


def scenarios(review: Review) -> Listing:
    """What else the month might have cost."""
    digits, actual = places(review), review.analysis.actual
    foreseen = any(one.scenario.hindsight for one in review.analysis.results)
    apart = not all(alike(one, actual) for one in review.analysis.results)
    return Listing(
        "scenarios",
        f"What the same requests would have cost, {review.analysis.view.currency}",
        (
            Column("Scenario", "name"), Column("Cost", "money"), Column("Against actual", "change"),
            Column("Low", "money"), Column("High", "money"), Column("Unpriced", "count"),
        ),
        tuple(
            (
                f"{one.scenario.name} (hindsight)" if one.scenario.hindsight else one.scenario.name,
                alone(one.cost, digits),
                Cell("", "words") if one is actual else Cell(against(one, actual, digits), "change"),
                alone(one.low, digits), alone(one.high, digits), one.unpriced,
            )
            for one in review.analysis.results
        ),
        places=digits,
        note="Low: every request keeps its cache hits. High: every cache that a move touches is cold."
        + (" Against actual: over the requests priced both ways." if apart else "")
        + (" Hindsight: it routes by the length of outputs, which nobody knows beforehand." if foreseen else ""),
    )  # fmt: skip


def price_changes(review: Review) -> Listing | None:
    """List prices that became others within the month."""
    found = review.analysis.price_changes
    if not found:
        return None
    return Listing(
        "price-changes-in-force",
        f"Price changes in the month, per 1M tokens, {review.analysis.view.currency}, times in UTC",
        (Column("From, UTC", "words"), Column("Model", "name"), Column("Change", "words")),
        tuple((f"{one.instant:%Y-%m-%d %H:%M}", one.model, one.words) for one in found),
    )


def quality(review: Review) -> Listing:
    """How far the figures can be relied on."""
    counts, days, idle = review.analysis.counts, review.quiet_days, review.showback.idle
    shown = ", ".join(day.isoformat() for day in days[:10]) + (", ..." if len(days) > 10 else "")
    before = "before the requests came into the table: not known" if review.analysis.of_table else ""
    rows: list[tuple[object, ...]] = [
        ("Logs", counts.sources, ""),
        ("Records", counts.records, "= requests + duplicates + skipped + rejected"),
        ("Requests", counts.requests, ""),
        ("Duplicates", counts.duplicates, "counted once" + (", of the table alone" if before else "")),
        ("Skipped", counts.skipped, before or "no calls of a provider"),
        ("Rejected", counts.rejected, before or "could not be understood: in no figure"),
        ("Calls without usage", counts.unmeasured, "in no cost"),
        ("Calls without a known price", counts.unpriced, "in no cost"),
        ("Calls with an unknown cache split", counts.cache_unknown, "cost as all misses"),
        ("Records of exports set aside", counts.set_aside, "their calls are here one by one"),
        ("Calls of exports at an uncertain price", *_uncertain(review)),
        ("Calls of exports across the edge of the month", review.edge.requests, _across(review)),
        ("Days without a call", len(days), shown),
        *([("Shared teams without a call", len(idle), ", ".join(idle))] if idle else []),
        (
            "Known until, UTC",
            Cell(f"{review.until:%Y-%m-%d %H:%M:%S}", "words"),
            "" if review.over else "the month is open",
        ),
    ]
    titles = (Column("", "words"), Column("Number", "count"), Column("", "words"))
    return Listing("data-quality", "Data quality: the ledger's records, and the month's calls", titles, tuple(rows))


def _uncertain(review: Review) -> tuple[int, str]:
    """Of rows of exports whose price no period of their bucket has: calls, and what is said of them."""
    requests, cost = uncertain_prices(review.analysis)
    return requests, f"{_plain(cost, review)}: priced as of their bucket's start" if requests else ""


def _across(review: Review) -> str:
    edge = review.edge
    if not edge.requests:
        return ""
    parts = ((edge.inside, "counted in this month"), (edge.outside, "in others"))
    said = [f"{_plain(money(units) or Decimal(0), review)} {where}" for units, where in parts if units is not None]
    return f"{', '.join(said) or 'without a known price'}: their bucket is in two months of {review.analysis.view.tz}"


def _plain(amount: Decimal, review: Review) -> str:
    return priced(plain(nearest(amount, places(review)), places(review)), review.analysis.view.currency)


def notes(review: Review) -> Listing:
    """Method and versions."""
    view = review.analysis.view
    prices = "in force at each request" if view.price_date is None else f"of {view.price_date.isoformat()}"
    allocated = review.showback.allocated("team")
    rows: tuple[tuple[object, ...], ...] = (
        ("Cost, exactly", exact(money(review.actual)) or "unknown"),
        ("Cost of the month before, exactly", exact(money(review.previous)) or "unknown"),
        ("Currency", f"{view.currency} price list"),
        ("Prices", prices),
        ("Price book", review.analysis.price_book),
        ("Own prices", "; ".join(review.analysis.own_prices) or "none"),
        ("Price window by", f"{view.clock} of a request"),
        ("Days and months in", view.tz),
        ("Allocated to a team", Cell(allocated, "rate")),
        ("Rounding", "each table once, by largest remainder: columns add up; exact amounts are in the JSON"),
        (
            "Logs",
            "not known: a table of another engine"
            if review.analysis.of_table
            else f"{len(review.analysis.fingerprints):,}, by fingerprint in the JSON",
        ),
    )
    return Listing("notes", "Method and versions", (Column("", "words"), Column("", "words")), rows)

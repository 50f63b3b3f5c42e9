"""All listings of a review, in the order in which they are shown."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from analyzer.finance.review import Review
from analyzer.finance.units import Units
from analyzer.report.amounts import exact
from analyzer.report.amounts import rounded as rounded_all
from analyzer.report.reconcile import causes_told
from analyzer.report.review import change, plan
from analyzer.report.review.change import places
from analyzer.report.review.figures import money, per, rounded
from analyzer.report.review.listing import NAMELESS, Cell, Column, Kind, Listing, alone

_WORDS = {
    "endpoint": "endpoint",
    "team": "team",
    "cost_center": "cost centre",
    "api_key_name": "key",
    "model": "model",
}
UNALLOCATED = "unallocated"


def listings(review: Review) -> tuple[Listing, ...]:
    """Those that there is something to show of."""
    return tuple(one for one in (_all(review) if review.units else _empty(review)) if one is not None)


def _empty(review: Review) -> Iterator[Listing | None]:
    """Of a month in which nothing was called."""
    yield change.headline(review)
    yield plan.budgets(review)
    yield plan.adjustments(review)
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
    for dimension in _WORDS:
        yield showback(review, dimension)
    yield anomalies(review)
    yield plan.forecast_days(review)
    yield plan.accuracy(review)
    yield months(review)
    yield scenarios(review)
    yield price_changes(review)
    yield reconciliation(review)
    yield quality(review)
    yield notes(review)


def unit_economics(review: Review) -> Listing:
    """What a unit of work cost, this month and the one before."""
    now, before = review.units, review.units_before
    digits = places(review)
    rows = []
    for title, kind, value in _METRICS:
        cells = [Cell(_shown(value(one), kind, digits) if one else None, kind) for one in (before, now)]
        rows.append((title, *cells))
    return Listing(
        "unit-economics",
        f"What a unit of work cost, {review.analysis.view.currency}",
        (
            Column("", "words"),
            Column(str(review.month.previous()), "price"),
            Column(str(review.month), "price"),
        ),
        tuple(rows),
        places=digits,
        note="Ratios of sums, never means of ratios; over priced calls where money is in them.",
    )


_METRICS: tuple[tuple[str, Kind, Callable[[Units], object]], ...] = (
    ("Requests", "count", lambda one: one.requests),
    ("Cost", "money", lambda one: one.cost),
    ("Cost per 1,000 requests", "price", lambda one: one.per_thousand_requests),
    ("Cost per successful request", "price", lambda one: one.per_success),
    ("Cost per 1M tokens, in and out", "price", lambda one: one.per_million_tokens),
    ("Effective price of 1M input tokens", "price", lambda one: one.input_price),
    ("Price of 1M output tokens", "price", lambda one: one.output_price),
    ("Cache hit rate", "rate", lambda one: one.hit_rate),
    ("Saved by cache hits", "money", lambda one: one.cache_saving),
    ("Paid more for cache writes", "money", lambda one: one.cache_premium),
    ("Saved by calling off-peak", "money", lambda one: one.off_peak_saving),
    ("Spent on failed requests", "money", lambda one: one.failed_cost),
    ("their share of the cost of known outcome", "rate", lambda one: one.failed_share),
)


def _shown(value: object, kind: str, digits: int) -> object:
    if kind == "money" and isinstance(value, int):
        return rounded(value, digits)
    if kind == "price" and isinstance(value, Fraction):
        return per(value)
    return value


def showback(review: Review, dimension: str) -> Listing | None:
    """Who used what; what has no name stands at the end, and is never spread."""
    lines = review.showback.lines[dimension]
    if not lines or (dimension == "cost_center" and all(line.name is None for line in lines)):
        return None
    digits = places(review)
    sharing = dimension == "team" and review.showback.sharing
    known = sum(line.cost for line in lines if line.cost is not None)
    # What is shared is what a reader finds who subtracts what each team used from what it bears.
    borne = rounded_all([money((line.cost or 0) + line.shared) for line in lines], digits)
    used = rounded_all([money(line.cost) for line in lines], digits)
    rows = []
    for line, after, own in zip(lines, borne, used, strict=True):
        share = Fraction(line.cost, known) if line.cost is not None and known else None
        mine = (line.requests, line.input_tokens, line.output_tokens)
        row: list[object] = [line.name, *mine, money(line.cost), share, money(line.before)]
        if sharing:
            row += [None if after is None else after - (own or 0), after]
        rows.append((*row, line.unpriced))
    titles = [
        Column(_WORDS[dimension].capitalize(), "name"), Column("Requests", "count"), Column("Input tokens", "count"),
        Column("Output tokens", "count"), Column("Cost", "money"), Column("Share", "rate"),
        Column(f"In {review.month.previous()}", "money"),
    ]  # fmt: skip
    if sharing:
        titles += [Column("Common costs", "change"), Column("After sharing", "money")]
    counts = [sum(getattr(line, name) for line in lines) for name in ("requests", "input_tokens", "output_tokens")]
    total: list[object] = [
        "in all",
        *counts,
        money(review.actual),
        Fraction(1) if known else None,
        money(_before(review)),
    ]
    if sharing:
        total += [money(0), money(review.actual)]
    nameless = NAMELESS if dimension in ("endpoint", "model") else UNALLOCATED
    return Listing(
        f"showback-{dimension.replace('_', '-')}",
        f"By {_WORDS[dimension]}, {review.analysis.view.currency}",
        (*titles, Column("Unpriced", "count")),
        tuple(rows),
        total=(*total, sum(line.unpriced for line in lines)),
        places=digits,
        nameless=nameless,
        note="What the rules of spend.toml share is in columns of its own; the cost is what each team used itself."
        if sharing
        else "",
    )


def _before(review: Review) -> int | None:
    return review.units_before.cost if review.units_before else None


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
        cost, usual = (alone(money(units), digits) for units in (one.cost, one.usual))
        impact = alone(money(one.impact), digits, "change")
        rows.append((one.day, one.endpoint, one.line, cost, usual, impact, why))
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
    value = rounded(units, digits)
    return f"{'+' if value > 0 else ''}{value:,.{digits}f}"


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
    tokens = (int(one.sums["input_tokens"]), int(one.sums["output_tokens"]))
    price, cost = per(one.per_thousand_requests), alone(money(one.cost), digits)
    return f"{one.month:%Y-%m}", one.requests, *tokens, one.hit_rate, price, cost


def scenarios(review: Review) -> Listing:
    """What else the month might have cost."""
    digits = places(review)
    return Listing(
        "scenarios",
        f"What the same requests would have cost, {review.analysis.view.currency}",
        (
            Column("Scenario", "name"), Column("Cost", "money"), Column("Against actual", "change"),
            Column("Low", "money"), Column("High", "money"), Column("Unpriced", "count"),
        ),
        tuple(
            (
                one.scenario.name, alone(one.cost, digits),
                Cell("", "words") if one is review.analysis.actual else alone(one.difference, digits, "change"),
                alone(one.low, digits), alone(one.high, digits), one.unpriced,
            )
            for one in review.analysis.results
        ),
        places=digits,
        note="Low: every request keeps its cache hits. High: every cache that a move touches is cold.",
    )  # fmt: skip


def price_changes(review: Review) -> Listing | None:
    """List prices that became others within the month."""
    found = review.analysis.price_changes
    if not found:
        return None
    return Listing(
        "price-changes-in-force",
        f"Price changes in the month, per 1M tokens, {review.analysis.view.currency}",
        (Column("From, UTC", "words"), Column("Model", "name"), Column("Change", "words")),
        tuple((f"{one.instant:%Y-%m-%d %H:%M}", one.model, one.words) for one in found),
    )


def reconciliation(review: Review) -> Listing | None:
    """The ledger against the bill, by cause; None where no bill was given."""
    found = review.reconciliation
    if found is None:
        return None
    rows = tuple((cause, count, money(amount)) for cause, (count, amount) in causes_told(found))
    return Listing(
        "reconciliation",
        f"The bill against the ledger, {found.currency}",
        (Column("Cause", "words"), Column("Buckets", "count"), Column("Billed less computed", "change")),
        rows,
        total=("in all", sum(count for _, count, _ in rows), money(found.billed - found.computed)),
        places=places(review),
        note=f"Billed {exact(money(found.billed))}, computed {exact(money(found.computed))}.",
    )


def quality(review: Review) -> Listing:
    """How far the figures can be relied on."""
    counts, days = review.analysis.counts, review.quiet_days
    shown = ", ".join(day.isoformat() for day in days[:10]) + (", ..." if len(days) > 10 else "")
    rows: list[tuple[object, ...]] = [
        ("Logs", counts.sources, ""),
        ("Records", counts.records, "= requests + duplicates + skipped + rejected"),
        ("Requests", counts.requests, ""),
        ("Duplicates", counts.duplicates, "counted once"),
        ("Skipped", counts.skipped, "no calls of a provider"),
        ("Rejected", counts.rejected, "could not be understood: in no figure"),
        ("Calls without usage", counts.unmeasured, "in no cost"),
        ("Calls without a known price", counts.unpriced, "in no cost"),
        ("Calls with an unknown cache split", counts.cache_unknown, "cost as all misses"),
        ("Records of exports set aside", counts.set_aside, "their calls are here one by one"),
        ("Days without a call", len(days), shown),
        (
            "Known until, UTC",
            Cell(f"{review.until:%Y-%m-%d %H:%M:%S}", "words"),
            "" if review.over else "the month is open",
        ),
    ]
    titles = (Column("", "words"), Column("Number", "count"), Column("", "words"))
    return Listing("data-quality", "Data quality: the ledger's records, and the month's calls", titles, tuple(rows))


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
        ("Rounding", "each table once, by largest remainder: its columns add up"),
        ("Logs", f"{len(review.analysis.answers['inputs']):,}, by fingerprint in the JSON"),
    )
    return Listing("notes", "Method and versions", (Column("", "words"), Column("", "words")), rows)

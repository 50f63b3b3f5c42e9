"""A look: what of a view a month is closed for. Looked at otherwise, it is another closing, or none."""

from analyzer.simulate.relations import View

Look = tuple[str, str, str, str, str]  # currency, reporting zone, grouping, clock, price date


def look(view: View) -> Look:
    """How a view looks at a month, as the ledger keeps it."""
    price_date = view.price_date.isoformat() if view.price_date else "in-force"
    return view.currency, view.tz, view.endpoint_by, view.clock, price_date


def in_words(one: Look) -> str:
    """A look in words."""
    currency, tz, endpoint_by, clock, price_date = one
    return f"{currency}, {tz}, by {endpoint_by}, clock {clock}, prices {price_date}"

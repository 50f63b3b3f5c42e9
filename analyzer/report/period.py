"""The time that an analysis is of, in words."""

from zoneinfo import ZoneInfo

from analyzer.simulate.analysis import Analysis


def period(analysis: Analysis) -> str:
    """First and last instant, on the clocks of the reporting zone: of a month there these are its midnights."""
    if analysis.period is None:
        return "no requests"
    zone = analysis.view.tz
    first, last = (f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for instant in analysis.period)
    return f"{first} to {last} {zone}"

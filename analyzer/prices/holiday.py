"""Statutory holidays, from the ``holidays`` package, checked against the days that bills confirm.

The package is imported when the first day is asked for: it costs a quarter of a second, and only prices
with a holiday clause need it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from analyzer.errors import PriceError

COUNTRIES = ("CN",)


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The public holidays of a country, days off in lieu included.

    Attributes:
        country: ISO 3166 code.
        confirmed: Days that bills show to have been billed as holidays.
    """

    country: str
    confirmed: frozenset[date]

    def days(self, year: int) -> frozenset[date]:
        """Return the holidays of a year.

        Raises:
            PriceError: The installed package contradicts a confirmed day.
        """
        _check(self.country, self.confirmed)
        return _days(self.country, year)

    def official_through(self) -> int:
        """Return the last year whose official notice the package holds; later ones are by rule."""
        year = max(self.confirmed).year
        while _is_official(self.country, year + 1):
            year += 1
        return year


@cache
def _check(country: str, confirmed: frozenset[date]) -> None:
    for day in sorted(confirmed):
        if day not in _days(country, day.year):
            raise PriceError(
                f"by the installed holidays package {day} was no holiday in {country}, by bills it was",
                "Install the newest release: pip install --upgrade holidays.",
            )


@cache
def _days(country: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=year))


@cache
def _is_official(country: str, year: int) -> bool:
    """Say whether the year's notice is known: only a notice names make-up working days, and each does."""
    from holidays import country_holidays

    return any(day.year == year for day in country_holidays(country, years=year).weekend_workdays)

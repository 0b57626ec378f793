"""The public holidays of a country, from the `holidays` library; slow to load, so never in the event loop."""

from collections.abc import Iterable, Sequence
from datetime import date

from .engine.windows import DocumentError

COUNTRY = "holiday_country"
SUBDIVISION = "holiday_subdivision"


def countries() -> dict[str, Sequence[str]]:
    """Give the countries that are known, each with its parts that have holidays of their own."""
    import holidays  # noqa: PLC0415  most owners never need it

    return {code: tuple(parts) for code, parts in holidays.list_supported_countries().items()}


def check_country(country: str, subdivision: str | None) -> None:
    """Refuse a country, or a part of it, that nobody knows.

    Raises:
        DocumentError: names it.

    """
    known = countries()
    if country not in known:
        raise DocumentError(COUNTRY, country, "a code of two letters, as DE")
    if subdivision is not None and subdivision not in known[country]:
        raise DocumentError(SUBDIVISION, subdivision, ", ".join(sorted(known[country])) or "-")


def days_of(country: str, subdivision: str | None, years: Iterable[int]) -> frozenset[date]:
    """Give the holidays of these years."""
    import holidays  # noqa: PLC0415  most owners never need it

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=list(years)))

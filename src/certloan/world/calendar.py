"""The time of the world: what it covers, and when its two deliveries were made."""

from __future__ import annotations

from datetime import date

from certloan.world.draws import day, on

#: Evidence begins here, seven years before the first application: no look-back of a feature reaches beyond it, so that
#: a lender sees as much of an applicant of 2021 as of one of 2026. Older certificates and accounts are kept as well.
OPENS_IN = 2014
OPENS = on(OPENS_IN, 1, 1)
#: The first delivery holds what was known by this day, the second what became known by the next.
FIRST_DELIVERY = date(2026, 5, 31)
SECOND_DELIVERY = date(2026, 6, 30)
CLOSES = day(SECOND_DELIVERY)

#: Applications are made from here on.
APPLICATIONS_FROM = on(2021, 1, 1)
#: A loan's outcome is observed over this many days.
OBSERVED_DAYS = 365

#: Strength is drawn for the middle of each of these years and runs straight between them.
FIRST_YEAR = 2013
YEARS = 14


def years_from(year: int) -> int:
    """Count the years from ``year`` to the last of the world, both included.

    >>> years_from(2019)
    8
    """
    return FIRST_YEAR + YEARS - year

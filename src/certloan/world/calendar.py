"""The time of the world: what it covers, and when its two deliveries were made."""

from __future__ import annotations

from datetime import date

from certloan.world.draws import day, on

#: Evidence begins here (older certificates and registrations that still matter are kept).
OPENS = on(2019, 1, 1)
#: The first delivery holds what was known by this day, the second what became known by the next.
FIRST_DELIVERY = date(2026, 5, 31)
SECOND_DELIVERY = date(2026, 6, 30)
CLOSES = day(SECOND_DELIVERY)

#: Applications are made from here on, so that every applicant can have two years of evidence.
APPLICATIONS_FROM = on(2021, 1, 1)
#: A loan's outcome is observed over this many days.
OBSERVED_DAYS = 365

#: Strength is drawn for the middle of each of these years and runs straight between them.
FIRST_YEAR = 2017
YEARS = 10

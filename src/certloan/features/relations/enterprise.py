"""Who the enterprise is: its registration, its annual figures, the public lists."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.aggregates import Max
from certloan.features.relations.shape import Previous, Relation, Summary, Told
from certloan.features.spec import Lookup

_BEFORE = {
    years: Summary(
        f"report_{years}y_before",
        "annual_report",
        on={f"year - {years}": "year"},
        columns={
            f"revenue_{years}y": Told(Max("revenue"), Type.NUMBER),
            f"assets_{years}y": Told(Max("assets"), Type.NUMBER),
        },
    )
    for years in (1, 3)
}

_ANNUAL_REPORT = Relation(
    "annual_report",
    "annual_report",
    ("year", "employees", "revenue", "assets", "liabilities", "equity", "profit", "tax_paid", "guarantees"),
    summaries=(_BEFORE[1], _BEFORE[3]),
    previous=(Previous("year_before", Type.NUMBER, "year", (), "year"),),
)

# Supervisors watch whole trades, and the white list repeats what is scored already: neither is a fault.
_ADVERSE = "list in ('abnormal_operation', 'serious_violation', 'enforcement', 'dishonest_debtor', 'tax_arrears')"

_LIST_ENTRY = Relation(
    "list_entry",
    "list_entry",
    ("list", "listed_on", "removed_on", "reason"),
    computed={
        "adverse": (_ADVERSE, Type.BOOLEAN),
        "listed": ("removed_on is null or removed_on > as_of", Type.BOOLEAN),
    },
)

# The grade of a year is published by the end of April of the next one, and whoever was not there for the whole of a year
# need not be graded for it.
_UNGRADABLE = (
    "case when tax_grade_delivered and registered_on is not null"
    " then case when year(registered_on) >= year(add_months(as_of, -4)) - 1 then 1 else 0 end end"
)

RELATIONS = (
    Relation(
        "enterprise",
        "enterprise",
        ("name", "registered_on", "status", "region_code", "industry_code", "ownership", "registered_capital"),
        lookups=(Lookup("reference_mountain_county", "substring(region_code, 1, 6)"),),
        delivered=("tax_grade",),
        computed={"ungradable": (_UNGRADABLE, Type.NUMBER)},
    ),
    _ANNUAL_REPORT,
    _LIST_ENTRY,
)

UNUSED: Mapping[str, str] = {
    "enterprise.name": "identifies the enterprise; never evidence",
    "list_entry.reason": "free text, for the officer",
}

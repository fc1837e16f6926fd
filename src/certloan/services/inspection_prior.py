"""What an industry's inspections say of an enterprise before its own: the prior of each month, by industry.

The numbers are the very features that a decision reads, asked for every month's first day: so an objection, a batch
checked twice, a void record count in the prior as they do in a case, and nothing known later has a part in it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from certloan.features.catalog import by_name
from certloan.features.shrinkage import NATIONAL, Firms, Prior, prior
from certloan.services.build_features import build_matrix
from certloan.services.ports import Warehouse

#: The prior of all industries together, for whoever's industry is not known.
ALL = "ALL"
#: Enterprises that a month's priors are estimated from, at most about so many: more would change the third digit.
_ENOUGH = 20_000
#: Months that are asked for in one go: few statements, in bounded memory.
_TOGETHER = 12
_BATCHES, _FAILED, _SAFETY = "insp_36m_n", "insp_failed_36m_n", "insp_safety_failed_36m_n"
_SPECS = tuple(by_name(name) for name in (_BATCHES, _FAILED, _SAFETY, "ent_industry"))
_DIVISIONS = tuple(f"{number:02}" for number in range(1, 98))

_MONTHS = """
    select cast(first as date) as first from (
        select unnest(generate_series(
            date_trunc('month', min(known_on)) + interval 1 month,
            date_trunc('month', max(known_on)) + interval 1 month, interval 1 month)) as first
        from inspection)
    where first > ? order by first"""
_SHARE = "select greatest(1, ceil(approx_count_distinct(uscc) / ?)) as parts from inspection"
_SAMPLE = "select * from {table} where hash(uscc) % ? = 0 and uscc in (select uscc from inspection)"
_SUBJECTS = """
    with months as (select unnest([{months}]) as first)
    select distinct uscc as application_id, uscc, first as as_of from inspection join months
    on known_on <= first and happened_on > first - interval 36 month order by as_of, uscc"""
_ALIKE = f"""
    select as_of, coalesce(ent_industry, '') as industry, cast({_BATCHES} as bigint) as batches,
        cast({_FAILED} as bigint) as failed, cast({_SAFETY} as bigint) as safety, count(*) as number
    from prior_matrix where {_BATCHES} > 0 group by all order by all"""


@dataclass(frozen=True)
class PriorRow:
    """A prior in force from ``valid_from`` until ``valid_to`` (open: until the next load) for an industry division."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    prior_mean: float
    prior_safety: float
    prior_strength: float


def inspection_priors(warehouse: Warehouse, after: dt.date = dt.date(1900, 1, 1)) -> Iterator[PriorRow]:
    """Give the rows of every month that begins after ``after``, up to the one after the newest inspection known.

    Each month has a row for every division, so that one look-up finds it: a division with too little of its own, by
    :mod:`certloan.features.shrinkage`, has that of all industries, and all industries that of the national checks.
    """
    months: list[dt.date] = warehouse.query(_MONTHS, (after,)).column("first").to_pylist()
    if not months:
        return
    ends: dict[dt.date, dt.date | None] = dict(zip(months, [*months[1:], None], strict=True))
    sample = _sample(warehouse)
    try:
        for start in range(0, len(months), _TOGETHER):
            told = _told(sample, months[start : start + _TOGETHER])
            for month in months[start : start + _TOGETHER]:
                for code, found in _priors(told[month]):
                    yield PriorRow(code, month, ends[month], *astuple(found))
    finally:
        sample.close()


def _sample(warehouse: Warehouse) -> Warehouse:
    """Give a warehouse of the enterprises that are enough, drawn by their codes: the same ones from load to load."""
    parts = int(warehouse.query(_SHARE, (_ENOUGH,)).column("parts")[0].as_py())
    sample = warehouse.scratch()
    for table in ("inspection", "enterprise"):
        with sample.attached("drawn", warehouse.query(_SAMPLE.format(table=table), (parts,))):
            sample.execute(f"insert into history.{table} by name select * from drawn")
    return sample


def _told(warehouse: Warehouse, months: Sequence[dt.date]) -> Mapping[dt.date, Mapping[str, list[Firms]]]:
    """Give, by month and industry, how many enterprises had how many batches that failed, as known on its first day."""
    days = ", ".join(f"date '{month.isoformat()}'" for month in months)
    matrix = build_matrix(warehouse, _SUBJECTS.format(months=days), _SPECS)
    found: dict[dt.date, dict[str, list[Firms]]] = {month: defaultdict(list) for month in months}
    with warehouse.attached("prior_matrix", matrix):
        table = warehouse.query(_ALIKE)
    for row in table.to_pylist():
        found[row["as_of"]][row["industry"]].append(Firms(row["batches"], row["failed"], row["safety"], row["number"]))
    return found


def _priors(by_industry: Mapping[str, Sequence[Firms]]) -> Iterator[tuple[str, Prior]]:
    usual = prior((firms for told in by_industry.values() for firms in told), NATIONAL)
    yield ALL, usual
    for division in sorted({*_DIVISIONS, *by_industry} - {""}):
        yield division, prior(by_industry.get(division, ()), usual)

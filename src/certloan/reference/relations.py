"""The reference tables as relations that SQL can join: ``code``, ``valid_from``, ``valid_to`` and what they tell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv as pacsv

from certloan.reference.certificates import Scheme, replacement_reasons, schemes
from certloan.reference.divisions import mountain_counties
from certloan.reference.industries import ancestry, industries
from certloan.reference.loading import Row, cached, day, rows
from certloan.reference.sizes import METRICS, SIZES, rules_by_industry

_NUMBER = pa.float64()
_YES_NO = pa.bool_()
_TEXT = pa.string()

#: What a relation reads out of a table, column by column.
_SCHEME = {
    "scheme_class": _TEXT,
    "scheme_strength": _NUMBER,
    "scheme_assurance": _TEXT,
    "scheme_dimension": _TEXT,
    "scheme_advanced": _YES_NO,
    "scheme_parent": _TEXT,
    "scheme_sector_specific": _YES_NO,
}
_RULE = {
    "rule_version": _TEXT,
    "validity_months": _NUMBER,
    "first_gap_months": _NUMBER,
    "gap_months": _NUMBER,
    "grace_days": _NUMBER,
    "must_suspend": _YES_NO,
    "suspension_months": _NUMBER,
    "must_withdraw": _YES_NO,
    "recert_grace_months": _NUMBER,
    "renew_days": _NUMBER,
    "special_audit_days": _NUMBER,
    "keeps_number": _YES_NO,
}
_CCC = {"required": _YES_NO, "self_declared": _YES_NO, "priority": _YES_NO}
_HONOUR = {
    "honour_weight": _NUMBER,
    "honour_dimension": _TEXT,
    "honour_axis": _TEXT,
    "honour_holder": _TEXT,
    "honour_self_reported": _YES_NO,
}
_PUBLICATION = {
    "published": _YES_NO,
    "publish_min_months": _NUMBER,
    "publish_max_months": _NUMBER,
    "repair_months": _NUMBER,
}


@cached
def reference_relations() -> Mapping[str, pa.Table]:
    """Give each relation by the name under which statements read it; numbers are doubles, money is yuan."""
    return {name: make() for name, make in _MAKERS.items()}


def _schemes() -> pa.Table:
    return _table(
        _SCHEME,
        (
            (*_dated(s), s.scheme_class, s.strength, s.assurance, s.dimension, s.advanced, s.parent, bool(s.sectors))
            for s in schemes()
        ),
    )


def _dated(scheme: Scheme) -> tuple[str, date | None, date | None]:
    return scheme.code, scheme.valid_from, scheme.valid_to


def _rules() -> pa.Table:
    """Every version of a rule, once for each scheme that it governs."""
    by_rule: dict[str, list[Row]] = {}
    for row in rows("validity_rules"):
        by_rule.setdefault(row["rule"], []).append(row)
    return _table(
        _RULE,
        (
            (code, *_span(row), *(row[column] for column in _RULE))
            for code, rule in {scheme.code: scheme.rule for scheme in schemes()}.items()
            for row in by_rule.get(rule, ())
        ),
    )


def _fits() -> pa.Table:
    """Whether a scheme is made for an industry division; one that names no sector fits all of them."""
    divisions = [code for code, industry in industries().items() if industry.level == 2]
    return _table({"fits": _YES_NO}, _fitting(divisions))


def _fitting(divisions: Iterable[str]) -> Iterator[tuple[object, ...]]:
    above = {division: frozenset(ancestry(division)) for division in divisions}
    fitting: dict[tuple[str, ...], frozenset[str]] = {(): frozenset(above)}
    for scheme in schemes():
        if scheme.sectors not in fitting:
            # A sector finer than a division (C3491) says that the division may hold a firm which the scheme is made for.
            within = frozenset().union(*(ancestry(sector) for sector in scheme.sectors))
            sectors = frozenset(scheme.sectors)
            fitting[scheme.sectors] = frozenset(d for d, codes in above.items() if codes & sectors or d in within)
        fits = fitting[scheme.sectors]
        for division in above:
            yield f"{scheme.code} {division}", scheme.valid_from, scheme.valid_to, division in fits


def _ccc() -> pa.Table:
    return _table(
        _CCC, ((row["code"], *_span(row), *(row[column] for column in _CCC)) for row in rows("ccc_catalogue"))
    )


def _honours() -> pa.Table:
    """By kind and level; a level that is not told is an empty text, and weighs like the usual one of its kind."""
    columns = [name.removeprefix("honour_") for name in _HONOUR]
    return _table(
        _HONOUR,
        (
            (f"{row['kind']} {row['level']}", *_span(row), *(row[column] for column in columns))
            for row in rows("honours")
        ),
    )


def _publication() -> pa.Table:
    """By regime and severity: how long a record may be published at the least and at the most, in months."""
    columns = [name.removeprefix("publish_") for name in _PUBLICATION]
    return _table(
        _PUBLICATION,
        (
            (f"{row['regime']} {row['severity']}", *_span(row), *(row[column] for column in columns))
            for row in rows("publication_rules")
        ),
    )


def _mountains() -> pa.Table:
    return _table({"mountain": _YES_NO}, ((c.code, c.valid_from, c.valid_to, True) for c in mountain_counties()))


def _replacements() -> pa.Table:
    return _table({"replaced": _YES_NO}, ((reason, None, None, True) for reason in sorted(replacement_reasons())))


def _sizes() -> pa.Table:
    bounds = [f"{metric}_{size}" for metric in METRICS for size in SIZES]
    return _table(
        {"covered": _YES_NO, **dict.fromkeys(bounds, _NUMBER)},
        ((code, rule.valid_from, rule.valid_to, True, *_bounds(rule.bounds)) for code, rule in rules_by_industry()),
    )


def _bounds(bounds: Mapping[tuple[str, str], Decimal]) -> tuple[Decimal | None, ...]:
    return tuple(bounds.get((metric, size)) for metric in METRICS for size in SIZES)


def _span(row: Row) -> tuple[date | None, date | None]:
    return day(row["valid_from"]), day(row["valid_to"])


_MAKERS: Mapping[str, Callable[[], pa.Table]] = {
    "reference_scheme": _schemes,
    "reference_rule": _rules,
    "reference_scheme_fit": _fits,
    "reference_ccc": _ccc,
    "reference_honour": _honours,
    "reference_publication": _publication,
    "reference_mountain_county": _mountains,
    "reference_replacement": _replacements,
    "reference_size": _sizes,
}


def _table(told: Mapping[str, pa.DataType], records: Iterable[tuple[object, ...]]) -> pa.Table:
    """Make a table by way of CSV: pyarrow would import pandas to read Python lists, which costs every command 0.7 s."""
    types = {"code": _TEXT, "valid_from": pa.date32(), "valid_to": pa.date32(), **told}
    written = io.StringIO()
    csv.writer(written).writerows(records)
    return pacsv.read_csv(
        io.BytesIO(written.getvalue().encode()),
        read_options=pacsv.ReadOptions(column_names=list(types)),
        convert_options=pacsv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            true_values=["True", "true"],
            false_values=["False", "false"],
        ),
    )

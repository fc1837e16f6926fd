"""Whether the tables, as they hold in a workspace, keep their contracts and agree with each other and with known answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from certloan.errors import CertLoanError, InputError
from certloan.reference.certificates import scheme_words, schemes
from certloan.reference.checking import problems_of, shared_codes
from certloan.reference.divisions import division_names, mountain_counties
from certloan.reference.loading import in_force, rows
from certloan.reference.overrides import empty_files, references
from certloan.reference.sizes import METRICS, SIZES, size_class, size_rules
from certloan.reference.tables import TABLES

_YUAN_PER_WAN = Decimal(10_000)


def problems() -> tuple[CertLoanError, ...]:
    """Give all that is wrong; empty where everything holds. What breaks a contract is not read any further."""
    unused = tuple(InputError("reference-empty-file", file=name) for name in empty_files())
    broken = tuple(_contracts())
    return (*unused, *(broken or (*_schemes(), *_rules(), *_sizes(), *_counties())))


def _contracts() -> Iterator[CertLoanError]:
    held = {name: rows(name) for name in TABLES}
    known = references(held)
    for name, table in TABLES.items():
        columns = list(held[name][0]) if held[name] else []
        yield from problems_of(table, held[name], columns, known, f"{name}.csv")
        yield from shared_codes(table, held[name], f"{name}.csv")


def _schemes() -> Iterator[CertLoanError]:
    """A declaration is never strong, and a word of one scheme is never the name of another."""
    for scheme in schemes():
        if not scheme.third_party and scheme.strength > 2:
            yield InputError("reference-strong-declaration", found=scheme.code, strength=scheme.strength)
        if scheme_words()[scheme.zh] != scheme.code:
            yield InputError(
                "reference-word-twice", found=scheme.zh, scheme=scheme.code, other=scheme_words()[scheme.zh]
            )
    for row in rows("scheme_aliases"):
        named = scheme_words()[row["alias"]]
        if named != row["code"]:
            yield InputError("reference-word-twice", found=row["alias"], scheme=named, other=row["code"])


def _rules() -> Iterator[CertLoanError]:
    """A rule of surveillance leaves time for it, and versions of one rule leave no day between them."""
    ends: dict[str, str] = {}
    for row in sorted(rows("validity_rules"), key=lambda row: (row["rule"], row["valid_from"])):
        gap, validity = row["gap_months"] or "0", row["validity_months"] or "0"
        if int(gap) > int(validity):
            yield InputError("reference-gap", found=gap, rule=row["rule"], expected=validity)
        if row["rule"] in ends and ends[row["rule"]] != row["valid_from"]:
            yield InputError(
                "reference-rule-hole", rule=row["rule"], found=ends[row["rule"]], expected=row["valid_from"]
            )
        ends[row["rule"]] = row["valid_to"]


def _sizes() -> Iterator[CertLoanError]:
    for rule in size_rules():
        for metric in METRICS:
            bounds = [rule.bounds[metric, size] for size in SIZES if (metric, size) in rule.bounds]
            if bounds != sorted(bounds, reverse=True) or len(bounds) not in (0, len(SIZES)):
                yield InputError("reference-size-order", industry=rule.industry, metric=metric)
    for row in rows("size_vectors"):
        told = size_class(
            row["code"],
            staff=int(row["staff"]) if row["staff"] else None,
            revenue=_yuan(row["revenue"]),
            assets=_yuan(row["assets"]),
            on=date.fromisoformat(row["on"]),
        )
        if (told or "none") != row["expected"]:
            yield InputError("reference-size", industry=row["code"], found=told or "none", expected=row["expected"])


def _counties() -> Iterator[CertLoanError]:
    for county in mountain_counties():
        if county.name not in division_names().get(county.code, ""):
            yield InputError("reference-county-name", county=county.code, found=county.name)
    for row in rows("mountain_county_counts"):
        on = date.fromisoformat(row["on"])
        held = sum(in_force(county.valid_from, county.valid_to, on) for county in mountain_counties())
        if held != int(row["counties"]):
            yield InputError("reference-county-count", on=row["on"], found=held, expected=row["counties"])


def _yuan(wan: str) -> Decimal | None:
    return Decimal(wan) * _YUAN_PER_WAN if wan else None

"""The shape that the engines are held against: for each enterprise 4 certificates, 6 inspections, an account of 24 months.

Beside these, annual reports, tax grades, inquiries, bills, lists, rights, cover, and for a tenth of the enterprises
invoices. Made by the engine itself out of ranges and hashes, enterprise by enterprise, as a bank's tables are clustered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from certloan.storage.warehouse import DuckWarehouse

#: Days are drawn around this one; every application lies in the two years after it.
EPOCH = "date '2022-01-01'"


def _u(salt: str, *keys: str) -> str:
    """Word a pseudo-random number in [0, 1) out of the row's own numbers."""
    return f"(hash({', '.join((*keys, repr(salt)))}) % 1000003) / 1000003.0"


def _pick(draw: str, *options: str) -> str:
    words = ", ".join(f"'{word}'" for word in options)
    return f"list_extract([{words}], 1 + cast(floor({draw} * {len(options)}) as int))"


def make(path: Path, enterprises: int, memory_limit: str = "2GB") -> None:
    """Write a warehouse of ``enterprises`` enterprises with one application each."""
    warehouse = DuckWarehouse.open(path, memory_limit=memory_limit)
    # A code begins with the county that gave it: 90 counties, one after the other.
    usccs = f"'9133' || lpad(cast(i * 90 // {enterprises} as varchar), 4, '0') || lpad(cast(i as varchar), 10, '0')"
    per = {"certificate": 4, "inspection": 6, "credit_month": 24}

    def load(table: str, columns: dict[str, str], source: str) -> None:
        names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
        warehouse.execute(f"insert into history.{table} ({names}) select {values} from {source}")

    applied = f"{EPOCH} + cast({_u('applied', 'i')} * 730 as int)"
    load(
        "application",
        {
            "application_id": "'A' || i",
            "uscc": usccs,
            "applied_on": applied,
            "happened_on": applied,
            "known_on": applied,
        },
        f"range({enterprises}) t(i)",
    )
    issued = f"{EPOCH} - 900 + cast({_u('issued', 'i', 'k')} * 1600 as int)"
    load(
        "certificate",
        {
            "uscc": usccs,
            "certificate_no": "'C' || i || '-' || k",
            "body_no": f"'CNCA-R-' || cast(floor({_u('body', 'i', 'k')} * 300) as int)",
            "scheme": _pick(_u("scheme", "i", "k"), "A01", "A02", "A03", "CCC", "GREEN", "PZB"),
            "issued_on": issued,
            "first_issued_on": f"{issued} - 400",
            "expires_on": f"{issued} + 1095",
            "accreditation": _pick(_u("accredited", "i", "k"), "cnas", "other", "unaccredited"),
            "assurance": _pick(_u("assurance", "i", "k"), "third_party", "third_party", "self_declared"),
            "headcount_covered": f"cast({_u('heads', 'i', 'k')} * 300 as bigint)",
            "audit_id": "'R' || i || '-' || (k // 2)",
            "happened_on": issued,
            "known_on": f"{issued} + 15",
        },
        f"range({enterprises}) t(i), range({per['certificate']}) u(k)",
    )
    load(
        "certificate_event",
        {
            "uscc": usccs,
            "certificate_no": "'C' || i || '-0'",
            "event": _pick(_u("event", "i"), "suspended", "restored", "withdrawn", "surveillance_passed"),
            "reason_code": f"case when {_u('reason', 'i')} < 0.5 then '0120' else '0115' end",
            "event_on": f"{EPOCH} + cast({_u('event_on', 'i')} * 700 as int)",
            "happened_on": f"{EPOCH} + cast({_u('event_on', 'i')} * 700 as int)",
            "known_on": f"{EPOCH} + cast({_u('event_on', 'i')} * 700 as int) + 15",
        },
        f"range(0, {enterprises}, 5) t(i)",
    )
    inspected = f"{EPOCH} - 1400 + cast({_u('inspected', 'i', 'k')} * 2100 as int)"
    load(
        "inspection",
        {
            "uscc": usccs,
            "inspection_no": "'I' || i || '-' || k",
            "level": _pick(_u("level", "i", "k"), "national", "province", "city", "county"),
            "product": f"'P' || cast(floor({_u('product', 'i', 'k')} * 50) as int)",
            "inspected_on": inspected,
            "verdict": f"case when {_u('verdict', 'i', 'k')} < 0.09 then 'nonconforming'"
            f" when {_u('verdict', 'i', 'k')} < 0.1 then 'refused' else 'no_nonconformity' end",
            "safety_item": f"{_u('safety', 'i', 'k')} < 0.5",
            "recheck": f"case when {_u('verdict', 'i', 'k')} < 0.05 then 'passed'"
            f" when {_u('verdict', 'i', 'k')} < 0.07 then 'failed' end",
            "happened_on": inspected,
            "known_on": f"{inspected} + 45",
            "void_on": f"case when {_u('void', 'i', 'k')} < 0.02 then {inspected} + 200 end",
        },
        f"range({enterprises}) t(i), range({per['inspection']}) u(k)",
    )
    load(
        "credit_account",
        {
            "uscc": usccs,
            "account_no": "'L' || i",
            "kind": _pick(_u("kind", "i"), "working_capital", "credit_line", "guarantee"),
            "lender": _pick(_u("lender", "i"), "a", "b", "c", "d"),
            "credit_limit": f"cast({_u('limit', 'i')} * 6e6 as decimal(18,2))",
            "extended": f"{_u('extended', 'i')} < 0.1",
            "opened_on": f"{EPOCH} - 100 + cast({_u('opened', 'i')} * 90 as int)",
            "matures_on": f"{EPOCH} + 300 + cast({_u('matures', 'i')} * 900 as int)",
            "happened_on": f"{EPOCH} - 100 + cast({_u('opened', 'i')} * 90 as int)",
            "known_on": f"{EPOCH}",
        },
        f"range({enterprises}) t(i)",
    )
    month = f"cast({EPOCH} + to_months(cast(k as int)) as date)"
    past_due = f"case when {_u('dpd', 'i', 'k')} < 0.06 then cast({_u('days', 'i', 'k')} * 120 as bigint) else 0 end"
    load(
        "credit_month",
        {
            "uscc": usccs,
            "account_no": "'L' || i",
            "month": month,
            "balance": f"cast({_u('balance', 'i', 'k')} * 5e6 as decimal(18,2))",
            "credit_limit": "cast(6e6 as decimal(18,2))",
            "five_class": _pick(_u("class", "i", "k"), *["normal"] * 18, "special_mention", "substandard"),
            "days_past_due": past_due,
            "overdue_amount": f"cast({past_due} * 1000 as decimal(18,2))",
            "happened_on": f"last_day({month})",
            "known_on": f"last_day({month}) + 10",
        },
        f"range({enterprises}) t(i), range({per['credit_month']}) u(k)",
    )
    _beside(load, usccs, enterprises)
    warehouse.close()


def _beside(load: Callable[[str, dict[str, str], str], None], usccs: str, enterprises: int) -> None:
    """Write the smaller tables."""
    of_all = f"range({enterprises}) t(i)"

    def dated(day: str, lag: int) -> dict[str, str]:
        return {"happened_on": day, "known_on": f"{day} + {lag}"}

    def money(salt: str, most: float) -> str:
        return f"cast({_u(salt, 'i', 'k')} * {most} as decimal(18,2))"

    end = "make_date(cast(2019 + k as int), 12, 31)"
    figures = {
        "revenue": 5e7,
        "assets": 6e7,
        "liabilities": 4e7,
        "equity": 2e7,
        "profit": 5e6,
        "tax_paid": 2e6,
        "guarantees": 1e6,
    }
    load(
        "annual_report",
        {
            "uscc": usccs, "year": "2019 + k", "employees": f"cast({_u('staff', 'i', 'k')} * 300 as bigint)",
            **{name: f"case when {_u('shown' + name, 'i', 'k')} < 0.9 then {money(name, most)} end" for name, most in figures.items()},
            **dated(end, 150),
        },
        f"{of_all}, range(3) u(k)",
    )  # fmt: skip
    load(
        "tax_grade",
        {
            "uscc": usccs,
            "year": "2019 + k",
            "grade": _pick(_u("grade", "i", "k"), "A", "B", "B", "M", "C", "D"),
            **dated(end, 120),
        },
        f"{of_all}, range(3) u(k)",
    )
    asked = f"{EPOCH} + cast({_u('inquired', 'i', 'k')} * 700 as int)"
    load(
        "credit_inquiry",
        {
            "uscc": usccs, "inquired_on": asked, "lender": _pick(_u("inquirer", "i", "k"), "a", "b", "c", "d"),
            "purpose": _pick(_u("purpose", "i", "k"), "loan_approval", "post_loan"), **dated(asked, 0),
        },
        f"{of_all}, range(2) u(k)",
    )  # fmt: skip
    month = f"last_day(cast({EPOCH} + to_months(cast(k * 3 as int)) as date))"
    load(
        "utility_bill",
        {
            "uscc": usccs, "kind": _pick(_u("bill", "i", "k"), "electricity", "water", "social_insurance"),
            "month": f"cast(date_trunc('month', {month}) as date)", "billed": money("billed", 3e4),
            "arrears": f"case when {_u('late', 'i', 'k')} < 0.1 then {money('arrears', 1e4)} else 0 end", **dated(month, 25),
        },
        f"{of_all}, range(8) u(k)",
    )  # fmt: skip
    listed = f"{EPOCH} - 600 + cast({_u('listed', 'i')} * 1200 as int)"
    load(
        "list_entry",
        {
            "uscc": usccs, "list": _pick(_u("list", "i"), "abnormal_operation", "enforcement", "dishonest_debtor", "tax_arrears"),
            "listed_on": listed, "removed_on": f"case when {_u('removed', 'i')} < 0.5 then {listed} + 200 end", **dated(listed, 0),
        },
        f"range(0, {enterprises}, 10) t(i)",
    )  # fmt: skip
    granted = f"{EPOCH} - 900 + cast({_u('granted', 'i')} * 1500 as int)"
    load(
        "innovation",
        {
            "uscc": usccs, "number": "'N' || i", "kind": _pick(_u("right", "i"), "utility_patent", "invention_patent", "trademark"),
            "granted_on": granted, "ends_on": f"{granted} + 900", **dated(granted, 30),
        },
        f"range(0, {enterprises}, 2) t(i)",
    )  # fmt: skip
    sold = f"{EPOCH} - 400 + cast({_u('sold', 'i', 'k')} * 1100 as int)"
    load(
        "invoice",
        {
            "uscc": usccs, "invoice_no": "'F' || i || '-' || k", "direction": _pick(_u("way", "i", "k"), "sale", "sale", "purchase"),
            "counterparty": f"'P' || cast(floor({_u('party', 'i', 'k')} * 12) as int)", "invoiced_on": sold,
            "net": money("net", 2e5), "tax": money("tax", 2e4),
            "status": _pick(_u("status", "i", "k"), *["valid"] * 18, "void", "red_letter"), **dated(sold, 1),
        },
        f"range(0, {enterprises}, 10) t(i), range(60) u(k)",
    )  # fmt: skip
    load(
        "enterprise",
        {
            "uscc": usccs, "name": "'E' || i", "registered_on": f"{EPOCH} - 4000", "status": "'operating'",
            "region_code": f"'33' || lpad(cast(i * 90 // {enterprises} as varchar), 4, '0')",
            "industry_code": _pick(_u("industry", "i"), "3491", "3811", "1951", "6513"), **dated(f"{EPOCH} - 4000", 10),
        },
        of_all,
    )  # fmt: skip

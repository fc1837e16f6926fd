"""The shape that the engines are held against: for each enterprise 4 certificates, 6 inspections, 1 account with 24 months.

Made by the engine itself out of ranges and hashes: one million enterprises are 34 million rows in under a minute.
"""

from __future__ import annotations

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
    usccs = "'91330000' || lpad(cast(i as varchar), 10, '0')"
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
            "opened_on": f"{EPOCH} - 100",
            "happened_on": f"{EPOCH} - 100",
            "known_on": f"{EPOCH} - 90",
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
            "happened_on": f"last_day({month})",
            "known_on": f"last_day({month}) + 10",
        },
        f"range({enterprises}) t(i), range({per['credit_month']}) u(k)",
    )
    warehouse.close()

"""What a feature may read: one relation per table, some of them prepared with a state or a reference.

A prepared relation is declared, not programmed: it takes the newest event of each of its records, joins dated
references and computes columns, all inside the one statement and behind the one cut in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import types as types_of
from certloan.expressions import Type
from certloan.features.spec import Lookup

_METRICS = ("staff", "revenue", "assets")
_SIZES = ("large", "medium", "small")

#: Reference relations that a service lets the statements read, with the columns they add. Each also has ``code``
#: (text), ``valid_from`` and ``valid_to`` (dates, an open end is null).
REFERENCES: Mapping[str, Mapping[str, Type]] = {
    "reference_scheme": {"scheme_class": Type.TEXT, "scheme_strength": Type.NUMBER},
    "reference_mountain_county": {"mountain": Type.BOOLEAN},
    "reference_replacement": {"replaced": Type.BOOLEAN},
    "reference_size": {
        "covered": Type.BOOLEAN,
        **{f"{metric}_{size}": Type.NUMBER for metric in _METRICS for size in _SIZES},
    },
}


@dataclass(frozen=True)
class Newest:
    """The newest event of each record, out of another table: ``value`` of the last one by ``happened_on``.

    Two events of one day are ordered by when they were known, then by ``rank``: the graver wins. ``value``, ``where``
    and ``rank`` are expressions over the other table, and over the columns of ``lookup``.
    """

    name: str
    table: str
    on: str
    value: str
    where: str
    rank: str = "0"
    lookup: Lookup | None = None

    def types(self) -> dict[str, Type]:
        """Give every column that the three expressions may read, ``as_of`` included."""
        joined = REFERENCES[self.lookup.relation] if self.lookup else {}
        return {**types_of(CONTRACTS[self.table]), "as_of": Type.DATE, **joined}


@dataclass(frozen=True)
class Relation:
    """A relation that specs name as their ``table``: the records of one contract table, prepared.

    ``telling`` are the columns that show a person which record it was. ``computed`` maps a new column to its
    expression and type; a later one may use an earlier one.
    """

    name: str
    table: str
    telling: tuple[str, ...]
    keys: tuple[str, ...] = ("uscc",)
    lookups: tuple[Lookup, ...] = ()
    newest: tuple[Newest, ...] = ()
    computed: Mapping[str, tuple[str, Type]] = field(default_factory=dict)

    def types(self) -> dict[str, Type]:
        """Give every column that a spec's expressions may read, ``as_of`` included."""
        found = {**types_of(CONTRACTS[self.table]), "as_of": Type.DATE}
        for lookup in self.lookups:
            found |= REFERENCES[lookup.relation]
        found |= {newest.name: Type.TEXT for newest in self.newest}
        return found | {name: type_ for name, (_, type_) in self.computed.items()}


_STATE = (
    "case when last_event in ('withdrawn', 'cancelled', 'replaced') then last_event"
    " when expires_on < as_of then 'expired' when last_event = 'suspended' then 'suspended'"
    " when issued_on > as_of then 'not_yet' else 'valid' end"
)

# What the certificate says of itself goes before what its scheme is usually worth (see reference/certificates.py).
_STRENGTH = (
    "case when assurance = 'self_declared' then 1 when accreditation = 'cnas' then 4"
    " when accreditation = 'unaccredited' and scheme_strength < 4 then 2 else scheme_strength end"
)

# A certificate that ends because a new one replaced it takes nothing away: the new one says what holds.
_REPLACEMENT = Lookup("reference_replacement", "reason_code")
_REPLACED = "event in ('withdrawn', 'cancelled') and coalesce(replaced, false)"

_PREPARED = (
    Relation(
        "certificate_state",
        "certificate",
        ("certificate_no", "scheme", "expires_on", "state", "issued_on", "accreditation"),
        lookups=(Lookup("reference_scheme", "scheme"),),
        newest=(
            Newest(
                "last_event",
                "certificate_event",
                on="certificate_no",
                where="event in ('suspended', 'restored', 'withdrawn', 'cancelled', 'recertified') and happened_on <= as_of",
                value=f"case when {_REPLACED} then 'replaced' else event end",
                rank=f"case when {_REPLACED} then 2 when event = 'withdrawn' then 5 when event = 'cancelled' then 4"
                " when event = 'suspended' then 3 else 1 end",
                lookup=_REPLACEMENT,
            ),
        ),
        computed={"state": (_STATE, Type.TEXT), "strength": (_STRENGTH, Type.NUMBER)},
    ),
    Relation(
        "certificate_event",
        "certificate_event",
        ("certificate_no", "event", "event_on", "reason_code"),
        lookups=(_REPLACEMENT,),
    ),
    Relation(
        "credit_month",
        "credit_month",
        ("account_no", "month", "balance", "credit_limit", "five_class", "days_past_due"),
        newest=(Newest("account_kind", "credit_account", on="account_no", value="kind", where="kind is not null"),),
    ),
    Relation(
        "enterprise",
        "enterprise",
        ("name", "registered_on", "status", "region_code", "industry_code", "ownership", "registered_capital"),
        lookups=(Lookup("reference_mountain_county", "substring(region_code, 1, 6)"),),
    ),
    Relation(
        "application",
        "application",
        ("application_id", "applied_on", "amount", "purpose", "product"),
        keys=("uscc", "application_id"),
    ),
)

_TELLING: Mapping[str, tuple[str, ...]] = {
    "inspection": ("inspection_no", "inspected_on", "product", "verdict", "level", "safety_item", "recheck"),
    "incident": ("incident_no", "kind", "occurred_on", "severity", "amount", "ordered"),
    "list_entry": ("list", "listed_on", "removed_on", "reason"),
    "annual_report": ("year", "employees", "revenue", "assets", "liabilities", "profit", "tax_paid"),
    "credit_account": ("account_no", "lender", "kind", "credit_limit", "opened_on", "matures_on"),
    "credit_inquiry": ("inquired_on", "lender", "purpose"),
    "tax_grade": ("year", "grade"),
    "honour": ("kind", "level", "granted_on", "valid_to"),
    "innovation": ("number", "kind", "role", "level", "granted_on", "ends_on"),
    "mitigant": ("mitigant_no", "kind", "insured_amount", "starts_on", "ends_on"),
    "invoice": ("invoice_no", "direction", "counterparty", "invoiced_on", "net", "status"),
    "consent": ("purpose", "granted_on", "expires_on"),
}

#: Every relation by the name under which specs know it.
RELATIONS: Mapping[str, Relation] = {
    **{relation.name: relation for relation in _PREPARED},
    **{table: Relation(table, table, telling) for table, telling in _TELLING.items()},
}

#: Columns that no feature reads, each with the reason.
UNUSED: Mapping[str, str] = {
    "certificate.standard": "the edition of a standard weighs nothing until validity rules by scheme and edition exist",
    "certificate.body_no": "joins the certification body, whose standing is not yet a feature",
    "certificate.scope": "free text; shown to the officer, matched with the industry by nothing yet",
    "certification_body.*": "a register of bodies, not of applicants; its sanctions are not yet evidence about a certificate",
    "inspection.kind": "spot checks and random checks find by the same standards; level and verdict are what counts",
    "inspection.batch_no": "identifies the batch, for the officer",
    "inspection.authority": "identifies the inspector, for the officer",
    "enterprise.name": "identifies the enterprise; never evidence",
    "list_entry.reason": "free text, for the officer",
    "credit_month.month": "the same day as happened_on",
    "credit_inquiry.lender": "who asked is for the officer; how often is what counts",
    "invoice.invoice_no": "identifies the invoice",
    "incident.incident_no": "identifies the incident",
    "inspection.inspection_no": "identifies the inspection",
    "innovation.number": "identifies the right",
    "mitigant.mitigant_no": "identifies the mitigant",
    "application.applied_on": "is the day itself",
    "application.status": "the lender's own answer, given later: it tells which applications are open, never how risky one is",
    "outcome.*": "what became of the loan: the label, never a feature",
}

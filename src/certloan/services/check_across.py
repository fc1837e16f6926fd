"""What can be wrong between rows of different records: rows that point to nothing, and rows that contradict each other.

Such rows are kept and told as warnings. What their codes mean for a decision stands in docs/evidence.md; the same
questions, asked of the whole warehouse, stand in :mod:`certloan.services.contradictions`.
"""

from __future__ import annotations

from dataclasses import dataclass

from certloan.ingest.sql import literal
from certloan.services.staging import Staging


@dataclass(frozen=True)
class Across:
    """One check of the new rows of ``table``, alias ``i``, against what the warehouse holds after the merge.

    ``source`` is what follows ``from … as i``, with ``{delivery}`` for the delivery's own name; ``columns`` are shown.
    It is left out where one of the tables in ``needs`` was never delivered: the absence of a source says nothing.
    """

    code: str
    table: str
    columns: tuple[str, ...]
    needs: tuple[str, ...]
    source: str


def _orphan(code: str, table: str, target: str, key: tuple[str, ...]) -> Across:
    same = " and ".join(f"t.{name} = i.{name}" for name in key)
    return Across(code, table, key, (target,), f"where not exists (select 1 from history.{target} as t where {same})")


_CERTIFICATE = "join history.certificate as c on c.uscc = i.uscc and c.certificate_no = i.certificate_no"
_EVENT = "e.uscc = i.uscc and e.certificate_no = i.certificate_no"
#: An event of an earlier delivery; those of this one are told by themselves.
_EARLIER = f"exists (select 1 from history.certificate_event as e where {_EVENT} and e.delivery_id <> {{delivery}} and "
#: What keeps a certificate alive, and so cannot happen to one that is over.
LIVING = "('surveillance_passed', 'special_audit_passed', 'suspended', 'restored')"

ACROSS = (
    _orphan("orphan-certificate-event", "certificate_event", "certificate", ("uscc", "certificate_no")),
    _orphan("orphan-application", "application", "enterprise", ("uscc",)),
    _orphan("orphan-outcome", "outcome", "application", ("application_id",)),
    Across(
        "outcome-before-application",
        "outcome",
        ("application_id", "observed_to"),
        ("application",),
        "join history.application as t on t.application_id = i.application_id "
        "where t.superseded_on is null and i.observed_to < t.applied_on",
    ),
    Across(
        "event-before-issue",
        "certificate_event",
        ("certificate_no", "event_on"),
        ("certificate",),
        f"{_CERTIFICATE} where c.superseded_on is null and i.event_on < coalesce(c.first_issued_on, c.issued_on)",
    ),
    Across(
        "event-before-issue",
        "certificate",
        ("certificate_no", "issued_on"),
        ("certificate_event",),
        f"where {_EARLIER} e.event_on < coalesce(i.first_issued_on, i.issued_on))",
    ),
    Across(
        "event-after-expiry",
        "certificate_event",
        ("certificate_no", "event_on"),
        ("certificate",),
        f"{_CERTIFICATE} where c.superseded_on is null and i.event in {LIVING} and i.event_on > c.expires_on",
    ),
    Across(
        "event-after-expiry",
        "certificate",
        ("certificate_no", "expires_on"),
        ("certificate_event",),
        f"where {_EARLIER} e.event in {LIVING} and e.event_on > i.expires_on)",
    ),
    Across(
        "event-after-end",
        "certificate_event",
        ("certificate_no", "event_on"),
        ("certificate_event",),
        f"where i.event in {LIVING} and exists (select 1 from history.certificate_event as e where {_EVENT} "
        "and e.superseded_on is null and e.event in ('withdrawn', 'cancelled') and e.event_on < i.event_on)",
    ),
    # One CCC certificate names three organisations: the number is theirs together, each in a role of its own.
    Across(
        "certificate-number-shared",
        "certificate",
        ("certificate_no", "uscc"),
        ("certificate",),
        "where exists (select 1 from history.certificate as t where t.certificate_no = i.certificate_no "
        "and t.uscc <> i.uscc and t.superseded_on is null "
        "and coalesce(t.role, 'client') = coalesce(i.role, 'client'))",
    ),
    Across(
        "certificate-body-unknown",
        "certificate",
        ("certificate_no", "body_no"),
        ("certification_body",),
        "where i.body_no is not null and i.body_no not in (select body_no from history.certification_body)",
    ),
)


def check_across(staging: Staging, delivery_id: str) -> None:
    """Report the new rows that one of :data:`ACROSS` is about; to be called after the merge, inside its transaction."""
    for check in ACROSS:
        if check.table not in staging.waiting or not all(_delivered(staging, table) for table in check.needs):
            continue
        source = check.source.format(delivery=literal(delivery_id))
        staging.orphans(check.code, check.table, check.columns, f"from {staging.incoming(check.table)} as i {source}")


def _delivered(staging: Staging, table: str) -> bool:
    return bool(staging.warehouse.query(f"select 1 from history.{table} limit 1").num_rows)

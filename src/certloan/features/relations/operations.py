"""What is sold and bought, invoice by invoice."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.features.relations.shape import Relation

RELATIONS = (
    Relation("invoice", "invoice", ("invoice_no", "direction", "counterparty", "invoiced_on", "net", "status")),
)

UNUSED: Mapping[str, str] = {"invoice.invoice_no": "identifies the invoice"}

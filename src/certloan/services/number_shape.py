"""Which certificate numbers no certification body could have given: a table for the officer's flags."""

from __future__ import annotations

import datetime as dt

from certloan.ingest.sql import literal
from certloan.reference.certificates import schemes
from certloan.reference.number_formats import NumberFormat, number_formats
from certloan.services.derived_table import DerivedTable, Rows
from certloan.services.ports import Warehouse


def _malformed(warehouse: Warehouse, after: dt.date) -> Rows:
    """Select scheme and number of every certificate whose number has not the form that its scheme prescribes.

    What a number looks like does not depend on when it was told, so the rows have no dates.
    """
    wrong = " or ".join(f"({_concerns(each)} and {_misses(each)})" for each in number_formats()) or "false"
    return (
        "select distinct concat(scheme, ' ', certificate_no) as code, cast(null as date) as valid_from, "
        f"cast(null as date) as valid_to, true as malformed from certificate where {wrong}"
    )


def _concerns(each: NumberFormat) -> str:
    own = {other.scheme for other in number_formats() if other.scheme}
    named = (
        [each.scheme]
        if each.scheme
        else [
            scheme.code for scheme in schemes() if scheme.scheme_class == each.scheme_class and scheme.code not in own
        ]
    )
    listed = ", ".join(map(literal, sorted(set(named)))) or "null"
    dated = [f"issued_on >= date '{each.valid_from}'"] if each.valid_from else []
    dated += [f"issued_on < date '{each.valid_to}'"] if each.valid_to else []
    return " and ".join([f"scheme in ({listed})", *dated])


def _misses(each: NumberFormat) -> str:
    refused = f" or regexp_full_match(certificate_no, {literal(each.refused)})" if each.refused else ""
    return f"(not regexp_full_match(certificate_no, {literal(each.pattern)}){refused})"


#: Scheme and number, with a blank between, of the numbers that are malformed; all others are absent.
NUMBER_SHAPE = DerivedTable("number_shape", ("certificate",), _malformed, dated=False)

"""Every feature there is, in the one order in which they always appear, and who may read which."""

from __future__ import annotations

from certloan.features import (
    application,
    certificate_doubts,
    certificate_health,
    certification,
    credit,
    enterprise,
    figures,
    honour,
    improvement,
    incident,
    innovation,
    integrity,
    listing,
    mitigant,
    operations,
    quality,
)
from certloan.features.spec import Spec, Use

CATALOG: tuple[Spec, ...] = (
    *certification.SPECS,
    *certificate_health.SPECS,
    *certificate_doubts.SPECS,
    *quality.SPECS,
    *incident.SPECS,
    *improvement.SPECS,
    *credit.SPECS,
    *enterprise.SPECS,
    *figures.SPECS,
    *listing.SPECS,
    *operations.SPECS,
    *innovation.SPECS,
    *honour.SPECS,
    *mitigant.SPECS,
    *application.SPECS,
    *integrity.SPECS,
)

_READABLE = {
    Use.MODEL: {Use.MODEL},
    Use.FACT: {Use.MODEL, Use.FACT},
    Use.AUDIT: {Use.MODEL, Use.FACT, Use.AUDIT},
    Use.FLAG: {Use.FLAG},
}
_BY_NAME = {spec.name: spec for spec in CATALOG}


def by_name(name: str) -> Spec:
    """Give the feature called ``name``; ``KeyError`` if there is none.

    >>> by_name("cert_valid_audits").direction
    1
    """
    return _BY_NAME[name]


def for_use(use: Use) -> tuple[Spec, ...]:
    """Give the features that ``use`` may read, in catalog order.

    The model reads its own; the policy reads the model's and the facts; the audit reads everything but the flags,
    which are for the officer alone.

    >>> any(spec.name == "ownership" for spec in for_use(Use.FACT))
    False
    """
    return tuple(spec for spec in CATALOG if spec.use in _READABLE[use])


#: What a matrix holds where nobody says otherwise: every feature but the flags, which are asked for one case at a time.
FEATURES: tuple[Spec, ...] = for_use(Use.AUDIT)

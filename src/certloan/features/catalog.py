"""Every feature there is, in the one order in which they always appear."""

from __future__ import annotations

from certloan.features import application, certification, credit, enterprise, innovation, operations, quality
from certloan.features.spec import Spec, Use

CATALOG: tuple[Spec, ...] = (
    *certification.SPECS,
    *quality.SPECS,
    *credit.SPECS,
    *enterprise.SPECS,
    *operations.SPECS,
    *innovation.SPECS,
    *application.SPECS,
)

_BY_NAME = {spec.name: spec for spec in CATALOG}


def by_name(name: str) -> Spec:
    """Give the feature called ``name``; ``KeyError`` if there is none.

    >>> by_name("cert_valid_audits").direction
    1
    """
    return _BY_NAME[name]


def for_use(use: Use) -> tuple[Spec, ...]:
    """Give the features that ``use`` may read, in catalog order.

    The model reads its own; the policy reads the model's and the facts; the audit reads everything.

    >>> any(spec.name == "ownership" for spec in for_use(Use.FACT))
    False
    """
    readable = {Use.MODEL: {Use.MODEL}, Use.FACT: {Use.MODEL, Use.FACT}, Use.AUDIT: set(Use)}[use]
    return tuple(spec for spec in CATALOG if spec.use in readable)

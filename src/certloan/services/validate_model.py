"""Validate a model as a department that did not build it would: everything measured anew, on loans it had not seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from certloan.domain.people import Actor, Permission, same_person
from certloan.errors import InputError
from certloan.features.catalog import CATALOG
from certloan.features.spec import Spec
from certloan.i18n import Lang
from certloan.report.validation.combine import beside_earlier
from certloan.report.validation.page import summary, write_validation
from certloan.report.validation.report import Independence, ValidationReport
from certloan.scoring.bundle import Bundle
from certloan.scoring.metrics.profit import ProfitTerms
from certloan.services import validation_figures as figures
from certloan.services import validation_refits as refits
from certloan.services.journal_port import Journal
from certloan.services.model_history import acts_known, makers
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.validation_case import Case, open_case
from certloan.services.validation_declined import selective

__all__ = [
    "AREAS",
    "QUICK",
    "ValidationReport",
    "beside_earlier",
    "makers_on_record",
    "summaries",
    "validate",
    "wanted",
    "write_validation",
]

Area = Callable[[Case, Progress], Mapping[str, Any]]
PricedArea = Callable[[Case, Progress, ProfitTerms], Mapping[str, Any]]

#: What a good loan brings and a bad one costs unless told otherwise: a net margin of 3 % of the amount, and the 45 % of
#: the foundation approach for senior claims without collateral (Basel framework CRE32.6; 商业银行资本管理办法 附件).
USUAL_TERMS = ProfitTerms(margin=0.03, loss_severity=0.45)

#: Read off the loans that judge; seconds.
_READ: Mapping[str, Area] = {
    "performance": figures.performance,
    "calibration": figures.calibration,
    "stability": figures.stability,
    "monotonicity": figures.monotonicity,
}
#: Grown anew; minutes.
_GROWN: Mapping[str, Area] = {
    "leakage": refits.leakage,
    "reproduction": refits.reproduction,
    "ablation": refits.ablation,
    "certificates": refits.certificates,
    "hindsight": refits.hindsight,
    "enterprises": refits.enterprises,
    "learning": refits.learning,
}
#: Areas that need to know what a loan brings and a loss costs: read off, grown.
_PRICED: Mapping[str, PricedArea] = {
    "profit": figures.profit,
    "refits": refits.refits,
    "selective": selective,
}
#: Every area by name, in the order of the report.
AREAS: tuple[str, ...] = (*_READ, "profit", *_GROWN, "refits", "selective")
#: Those that need no model to be grown.
QUICK: tuple[str, ...] = (*_READ, "profit")


def validate(
    warehouse: Warehouse,
    bundle: Bundle,
    actor: Actor,
    areas: Sequence[str] = AREAS,
    terms: ProfitTerms = USUAL_TERMS,
    progress: Progress = SILENT,
    specs: Sequence[Spec] = CATALOG,
    maker: str | Sequence[str] | None = None,
) -> ValidationReport:
    """Validate ``bundle`` against the loans of its own split, as the warehouse tells of them now.

    ``maker`` names whoever made the model (:func:`makers_on_record`); the report says whether the validator is another.

    Raises ``PermissionDeniedError``, and ``InputError``: ``validate-area`` for an area that does not exist, and
    whatever :func:`open_case` raises.
    """
    actor.require(Permission.VALIDATE)
    unknown = [name for name in areas if name not in AREAS]
    if unknown:
        raise InputError("validate-area", found=", ".join(unknown), expected=" | ".join(AREAS))
    made_by = (maker,) if isinstance(maker, str) else tuple(maker or ())
    started = time.monotonic()
    case = open_case(warehouse, bundle, progress, specs)
    progress.stage("validate_figures")
    found: dict[str, Mapping[str, Any]] = {}
    for name in (one for one in AREAS if one in areas):
        plain = _READ.get(name) or _GROWN.get(name)
        found[name] = plain(case, progress) if plain else _PRICED[name](case, progress, terms)
    if "performance" in found:
        rivals = dict(bundle.provenance.get("rivals", {}))
        found["performance"] = {**found["performance"], "rivals": rivals}
    return ValidationReport(
        fingerprint=bundle.fingerprint,
        kind=bundle.kind,
        window=dict(bundle.provenance.get("window", {})),
        evidence_unchanged=case.unchanged,
        operator=actor.name,
        makers=made_by,
        independence=_independence(actor.name, made_by),
        areas=found,
        left_out=tuple(name for name in AREAS if name not in found),
        seconds=time.monotonic() - started,
    )


def makers_on_record(journal: Journal, fingerprint: str) -> tuple[str, ...]:
    """Name whoever made this model or one that it descends from; nobody where the ledger does not tell."""
    return makers(acts_known(journal), fingerprint)


def wanted(
    *, quick: bool, only: Sequence[str], margin: float, loss_severity: float
) -> tuple[tuple[str, ...], ProfitTerms]:
    """Read what somebody asks for; ``profit-terms`` where margin or loss are no shares above 0.

    Raises ``validate-not-quick`` where only quick areas are wanted and another one is asked for.
    """
    slow = [name for name in only if quick and name in AREAS and name not in QUICK]
    if slow:
        raise InputError("validate-not-quick", found=", ".join(slow), expected=", ".join(QUICK))
    areas = tuple(only) or (QUICK if quick else AREAS)
    return areas, ProfitTerms(margin, loss_severity)


def summaries(report: ValidationReport, lang: Lang | str) -> dict[str, str]:
    """Give what each area found, in one line."""
    return {name: summary(name, area, Lang(lang)) for name, area in report.as_json().items() if name in AREAS}


def _independence(validator: str, made_by: Sequence[str]) -> Independence:
    if not made_by:
        return Independence.UNKNOWN
    return Independence.SAME if any(same_person(validator, name) for name in made_by) else Independence.OTHER

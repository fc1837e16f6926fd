"""Whether groups of applicants fare alike: approval rates by size, county and ownership, whole and layer by layer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.domain.decision import Outcome
from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.fairness.rates import (
    PRACTICAL_RATIO,
    AttributeRates,
    Carrier,
    GroupRate,
    LayerRates,
    Verdict,
    approval_rates,
)
from certloan.features.catalog import by_name, for_use
from certloan.features.spec import Spec, Use
from certloan.i18n import Lang, text
from certloan.services.build_features import build_matrix
from certloan.services.ports import Warehouse

__all__ = ["ATTRIBUTES", "CONFIDENCE", "LAYERS", "AttributeRates", "FairnessReport", "GroupRate", "Verdict", "audit"]

#: The groups that matter here: size, place, owner. None is an input of the model or of a rule, yet inputs may tell of them.
ATTRIBUTES = ("size_class", "county_group", "ownership")
#: The layers of the policy, each with a column ``<layer>_outcome``.
LAYERS = ("gate", "score", "ladder")
#: Inputs that are the attribute's own measure, or close to it. Others go with a group less directly, as sales go with
#: size; the rates by layer show what all of them do together.
_CARRIERS: Mapping[str, tuple[str, ...]] = {
    "size_class": ("ent_employees", "app_employees_stated", "ent_log_revenue", "ent_log_assets"),
}
CONFIDENCE = 0.95
_SUBJECT = ["application_id", "uscc", "as_of"]


@dataclass(frozen=True)
class FairnessReport:
    """Approval rates by attribute. A screening with its uncertainty, never a legal finding.

    ``people`` counts applications; an enterprise that applied twice counts twice. ``first`` and ``last`` are the days
    of the first and the last of them, whatever became of it: loans that the model learned from are among them.
    ``since`` is the day that the audit was restricted to, if it was.
    """

    people: int
    approved: int
    threshold: float
    confidence: float
    attributes: tuple[AttributeRates, ...]
    first: dt.date | None = None
    last: dt.date | None = None
    since: dt.date | None = None

    def covers(self, lang: Lang | str = Lang.ZH) -> str:
        """Say which applications were compared, and under what."""
        if not self.people:
            return text("fairness.covers_nothing", lang)
        key = "covers" if self.since is None else "covers_since"
        return text(f"fairness.{key}", lang, people=f"{self.people:,}", first=self.first, last=self.last)

    def as_json(self) -> dict[str, object]:
        """Give the report as plain values, without any applicant."""
        attributes = [
            {
                **asdict(attribute),
                "groups": _groups(attribute.groups),
                "layers": [{"layer": layer.layer, "groups": _groups(layer.groups)} for layer in attribute.layers],
                "carriers": [asdict(carrier) for carrier in attribute.carriers],
            }
            for attribute in self.attributes
        ]
        days = {"first": self.first, "last": self.last, "since": self.since}
        return {
            "people": self.people,
            "approved": self.approved,
            "threshold": self.threshold,
            "confidence": self.confidence,
            "screening_only": True,
            "covers_zh": self.covers(Lang.ZH),
            "covers_en": self.covers(Lang.EN),
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            "attributes": attributes,
        }


def audit(warehouse: Warehouse, decisions: pa.Table, actor: Actor, *, since: dt.date | None = None) -> FairnessReport:
    """Compare approval rates; ``decisions`` holds application_id, uscc, as_of, outcome and the outcome of each layer.

    Groups are those of the day of each decision, as known then. Without ``since`` every decision counts, those on
    loans that the model learned from included; with it, only decisions as of that day or later. Raises ``InputError``
    ``audit-columns`` or ``audit-nothing-since``.
    """
    actor.require(Permission.AUDIT)
    lacking = sorted({*_SUBJECT, "outcome", *map(_column, LAYERS)} - set(decisions.column_names))
    if lacking:
        raise InputError("audit-columns", found=", ".join(decisions.column_names), expected=", ".join(lacking))
    days = pc.min_max(decisions.column("as_of")).as_py()
    if since is not None:
        decisions = decisions.filter(pc.greater_equal(decisions.column("as_of"), pa.scalar(since, pa.date32())))
        if not decisions.num_rows:
            raise InputError("audit-nothing-since", found=since.isoformat(), expected=str(days["max"] or "–"))
        days = pc.min_max(decisions.column("as_of")).as_py()
    specs = [by_name(name) for name in ATTRIBUTES]
    matrix = build_matrix(warehouse, decisions.select(_SUBJECT), specs)
    rates = tuple(_compared(spec, matrix.column(spec.name).to_pylist(), decisions) for spec in specs)
    approved = int(_approved(decisions, "outcome").sum())
    return FairnessReport(
        decisions.num_rows, approved, PRACTICAL_RATIO, CONFIDENCE, rates, days["min"], days["max"], since
    )


def _compared(spec: Spec, groups: list[str | None], decisions: pa.Table) -> AttributeRates:
    """Compare the groups of one attribute in the whole and under each layer, always with the same reference."""
    labels = (spec.zh, spec.en)
    whole = approval_rates(
        spec.name, labels, groups, _approved(decisions, "outcome"), spec.levels, confidence=CONFIDENCE
    )
    layers = []
    for layer in LAYERS:
        judged = _judged(decisions, layer)
        alone = approval_rates(
            spec.name,
            labels,
            [group for group, counts in zip(groups, judged, strict=True) if counts],
            _approved(decisions, _column(layer))[judged],
            [group.code for group in whole.groups],
            confidence=CONFIDENCE,
            compared_with=whole.reference,
        )
        layers.append(LayerRates(layer, alone.groups))
    return replace(whole, layers=tuple(layers), carriers=_carriers(spec.name))


def _judged(decisions: pa.Table, layer: str) -> np.ndarray:
    """Tell whom a layer judged: the ladder has nothing to say where an earlier layer declines."""
    if layer != "ladder":
        return np.ones(decisions.num_rows, dtype=bool)
    before = zip(*(decisions.column(_column(name)).to_pylist() for name in ("gate", "score")), strict=True)
    return np.array([Outcome.DECLINE not in outcomes for outcomes in before], dtype=bool)


def _carriers(attribute: str) -> tuple[Carrier, ...]:
    """Give the inputs that the model may read today and that tell of the attribute."""
    named = _CARRIERS.get(attribute, ())
    return tuple(Carrier(spec.name, spec.zh, spec.en) for spec in for_use(Use.MODEL) if spec.name in named)


def _approved(decisions: pa.Table, column: str) -> np.ndarray:
    return _is(decisions, column, Outcome.APPROVE)


def _is(decisions: pa.Table, column: str, outcome: Outcome) -> np.ndarray:
    return np.array([found == outcome for found in decisions.column(column).to_pylist()], dtype=bool)


def _column(layer: str) -> str:
    return f"{layer}_outcome"


def _groups(groups: tuple[GroupRate, ...]) -> list[dict[str, object]]:
    return [
        {**asdict(group), "verdict": group.verdict.value, "zh": group.label("zh"), "en": group.label("en")}
        for group in groups
    ]

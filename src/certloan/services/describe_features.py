"""What each feature is: its declaration and its words, the statement that computes it, and how it lies in a warehouse."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from certloan.domain.evidence import Family
from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.features.catalog import CATALOG, by_name
from certloan.features.definition import declaration, definition
from certloan.features.matrix import matrix_sql, parts, stages
from certloan.features.prepared_words import prepared_for
from certloan.features.reach import columns_read
from certloan.features.sources import cited
from certloan.features.spec import FeatureSpec, Spec, Use
from certloan.i18n import Lang, text
from certloan.services.build_features import build_matrix
from certloan.services.feature_spread import Spread, spread
from certloan.services.feature_sql import laid_out
from certloan.services.ports import SILENT, Progress, Warehouse

__all__ = ["SAMPLE", "FeatureTold", "Shown", "Spread", "list_features", "show_feature"]

#: The most applicants that a distribution is read from: enough for quantiles to two digits, read in seconds.
SAMPLE = 20_000
_NEAR = 3
_DIRECTIONS = {1: "more_is_better", -1: "less_is_better", 0: "none_claimed"}
#: A sample that hangs on the applications' numbers alone, so that asking again asks the same applicants.
_SAMPLED = (
    "select application_id, uscc, applied_on as as_of from application where void_on is null"
    " order by md5(application_id), application_id limit {most}"
)


@dataclass(frozen=True)
class FeatureTold:
    """One feature as a reader sees it. ``direction`` is ``more_is_better``, ``less_is_better`` or ``none_claimed``."""

    name: str
    zh: str
    en: str
    family: str
    dimension: str
    direction: str
    unit: str
    missing: str
    source: str
    actionable: bool
    use: str
    definition_zh: str
    definition_en: str

    def label(self, lang: Lang | str) -> str:
        """Give the label in a language."""
        return self.zh if Lang(lang) is Lang.ZH else self.en

    def sourced(self, lang: Lang | str) -> str:
        """Give the source as it is cited, and the full title of each paper behind it."""
        titles = "\n".join(paper.titled(lang) for paper in cited(self.source))
        return f"{self.source}\n{titles}"

    def definition(self, lang: Lang | str) -> str:
        """Give the definition in a language."""
        return self.definition_zh if Lang(lang) is Lang.ZH else self.definition_en

    def words(self, lang: Lang | str) -> dict[str, str]:
        """Give what its codes mean: family, dimension, direction, unit, missing rule and use."""
        keys = {name: f"feature.{name}.{getattr(self, name)}" for name in ("family", "dimension", "unit", "use")}
        keys |= {"direction": f"feature.direction.{self.direction}", "missing": f"feature.missing.{self.missing}"}
        return {name: text(key, lang) for name, key in keys.items()}

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Shown:
    """One feature with all that stands behind it; ``spread`` is None where there is no warehouse to look into.

    ``sql`` holds the statement of each relation that is read, then the one that makes the value out of them.
    """

    told: FeatureTold
    declaration: str
    parts: tuple[str, ...]
    reads: tuple[str, ...]
    prepared_zh: Mapping[str, str]
    prepared_en: Mapping[str, str]
    sql: tuple[str, ...]
    spread: Spread | None

    def prepared(self, lang: Lang | str) -> Mapping[str, str]:
        """Say what the prepared columns behind it are made of."""
        return self.prepared_zh if Lang(lang) is Lang.ZH else self.prepared_en

    def as_json(self) -> dict[str, object]:
        """Give one object."""
        return {
            **self.told.as_json(),
            "declaration": self.declaration,
            "parts": list(self.parts),
            "columns_read": list(self.reads),
            "prepared_zh": dict(self.prepared_zh),
            "prepared_en": dict(self.prepared_en),
            "sql": list(self.sql),
            "distribution": None if self.spread is None else self.spread.as_json(),
        }


def list_features(family: str | None = None, use: str | None = None) -> tuple[FeatureTold, ...]:
    """Give the catalog, or the part of one family or use; it holds nobody's data, so anybody may read it.

    Raises ``InputError`` ``unknown-family`` or ``unknown-use``.

    >>> {told.family for told in list_features(family="credit")}
    {'credit'}
    """
    for code, given, known in (("unknown-family", family, Family), ("unknown-use", use, Use)):
        if given is not None and given not in set(known):
            raise InputError(code, found=given, expected=", ".join(known))
    return tuple(_told(spec) for spec in CATALOG if family in (None, spec.family) and use in (None, spec.use))


def show_feature(
    name: str,
    actor: Actor,
    warehouse: Warehouse | None = None,
    most: int = SAMPLE,
    progress: Progress = SILENT,
) -> Shown:
    """Account for one feature; with a warehouse also for its values among at most ``most`` applications.

    Raises ``InputError`` ``unknown-feature`` with near names, ``PermissionDeniedError`` where the actor may read
    neither cases nor audits.
    """
    actor.require(Permission.AUDIT, Permission.READ_CASE, Permission.TRAIN)
    try:
        spec = by_name(name)
    except KeyError:
        raise InputError("unknown-feature", found=name, expected=", ".join(_near(name))) from None
    stored = [] if isinstance(spec, FeatureSpec) else [part.name for part in parts(spec)]
    statements = tuple(laid_out(sql) for sql in (*stages([spec]).values(), matrix_sql([spec])))
    values = None if warehouse is None else _spread(warehouse, spec, most, progress)
    return Shown(
        told=_told(spec),
        declaration=declaration(spec),
        parts=tuple(stored),
        reads=tuple(sorted(columns_read(spec))),
        prepared_zh=prepared_for(spec, Lang.ZH),
        prepared_en=prepared_for(spec, Lang.EN),
        sql=statements,
        spread=values,
    )


def _near(name: str) -> Sequence[str]:
    """Give the names that were most likely meant: alike in letters, else those that hold one of its words."""
    names = [spec.name for spec in CATALOG]
    alike = difflib.get_close_matches(name.lower(), names, _NEAR, 0.5)
    words = [word for word in name.lower().split("_") if word]
    shared = sorted(names, key=lambda known: -len(set(words) & set(known.split("_"))))
    return alike or shared[:_NEAR]


def _spread(warehouse: Warehouse, spec: Spec, most: int, progress: Progress) -> Spread:
    """Read a sample and count it."""
    progress.stage("describe_feature")
    subjects = warehouse.query(_SAMPLED.format(most=most))
    there = warehouse.query("select count(*) as n from application where void_on is null")["n"][0].as_py()
    size = by_name("size_class")
    matrix = build_matrix(warehouse, subjects, tuple(dict.fromkeys((spec, size))))
    return spread(matrix, spec.name, size.name, spec.levels, there)


def _told(spec: Spec) -> FeatureTold:
    return FeatureTold(
        name=spec.name,
        zh=spec.zh,
        en=spec.en,
        family=spec.family.value,
        dimension=spec.dimension.value,
        direction=_DIRECTIONS[spec.direction],
        unit=spec.unit.value,
        missing=spec.missing.value if isinstance(spec, FeatureSpec) else "unknown_if_part_unknown",
        source=spec.source,
        actionable=spec.actionable,
        use=spec.use.value,
        definition_zh=definition(spec, Lang.ZH),
        definition_en=definition(spec, Lang.EN),
    )

"""The scorecard of a model: its tables with error bars, people and what became of them, and its files."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.features.catalog import CATALOG
from certloan.i18n import Lang
from certloan.report.page import write_whole
from certloan.report.scorecard.build import build_card
from certloan.report.scorecard.card import Card, Cell, Loss, Main, Two
from certloan.report.scorecard.labels import signed
from certloan.report.scorecard.observed import Observed
from certloan.report.scorecard.page import page, tested_told
from certloan.report.scorecard.workbook import write_workbook
from certloan.scoring.bundle import Bundle
from certloan.scoring.export.sql import ENGINES, TABLE, statement
from certloan.services.build_features import build_matrix
from certloan.services.ports import SILENT, Progress, Warehouse

__all__ = [
    "FORMATS",
    "Card",
    "Cell",
    "Loss",
    "Main",
    "Two",
    "Wanted",
    "export_scorecard",
    "narrowed",
    "show_scorecard",
    "signed",
    "tested_told",
]

FORMATS = ("html", "xlsx", "json")
_NEAR = 3

#: The loans of a window of applications whose outcome is stated and that count for something.
_LOANS = """
select a.application_id, a.uscc, a.applied_on as as_of, o.defaulted, coalesce(o.case_weight, 1.0) as case_weight
from application a join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null and coalesce(o.case_weight, 1.0) > 0 and a.applied_on between $1 and $2
order by a.application_id
"""


@dataclass(frozen=True)
class Wanted:
    """Which files of a scorecard are asked for: ``formats``, SQL for ``engines`` over ``table`` with its ``keys``.

    ``lang`` is the language of the workbook; the page and the JSON file hold both.
    """

    formats: tuple[str, ...] = FORMATS
    engines: tuple[str, ...] = ()
    table: str = TABLE
    keys: tuple[str, ...] = ()
    lang: Lang = Lang.ZH

    @staticmethod
    def of(formats: Sequence[str], engines: Sequence[str], table: str, keys: Sequence[str], lang: Lang) -> Wanted:
        """Check what was asked for; where nothing was, every format is meant.

        Raises ``InputError`` ``scorecard-format`` or ``sql-engine``.
        """
        for code, asked, known in (("scorecard-format", formats, FORMATS), ("sql-engine", engines, tuple(ENGINES))):
            unknown = [name for name in asked if name not in known]
            if unknown:
                raise InputError(code, found=", ".join(unknown), expected=", ".join(known))
        chosen = tuple(dict.fromkeys(formats)) if formats or engines else FORMATS
        return Wanted(chosen, tuple(dict.fromkeys(engines)), table, tuple(keys), lang)


def narrowed(bundle: Bundle, features: Sequence[str]) -> None:
    """Refuse names that the model has no table for: ``InputError`` ``scorecard-feature`` with near ones."""
    for name in features:
        if name not in bundle.names:
            near = difflib.get_close_matches(name, bundle.names, _NEAR, 0.4) or list(bundle.names[:_NEAR])
            raise InputError("scorecard-feature", found=name, model=bundle.fingerprint[:12], expected=", ".join(near))


def export_scorecard(
    bundle: Bundle,
    actor: Actor,
    folder: Path,
    wanted: Wanted,
    warehouse: Warehouse | None = None,
    *,
    full: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Write the files asked for into ``folder`` and give their paths; older ones are replaced, each in one step.

    Raises what :func:`show_scorecard` raises, and ``InputError`` ``scorecard-unwritable``.
    """
    actor.require(Permission.AUDIT, Permission.TRAIN, Permission.SCORE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = _files(bundle, actor, folder, wanted, warehouse, full=full, progress=progress) if wanted.formats else []
        for engine in wanted.engines:
            told = statement(bundle, engine, wanted.table, wanted.keys).rstrip("\n") + ";\n"
            files.append(write_whole(folder / f"scorecard-{engine}.sql", told))
    except OSError as error:
        raise InputError("scorecard-unwritable", found=folder, why=error.strerror) from error
    return files


def _files(
    bundle: Bundle,
    actor: Actor,
    folder: Path,
    wanted: Wanted,
    warehouse: Warehouse | None,
    *,
    full: bool,
    progress: Progress,
) -> list[Path]:
    card = show_scorecard(bundle, actor, warehouse, full=full, progress=progress)
    progress.stage("scorecard_write", len(wanted.formats))
    written = []
    for name in wanted.formats:
        path = folder / f"scorecard.{name}"
        if name == "html":
            written.append(write_whole(path, page(card)))
        elif name == "xlsx":
            written.append(write_workbook(card, bundle, wanted.lang, path))
        else:
            written.append(write_whole(path, json.dumps(card.as_json(), ensure_ascii=False, indent=1) + "\n"))
        progress.advance()
    return written


def show_scorecard(
    bundle: Bundle,
    actor: Actor,
    warehouse: Warehouse | None = None,
    *,
    full: bool = False,
    progress: Progress = SILENT,
) -> Card:
    """Give the card of a model; with a warehouse also what became of the loans of its training window.

    ``full`` keeps every bin apart. Loans are left out, and the card says so, where there is no warehouse, where it holds
    none of that window, or where the model reads features that it knows nothing of. Raises ``PermissionDeniedError``.
    """
    actor.require(Permission.AUDIT, Permission.TRAIN, Permission.SCORE)
    observed, absent = _observed(bundle, warehouse, progress)
    progress.stage("scorecard_build")
    return build_card(bundle, {spec.name: spec for spec in CATALOG}, observed, absent=absent, full=full)


def _observed(bundle: Bundle, warehouse: Warehouse | None, progress: Progress) -> tuple[Observed | None, str]:
    known = {spec.name: spec for spec in CATALOG}
    window = bundle.provenance.get("window", {})
    if warehouse is None:
        return None, "no-warehouse"
    if not set(bundle.names) <= set(known):
        return None, "foreign-features"
    if not {"train_from", "train_to"} <= set(window):
        return None, "no-loans"
    loans = warehouse.query(_LOANS, [window["train_from"], window["train_to"]])
    if not loans.num_rows:
        return None, "no-loans"
    matrix = build_matrix(
        warehouse,
        loans.select(["application_id", "uscc", "as_of"]),
        tuple(known[name] for name in bundle.names),
        progress,
    )
    days = np.asarray(loans["as_of"].to_numpy(), dtype="datetime64[D]")
    return Observed(
        bundle.encode(matrix),
        loans["defaulted"].to_numpy().astype(np.float64),
        loans["case_weight"].to_numpy().astype(np.float64),
        str(days.min()),
        str(days.max()),
    ), ""

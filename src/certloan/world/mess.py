"""What people and programs do to a file on its way to the bank: copies, slips, impossible values.

Every act is written into a ledger with what a careful reader must make of it, so that ingest can be held to it row by
row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.draws import Arrow, Flags, Ints
from certloan.world.rendering import Cell, Rendered
from certloan.world.slips import CONFLICT, Effect, Slip, slips_of


@dataclass(frozen=True)
class MessShares:
    """How much goes wrong, as shares of the rows of each sheet."""

    duplicates: float = 0.005
    slips: float = 0.005
    late: float = 0.003
    corrected: float = 0.003


@dataclass(frozen=True)
class Note:
    """One entry of the ledger. ``row`` counts as a spreadsheet shows it, from 1, title lines included."""

    delivery: str
    file: str
    sheet: str
    row: int
    table: str
    kind: str
    column: str
    effect: Effect


@dataclass
class Messy:
    """A rendered sheet after its mess."""

    columns: list[Arrow]
    plain: list[Flags]  # which cells are plain text, whatever their column holds
    notes: list[tuple[int, str, str, Effect]]  # row (from 0), kind, column, effect
    final: Ints  # where each clean row now stands
    lost: Ints  # clean rows that a careful reader cannot use


def spoil(sheet: Rendered, shares: MessShares, rng: np.random.Generator, spare: Ints | None = None) -> Messy:
    """Copy and spoil some rows of a sheet, but none of those in ``spare``."""
    n = sheet.clean.num_rows
    order = rng.permutation(n)
    if spare is not None:
        order = order[~np.isin(order, spare)]
    slips = slips_of(sheet)
    wanted = _count(rng, len(order), shares.slips) if slips else 0
    acts = _acts(sheet, slips, order[:wanted].tolist(), rng)
    copied = order[wanted : wanted + _count(rng, len(order) - wanted, shares.duplicates)]
    return _assembled(sheet, acts, copied, rng)


def _count(rng: np.random.Generator, n: int, share: float) -> int:
    """Round the wanted number up or down at random, so that small sheets get their share on average."""
    return min(n, int(np.floor(n * share + rng.random())))


@dataclass(frozen=True)
class _Act:
    row: int
    slip: Slip
    text: str


def _acts(sheet: Rendered, slips: list[Slip], rows: list[int], rng: np.random.Generator) -> list[_Act]:
    """Give each row a slip that can happen in it; the order of trying is random."""
    weights = np.array([slip.weight for slip in slips])
    acts = []
    for row in rows:
        for at in np.argsort(rng.random(len(slips)) ** (1 / weights))[::-1].tolist():
            old = sheet.cells[slips[at].field][row].as_py()
            new = slips[at].write(str(old), row) if old is not None else None
            if new is not None and new != str(old):
                acts.append(_Act(row, slips[at], new))
                break
    return acts


def _assembled(sheet: Rendered, acts: list[_Act], copied: Ints, rng: np.random.Generator) -> Messy:
    """Put the rows in their final order: a copy some rows below its original, a wrong version right above the right."""
    n = sheet.clean.num_rows
    twice = [act for act in acts if act.slip.kind == CONFLICT]
    conflicts = np.array([act.row for act in twice], dtype=np.int64)
    below = np.minimum(copied + 1 + np.floor(rng.random(len(copied)) * 20).astype(np.int64), n - 1)
    source = np.concatenate([np.arange(n, dtype=np.int64), copied, conflicts])
    place = np.concatenate([np.arange(n) * 3 + 1, below * 3 + 2, conflicts * 3])
    order = np.argsort(place, kind="stable")
    final = np.empty(len(source), dtype=np.int64)
    final[order] = np.arange(len(source))
    spots = {id(act): int(final[act.row]) for act in acts}
    spots |= {id(act): int(final[n + len(copied) + i]) for i, act in enumerate(twice)}
    columns, plain = [], []
    for i, cells in enumerate(sheet.cells):
        changed = {spots[id(act)]: act.text for act in acts if act.slip.field == i}
        column, text = _with_changes(cells.take(pa.array(source[order])), sheet.kinds[i], changed)
        columns.append(column)
        plain.append(text)
    notes = [(spots[id(act)], act.slip.kind, sheet.fields[act.slip.field].column, act.slip.effect) for act in acts]
    notes += [(int(final[n + i]), "copy", "", Effect.DUPLICATE) for i in range(len(copied))]
    lost = [act.row for act in acts if act.slip.effect is Effect.QUARANTINED and act.slip.kind != CONFLICT]
    return Messy(columns, plain, sorted(notes), final[:n], np.array(sorted(lost), dtype=np.int64))


def _with_changes(column: Arrow, kind: Cell, changed: dict[int, str]) -> tuple[Arrow, Flags]:
    plain = np.zeros(len(column), dtype=bool)
    if kind is not Cell.TEXT:
        is_number = pc.match_substring_regex(column, r"^-?[0-9.]+$")
        plain |= np.asarray(pc.fill_null(pc.invert(is_number), False))
    if changed:
        mask = np.zeros(len(column), dtype=bool)
        mask[list(changed)] = True
        texts = pa.array([changed[row] for row in sorted(changed)], pa.string()).cast(column.type)
        column = pc.replace_with_mask(column, pa.array(mask), texts)
        plain |= mask
    return column, plain

"""What a printed scorecard says, as values: cells with points, error bars, people and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from certloan.i18n import Lang
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.points import Scale

_NOTHING = 0.05
#: Points that differ by less are the same but for rounding.
_SAME = 1e-6
#: Units of whole numbers that never fall below zero.
_COUNTS = {"count", "yes_no", "months", "persons", "level"}


@dataclass(frozen=True)
class Told:
    """A few words in both languages."""

    zh: str
    en: str

    def __call__(self, lang: Lang | str) -> str:
        """Give the words in a language."""
        return self.zh if Lang(lang) is Lang.ZH else self.en


@dataclass(frozen=True)
class Counted:
    """The loans of a cell: how many, how many of them defaulted, and that share with Jeffreys' interval."""

    n: int
    defaults: int
    rate: Interval


@dataclass(frozen=True)
class Cell:
    """One line of a one-way table: the ``bins`` that are printed together, all of one value.

    ``points`` are added for an applicant in the cell; ``error`` is their standard deviation over the bags; ``share`` is
    the part of the reference population in it. ``low`` (excluded) and ``high`` (included) bound the values of a range,
    ``None`` without a bound. ``kind`` is ``range``, ``levels`` or ``missing``.
    """

    label: Told
    kind: str
    points: float
    error: float
    share: float
    bins: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    counted: Counted | None = None


@dataclass(frozen=True)
class Main:
    """One feature's table. ``weight`` is the standard deviation of its points over the reference population.

    ``bins`` counts the model's own bins; ``lost_most`` and ``lost_mean`` say how many points printing fewer costs an
    applicant at most and on average. ``range_points`` is the distance from its worst cell to its best.
    """

    name: str
    label: Told
    family: str
    unit: str
    direction: int
    weight: float
    bins: int
    lost_most: float
    lost_mean: float
    cells: tuple[Cell, ...]

    @property
    def flat(self) -> bool:
        """Tell whether no cell is worth a tenth of a point."""
        return all(abs(cell.points) < _NOTHING for cell in self.cells)

    @property
    def told_cells(self) -> tuple[Cell, ...]:
        """Give the cells without that of the missing where nobody was ever missing and nothing is said of them.

        A range of counts below zero is left out, too, as long as nobody ever stood in it.
        """
        return tuple(cell for cell in self.cells if cell.share or not self._void(cell))

    def _void(self, cell: Cell) -> bool:
        if cell.kind == "missing":
            return abs(cell.points) < _NOTHING
        return self.unit in _COUNTS and cell.high is not None and cell.high < 0.0

    @property
    def range_points(self) -> float:
        """The distance from the worst cell to the best."""
        return max(cell.points for cell in self.cells) - min(cell.points for cell in self.cells)


@dataclass(frozen=True)
class Two:
    """One pair's table: what both features say together beyond what each says alone, half to each.

    ``points[r][c]`` belongs to ``rows[r]`` of the first feature and ``columns[c]`` of the second, and so do ``error``
    (empty without bags), ``n`` and ``defaults`` (empty without loans).
    """

    first: str
    second: str
    label_first: Told
    label_second: Told
    weight: float
    rows: tuple[Told, ...]
    columns: tuple[Told, ...]
    points: tuple[tuple[float, ...], ...]
    error: tuple[tuple[float, ...], ...] = ()
    n: tuple[tuple[int, ...], ...] = ()
    defaults: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Loss:
    """What printing fewer bins costs: points of a feature at most, and the ranking and the truth of the printed card.

    ``auc`` and ``log_loss`` are the model's figures on the loans, the differences those of the printed card minus them
    on the same loans (paired). They are None without loans of both outcomes.
    """

    bins: int
    printed: int
    most: float
    mean: float
    auc: Interval | None = None
    auc_difference: Interval | None = None
    log_loss: Interval | None = None
    log_loss_difference: Interval | None = None

    @property
    def nothing(self) -> bool:
        """Tell whether printing costs nobody anything: only what says the same was joined."""
        return self.most < _SAME


@dataclass(frozen=True)
class Loans:
    """The loans that were counted: those of the model's training window with a stated outcome."""

    n: int
    defaults: int
    first: str
    last: str
    taught: int | None


@dataclass(frozen=True)
class Tested:
    """How the model ranked loans that had not taught it; ``split`` says how those were chosen (``time``: later ones)."""

    auc: Interval
    n: int
    defaults: int
    split: str


@dataclass(frozen=True)
class Card:
    """A whole scorecard. ``absent`` names why there are no loans (``no-warehouse``, ``no-loans``, ``foreign-features``).

    ``tested`` is the test on the model's own record, None where it holds none.
    """

    fingerprint: str
    kind: str
    scale: Scale
    base_points: float
    points_per_margin: float
    families: tuple[tuple[str, Told], ...]
    mains: tuple[Main, ...]
    pairs: tuple[Two, ...]
    loss: Loss
    loans: Loans | None = None
    absent: str = ""
    bags: int = 0
    grades: Sequence[dict[str, Any]] = field(default_factory=tuple)
    tested: Tested | None = None

    def of_family(self, family: str) -> tuple[Main, ...]:
        """Give the tables of a family, the weightiest first."""
        return tuple(main for main in self.mains if main.family == family)

    def as_json(self) -> dict[str, Any]:
        """Give plain values, with every word in both languages."""
        held = asdict(self)
        held["families"] = [{"family": name, **asdict(told)} for name, told in self.families]
        held["scale"] = asdict(self.scale)
        return held

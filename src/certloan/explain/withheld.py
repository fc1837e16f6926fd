"""Values that stand in for a figure that its enterprise withholds: told as withheld, and as one reason.

Such a value is the worst that a feature tells apart, and nothing that anybody stated. One report without revenue moves a
dozen features; named one by one they would fill all reasons and say one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from certloan.explain.account import Reason, Record
from certloan.explain.reasons import told_with
from certloan.explain.speaking import Speaking
from certloan.features.catalog import by_name
from certloan.features.spec import Spec
from certloan.i18n import Lang, text

#: The feature whose records show what the newest report does state.
COUNTED = "ent_figures_withheld"


@dataclass(frozen=True, eq=False)
class Withholding:
    """What each row of a matrix withholds.

    ``hidden`` tells, in the shape (rows, features), which values stand in for a withheld figure; ``figures`` names for
    each row the figures, features themselves, in the catalog's order of whoever reads them.
    """

    hidden: NDArray[np.bool_]
    figures: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, specs: Sequence[Spec], matrix: pa.Table) -> Withholding:
        """Find the stand-ins of a matrix; a figure that it has no column for counts as stated."""
        hidden = np.zeros((matrix.num_rows, len(specs)), dtype=bool)
        found: list[dict[str, None]] = [{} for _ in range(matrix.num_rows)]
        for place, spec in enumerate(specs):
            if spec.withheld_as is None:
                continue
            standing = np.array(
                [value == spec.withheld_as.value for value in matrix.column(spec.name).to_pylist()], bool
            )
            for figure in spec.withheld_as.figures:
                if figure in matrix.column_names:
                    rows = standing & np.asarray(matrix.column(figure).is_null())
                    hidden[rows, place] = True
                    for row in np.flatnonzero(rows):
                        found[row][figure] = None
        counted = [place for place, spec in enumerate(specs) if spec.name == COUNTED]
        for place in counted:
            hidden[:, place] = hidden.any(axis=1)
        return cls(hidden, tuple(tuple(figures) for figures in found))

    def merged(self, contributions: NDArray[np.float64], may: Speaking) -> tuple[NDArray[np.float64], Speaking]:
        """Let the stand-in that costs most speak for all of its row, with the sum of what they do, and only against.

        >>> hiding = Withholding(np.array([[True, False, True]]), (("ent_revenue",),))
        >>> every = Speaking(np.ones((1, 3), dtype=bool), np.ones((1, 3), dtype=bool))
        >>> points, may = hiding.merged(np.array([[-2.0, 1.0, -3.0]]), every)
        >>> points.tolist(), may.positive.tolist(), may.negative.tolist()
        ([[-2.0, 1.0, -5.0]], [[False, True, False]], [[False, True, True]])
        """
        together = contributions.copy()
        negative = may.negative & ~self.hidden
        for row in np.flatnonzero(self.hidden.any(axis=1)):
            group = np.flatnonzero(self.hidden[row])
            lead = group[np.argmin(contributions[row, group])]
            together[row, lead] = contributions[row, group].sum()
            negative[row, lead] = True
        return together, Speaking(may.positive & ~self.hidden, negative)

    def reason(self, row: int, spec: Spec, points: Sequence[int], records: Sequence[Record]) -> Reason:
        """Word the one reason of a row: which figures its newest report does not publish."""
        whole = sum(points[int(place)] for place in np.flatnonzero(self.hidden[row]))
        facts = {
            lang.value: text("explain.reason.withheld", lang, figures=told(self.figures[row], lang)) for lang in Lang
        }
        return told_with(spec.name, whole, facts, records)


def told(figures: Sequence[str], lang: Lang | str) -> str:
    """Name figures by their labels."""
    labels = [by_name(name).zh if Lang(lang) is Lang.ZH else by_name(name).en for name in figures]
    return text("explain.reason.figures", lang).join(labels)

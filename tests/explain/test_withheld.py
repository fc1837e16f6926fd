"""What is withheld is told as withheld, once, and never as a value that somebody stated."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from certloan.explain.account import Record
from certloan.explain.reasons import choose, word
from certloan.explain.speaking import Speaking
from certloan.explain.withheld import COUNTED, Withholding
from certloan.features.catalog import by_name

SPECS = tuple(
    by_name(name) for name in ("ent_log_revenue", "ent_equity_ratio", "ent_revenue_growth_1y", COUNTED, "cert_valid_n")
)
NAMES = [spec.name for spec in SPECS]
RECORD = Record("annual_report", (("年度", "year", "2025", "2025"),))


def matrix(revenue: float | None, equity: float | None, *values: float | None) -> pa.Table:
    columns = dict(zip(NAMES, values, strict=True))
    facts = {"ent_revenue": revenue, "ent_equity": equity, "ent_assets": 100.0}
    return pa.table({name: pa.array([value], pa.float64()) for name, value in (columns | facts).items()})


def test_a_stand_in_is_told_from_the_same_value_stated() -> None:
    withheld = Withholding.of(SPECS, matrix(None, 5.0, 0.0, -0.5, -1.0, 1.0, 2.0))
    assert withheld.hidden[0].tolist() == [True, False, True, True, False]
    assert withheld.figures == (("ent_revenue",),)
    stated = Withholding.of(SPECS, matrix(0.0, -50.0, 0.0, -0.5, -1.0, 0.0, 2.0))
    assert not stated.hidden.any()
    assert stated.figures == ((),)


@pytest.mark.parametrize(
    ("lang", "told"), [("zh", "最近年报未公示营业总收入、所有者权益"), ("en", "withholds revenue, equity")]
)
def test_all_that_one_report_withholds_is_one_reason_against_and_none_in_favour(lang: str, told: str) -> None:
    given = matrix(None, None, 0.0, -0.5, -1.0, 2.0, 2.0)
    withholding = Withholding.of(SPECS, given)
    points = np.array([[-5.0, -9.0, 2.0, -1.0, -3.0]])
    every = Speaking(np.ones((1, 5), dtype=bool), np.ones((1, 5), dtype=bool))
    together, may = withholding.merged(points, every)
    families = [spec.family.value for spec in SPECS]
    chosen = choose(together[0], families, may.positive[0], may.negative[0])
    assert (chosen.positive, chosen.negative) == ((), (1, 4))
    reason = withholding.reason(0, SPECS[1], [-5, -9, 2, -1, -3], [RECORD])
    assert reason.points == -13
    sentence = reason.zh if lang == "zh" else reason.en
    assert told in sentence
    assert "2025" in sentence


def test_a_matrix_that_nothing_is_withheld_from_keeps_its_reasons() -> None:
    points = np.array([[1.0, -2.0, 3.0, -4.0, 5.0]])
    every = Speaking(np.ones((1, 5), dtype=bool), np.ones((1, 5), dtype=bool))
    together, may = Withholding.of(SPECS, matrix(7.0, 5.0, 2.0, 0.1, 0.2, 0.0, 2.0)).merged(points, every)
    assert together.tolist() == points.tolist()
    assert may.positive.all()
    assert may.negative.all()


def test_what_is_unknown_cites_no_record() -> None:
    certificate = Record("certificate", (("证书编号", "certificate number", "C1", "C1"),))
    reason = word(by_name("cert_valid_n"), None, -3, [certificate])
    assert reason.records == ()
    assert "C1" not in reason.zh + reason.en

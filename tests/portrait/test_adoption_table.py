"""The table of weights is data that explains itself, and is refused whole when it contradicts what it weighs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.domain.evidence import Dimension
from certloan.errors import InputError
from certloan.features.spec import Use
from certloan.i18n import Lang, sentence
from certloan.portrait.scores import score
from certloan.portrait.table import PICTURES, AdoptionTable, Item, load_table, newest

TABLE = newest()
SHIPPED = Path("src/certloan/portrait/versions/2026-01.toml")


def _matrix(values: dict[str, float | str | None]) -> pa.Table:
    """Give one firm of which only ``values`` are known."""
    types = {spec.name: pa.string() if spec.categorical else pa.float64() for spec in TABLE.specs}
    return pa.table({name: pa.array([values.get(name)], kind) for name, kind in types.items()})


def _items(table: AdoptionTable) -> list[tuple[str, Item]]:
    return [(side.code, item) for side in table.sides for item in side.items]


def test_both_pictures_show_all_their_sides_in_the_fields_own_words() -> None:
    assert [side.name[0] for side in TABLE.picture("dimensions")] == [
        "质量信用", "质量管理", "质量品牌", "质量基础", "质量创新"]  # fmt: skip
    assert [side.name[0] for side in TABLE.picture("axes")] == ["产品质量", "体系管理", "技术工艺", "人才团队"]
    assert set(PICTURES) == {side.picture for side in TABLE.sides}


def test_no_picture_shows_where_a_firm_is_or_who_owns_it() -> None:
    assert {spec.use for spec in TABLE.specs} <= {Use.MODEL, Use.FACT}


def test_what_the_lender_knows_beside_quality_stays_out_of_the_dimensions() -> None:
    dimensions = [item.spec for side in TABLE.picture("dimensions") for item in side.items]
    assert all(spec.dimension is not Dimension.LENDING for spec in dimensions)


def test_a_firm_of_which_nothing_is_known_has_proven_nothing_and_may_still_prove_everything() -> None:
    for side in score(TABLE.sides, _matrix({})):
        assert side.low.tolist() == [0.0]
        assert side.high[0] == pytest.approx(100.0)


@given(st.data())
def test_better_evidence_never_lowers_a_side(data: st.DataObject) -> None:
    code, item = data.draw(st.sampled_from([pair for pair in _items(TABLE) if pair[1].worth.knots]))
    values = data.draw(st.lists(st.floats(-5, 200), min_size=2, max_size=2).map(sorted))
    worse, better = values if item.worth.direction > 0 else values[::-1]
    known = {other.spec.name: 1.0 for _, other in _items(TABLE) if not other.spec.categorical}
    before, after = (score(TABLE.sides, _matrix({**known, item.spec.name: value})) for value in (worse, better))
    for old, new in zip(before, after, strict=True):
        assert new.low[0] >= old.low[0] - 1e-9, (code, item.spec.name)


@given(st.data())
def test_telling_a_figure_never_lowers_what_is_proven_and_never_raises_what_is_possible(data: st.DataObject) -> None:
    _, item = data.draw(st.sampled_from(_items(TABLE)))
    words, numbers = sorted(item.worth.levels), st.floats(-5, 200)
    value: float | str = data.draw(st.sampled_from(words)) if words else data.draw(numbers)
    silent, told = score(TABLE.sides, _matrix({})), score(TABLE.sides, _matrix({item.spec.name: value}))
    for before, after in zip(silent, told, strict=True):
        assert before.low[0] <= after.low[0] + 1e-9
        assert after.high[0] <= before.high[0] + 1e-9


def test_what_the_items_earn_adds_up_to_the_side() -> None:
    matrix = _matrix({spec.name: 1.0 for spec in TABLE.specs if not spec.categorical})
    for side in score(TABLE.sides, matrix):
        weights = np.array([item.weight for item in side.side.items]) / side.side.weight * 100
        assert np.nansum(side.shares[0] * weights) == pytest.approx(side.low[0])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('feature = "insp_fail_share_36m"', 'feature = "insp_fail_share"', "portrait-unknown-feature"),
        ('feature = "insp_fail_share_36m"', 'feature = "ownership"', "portrait-unknown-feature"),
        ("[[0.02, 1], [0.08, 0.7], [0.2, 0.25], [0.4, 0]]", "[[0.02, 0], [0.4, 1]]", "portrait-worth-direction"),
        ("[[0.02, 1], [0.08, 0.7], [0.2, 0.25], [0.4, 0]]", "[[0.02, 0.9], [0.4, 0]]", "portrait-worth-range"),
        ("weight = 22", "weight = -1", "policy-wrong-shape"),
        ("B_capped = 1, ", "", "portrait-worth-levels"),
        ("weight = 22", "weight = 22\nnote = 1", "policy-unknown-key"),
    ],
)
def test_a_table_that_contradicts_what_it_weighs_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    path = tmp_path / "table.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_table(path)
    assert refused.value.code == "portrait-table-invalid"
    problems = refused.value.facts["problems"]
    assert isinstance(problems, tuple)
    assert code in [problem.code for problem in problems]
    assert all(sentence(refused.value, lang) for lang in Lang)


def test_a_table_that_is_no_toml_or_not_there_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("id = [", encoding="utf-8")
    with pytest.raises(InputError, match="portrait-table-not-toml"):
        load_table(broken)
    with pytest.raises(InputError, match="portrait-table-not-found"):
        load_table(tmp_path / "none.toml")

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scoring.ensembles import made, small_bundle

from certloan.errors import InputError
from certloan.i18n.catalog import sentence
from certloan.scoring.bundle import Bundle
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.points import displayed


def test_base_points_and_contributions_add_up_to_every_score() -> None:
    bundle, matrix = small_bundle(), made().matrix
    scored, points = bundle.score(matrix), bundle.contributions(matrix)
    assert points.shape == (matrix.num_rows, len(bundle.names))
    np.testing.assert_allclose(bundle.base_points + points.sum(axis=1), scored.points, atol=1e-9)
    np.testing.assert_array_equal(np.floor(scored.points + 0.5), scored.score)
    for row in range(50):
        base, whole = displayed(bundle.base_points, points[row], int(scored.score[row]))
        assert base + sum(whole) == scored.score[row]


def test_the_probability_belongs_to_the_points() -> None:
    bundle = small_bundle()
    scored = bundle.score(made().matrix)
    odds = (1 - scored.pd) / scored.pd
    np.testing.assert_allclose(600 + 40 * np.log2(odds / 20), scored.points, atol=1e-8)


def test_a_row_scores_the_same_alone_and_in_a_batch() -> None:
    bundle, matrix = small_bundle(), made().matrix
    together, contributions = bundle.score(matrix), bundle.contributions(matrix)
    for row in range(0, matrix.num_rows, 97):
        alone = matrix.slice(row, 1)
        assert bundle.score(alone).points[0] == together.points[row]
        np.testing.assert_array_equal(bundle.contributions(alone)[0], contributions[row])


def test_no_rows_give_no_scores() -> None:
    empty = made().matrix.slice(0, 0)
    assert small_bundle().score(empty).score.tolist() == []
    assert small_bundle().contributions(empty).shape == (0, 6)


def test_a_saved_bundle_loads_as_the_same_bundle(tmp_path: Path) -> None:
    bundle, matrix = small_bundle(), made().matrix
    folder = bundle.save(tmp_path, card="# 卡\n")
    assert folder == tmp_path / bundle.fingerprint
    loaded = Bundle.load(folder, expected=bundle.fingerprint)
    assert loaded.fingerprint == bundle.fingerprint
    assert loaded.boosters == bundle.boosters
    np.testing.assert_array_equal(loaded.score(matrix).points, bundle.score(matrix).points)
    np.testing.assert_array_equal(loaded.contributions(matrix), bundle.contributions(matrix))


def test_saving_twice_changes_nothing_and_leaves_no_scraps(tmp_path: Path) -> None:
    first = small_bundle().save(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.iterdir()}
    assert small_bundle().save(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in first.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_the_fingerprint_tells_models_apart() -> None:
    one, other = small_bundle(seed=1), small_bundle(seed=2)
    assert one.fingerprint != other.fingerprint
    again = Bundle(one.features, one.tables, one.calibrator, one.scale, one.boosters, dict(one.provenance))
    assert again.fingerprint == one.fingerprint


@pytest.mark.parametrize(
    "change", [{"kind": "scorecard"}, {"parent": "0" * 64}, {"grades": None}], ids=["kind", "parent", "grades"]
)
def test_what_a_bundle_says_of_itself_is_part_of_its_fingerprint_and_survives_the_disk(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    data, graded = made(), _graded()
    other = replace(graded, **change)
    assert other.fingerprint != graded.fingerprint
    for bundle in (graded, other):
        loaded = Bundle.load(bundle.save(tmp_path), expected=bundle.fingerprint)
        assert (loaded.kind, loaded.parent, loaded.grades) == (bundle.kind, bundle.parent, bundle.grades)
        np.testing.assert_array_equal(loaded.score(data.matrix).points, graded.score(data.matrix).points)


def test_a_worse_probability_never_has_a_better_grade_and_a_bundle_without_grades_says_so() -> None:
    graded = _graded()
    scored = graded.score(made().matrix)
    order = np.argsort(scored.pd)
    assert graded.grades is not None
    places = [graded.grades.codes.index(code) for code in graded.grade(scored.pd)[order]]
    assert places == sorted(places)
    with pytest.raises(InputError) as refused:
        small_bundle().grade(scored.pd)
    assert refused.value.code == "bundle-no-grades"
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")


def test_a_kind_that_nobody_knows_is_no_bundle(tmp_path: Path) -> None:
    bundle = replace(small_bundle(), kind="oracle")  # type: ignore[arg-type]
    with pytest.raises(InputError) as refused:
        Bundle.load(bundle.save(tmp_path))
    assert refused.value.code == "bundle-unreadable"


@pytest.mark.parametrize("version", [1, 3, None])
def test_a_bundle_of_another_version_is_named_with_both_versions(tmp_path: Path, version: int | None) -> None:
    folder = small_bundle().save(tmp_path)
    _rewrite(folder, lambda held: held.update(version=version))
    with pytest.raises(InputError) as refused:
        Bundle.load(folder)
    assert (refused.value.code, refused.value.facts["found"], refused.value.facts["expected"]) == (
        "bundle-version",
        version,
        2,
    )


@pytest.mark.parametrize("name", ["tables.json", "booster-01.txt"])
def test_one_changed_byte_is_found(tmp_path: Path, name: str) -> None:
    folder = small_bundle().save(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert _refusal(folder) == ("bundle-altered", name)


def test_a_changed_manifest_is_found(tmp_path: Path) -> None:
    folder = small_bundle().save(tmp_path)
    _rewrite(folder, lambda held: held["calibrator"].update(offset=-3.0))
    assert _refusal(folder) == ("bundle-altered", "bundle.json")


def test_a_whole_other_model_under_a_known_name_is_found(tmp_path: Path) -> None:
    known = small_bundle(seed=1)
    other = small_bundle(seed=2).save(tmp_path)
    other.rename(tmp_path / known.fingerprint)
    with pytest.raises(InputError) as refused:
        Bundle.load(tmp_path / known.fingerprint, expected=known.fingerprint)
    assert refused.value.code == "bundle-altered"


@pytest.mark.parametrize("name", ["tables.json", "booster-00.txt", "bundle.json"])
def test_a_file_cut_short_is_unreadable(tmp_path: Path, name: str) -> None:
    folder = small_bundle().save(tmp_path)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    assert _refusal(folder) == ("bundle-unreadable", name)


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    folder = small_bundle().save(tmp_path)
    (folder / "booster-02.txt").unlink()
    assert _refusal(folder) == ("bundle-unreadable", "booster-02.txt")


def test_a_manifest_that_points_outside_its_folder_is_refused(tmp_path: Path) -> None:
    folder = small_bundle().save(tmp_path)
    (tmp_path / "outside").write_text("x")
    _rewrite(folder, lambda held: held["files"].update({"../outside": {"bytes": 1, "sha256": "0"}}))
    assert _refusal(folder)[0] in ("bundle-altered", "bundle-unreadable")


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == ("bundle-missing", "bundle.json")


def test_columns_that_do_not_fit_are_shown_as_a_difference() -> None:
    matrix = made().matrix.rename_columns(["application_id", "n0_", "n1", "n2", "n3", "n4", "trade"])
    matrix = matrix.set_column(3, "n2", pa.array(["x"] * matrix.num_rows))
    with pytest.raises(InputError) as refused:
        small_bundle().score(matrix)
    told = sentence(refused.value, "en")
    assert refused.value.code == "feature-mismatch"
    assert "- n0: number  (+ n0_ ?)" in told
    assert "~ n2: number ≠ string" in told
    assert "n1" not in told


def test_columns_may_come_in_any_order_and_in_any_number_type() -> None:
    matrix = made().matrix
    shuffled = matrix.select(list(reversed(matrix.column_names)))
    position = shuffled.column_names.index("n2")
    whole = shuffled.set_column(position, "n2", shuffled.column("n2").cast(pa.int64()))
    np.testing.assert_array_equal(small_bundle().score(whole).points, small_bundle().score(matrix).points)


def _graded() -> Bundle:
    data, plain = made(), small_bundle()
    return replace(plain, grades=fit_grades(plain.score(data.matrix).margin, data.defaulted, data.weights))


def _refusal(folder: Path) -> tuple[str, Any]:
    with pytest.raises(InputError) as refused:
        Bundle.load(folder)
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")
    return refused.value.code, refused.value.facts["file"]


def _rewrite(folder: Path, change: Any) -> None:
    held = json.loads((folder / "bundle.json").read_text())
    change(held)
    (folder / "bundle.json").write_text(json.dumps(held))

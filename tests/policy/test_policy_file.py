"""A policy file is read whole or refused with everything that is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.errors import InputError, NotReadyError
from certloan.i18n import Lang, sentence
from certloan.policy.policy import in_force, load_policy, versions

SMALL = """
id = "test"
name = { zh = "测试", en = "test" }
effective_from = 2026-01-01

[[gate]]
code = "not-operating"
when = "ent_operating = 0"
outcome = "decline"
overridable_by = "nobody"
policy_ref = ["S3-14"]

[[band]]
code = "A"
min_score = 640
outcome = "approve"
limit_factor = 1.0

[[band]]
code = "B"
min_score = 560
outcome = "refer"
limit_factor = 0.5

[[band]]
code = "C"
outcome = "decline"
limit_factor = 0

[limit]
base = "ent_revenue"
share = 0.2
certificate_uplift_when = "cert_valid_n > 0"
certificate_uplift = 0.1
cap = 1_000_000
round_to = 1_000
minimum = 10_000
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[tuple[str, object]]:
    with pytest.raises(InputError) as caught:
        load_policy(write(folder, text))
    assert caught.value.code == "policy-invalid"
    found = caught.value.facts["problems"]
    assert isinstance(found, tuple)
    assert len(found) == caught.value.facts["count"]
    for lang in Lang:
        told = sentence(caught.value, lang)
        assert all(str(problem.facts["place"]) in told for problem in found)
    return [(problem.code, problem.facts["place"]) for problem in found]


@pytest.mark.parametrize("name", versions())
def test_every_shipped_policy_holds_from_its_first_day_on(name: str) -> None:
    policy = in_force(date.fromisoformat(f"{name.removesuffix('.toml')}-01"))
    assert policy.id == name.removesuffix(".toml")
    for gate in policy.gates:
        assert gate.policy_ref
        assert all(gate.text(lang) for lang in Lang)
        assert not gate.when.columns & {"ownership", "size_class", "county_group"}


def test_a_day_before_the_first_policy_has_none() -> None:
    with pytest.raises(NotReadyError) as caught:
        in_force(date(1999, 1, 1))
    assert "1999-01-01" in sentence(caught.value, Lang.EN)


def test_a_sound_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, SMALL))
    assert [gate.code for gate in policy.gates] == ["not-operating"]
    assert [(band.code, band.min_score) for band in policy.bands] == [("A", 640), ("B", 560), ("C", None)]
    assert policy.gate("not-operating").text("en").startswith("The enterprise is not registered")
    assert policy.holds_on(date(2030, 1, 1))
    assert not policy.holds_on(date(2025, 12, 31))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    broken = (
        SMALL.replace('"ent_operating = 0"', '"ent_opearting = 0"')
        .replace('outcome = "decline"\noverridable_by = "nobody"', 'outcome = "perhaps"\noverridable_by = "nobdy"')
        .replace("min_score = 560", "min_score = 700")
        .replace("effective_from = 2026-01-01", 'effective_from = "soon"')
        .replace("cap = 1_000_000", "cup = 1_000_000")
        .replace("share = 0.2", "share = nan")
    )
    assert problems(tmp_path, broken) == [
        ("policy-wrong-shape", "effective_from"),
        ("policy-bad-expression", "gate[not-operating].when"),
        ("policy-wrong-shape", "gate[not-operating].outcome"),
        ("policy-wrong-shape", "gate[not-operating].overridable_by"),
        ("policy-band-overlap", "band[B].min_score"),
        ("policy-wrong-shape", "limit.share"),
        ("policy-missing-key", "limit.cap"),
        ("policy-unknown-key", "limit.cup"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('code = "C"\n', 'code = "C"\nmin_score = 10\n', "policy-band-gap", "band[C].min_score"),
        ("min_score = 640\n", "", "policy-missing-key", "band[A].min_score"),
        ('outcome = "refer"', 'outcome = "decline"', "policy-band-order", "band[C].outcome"),
        ('code = "B"', 'code = "A"', "policy-repeated", "band[A].code"),
        ('code = "B"', 'code = "B\'; drop"', "policy-wrong-shape", "band[B'; drop].code"),
        ('code = "not-operating"', 'code = "house-rule"', "policy-missing-key", "gate[house-rule].text"),
        ('"ent_operating = 0"', "\"ownership = 'private'\"", "policy-bad-expression", "gate[not-operating].when"),
        ('"ent_operating = 0"', '"ent_operating"', "policy-bad-expression", "gate[not-operating].when"),
        ('policy_ref = ["S3-14"]', "policy_ref = []", "policy-wrong-shape", "gate[not-operating].policy_ref"),
        (
            "effective_from = 2026-01-01",
            "effective_from = 2026-01-01\neffective_to = 2025-01-01",
            "policy-ends-before-start",
            "effective_to",
        ),
        ("id =", "schema = 9\nid =", "policy-unknown-key", "schema"),
        ("[limit]", "[limits]", "policy-missing-key", "limit"),
        ("share = 0.2", "share = true", "policy-wrong-shape", "limit.share"),
    ],
)
def test_each_kind_of_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, code: str, place: str
) -> None:
    changed = SMALL.replace(old, new, 1)
    if code == "policy-band-order":
        changed = SMALL.replace('outcome = "decline"\nlimit', 'outcome = "approve"\nlimit')
    assert (code, place) in problems(tmp_path, changed)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "policy-not-utf8"),
        (b"id = ", "policy-not-toml"),
        (b"", "policy-invalid"),
        (None, "policy-not-found"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_by_name(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_policy(path)
    assert caught.value.code == code
    assert all("own.toml" in sentence(caught.value, lang) for lang in Lang)


def test_a_gate_may_carry_its_own_text(tmp_path: Path) -> None:
    own = SMALL.replace('code = "not-operating"', 'code = "house-rule"\ntext = { zh = "本行规定", en = "our rule" }')
    gate = load_policy(write(tmp_path, own)).gate("house-rule")
    assert (gate.text(Lang.ZH), gate.text(Lang.EN)) == ("本行规定", "our rule")


def test_the_hash_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    first = load_policy(write(tmp_path, SMALL)).hash
    moved = "# a comment\n" + SMALL.replace("limit_factor = 0.5", "limit_factor    = 0.50")
    assert load_policy(write(tmp_path, moved)).hash == first
    assert load_policy(write(tmp_path, SMALL.replace("cap = 1_000_000", "cap = 1_000_001"))).hash != first


@given(st.floats(-2000, 2000))
def test_every_score_falls_into_exactly_one_band(score: float) -> None:
    policy = in_force(date(2026, 6, 1))
    above = [band for band in policy.bands if band.min_score is not None and score >= band.min_score]
    assert policy.band_of(score) == (above[0] if above else policy.bands[-1])

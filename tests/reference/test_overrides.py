"""A workspace's own tables take the place of the package's, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.errors import CertLoanError, InputError
from certloan.i18n import Lang, sentence
from certloan.reference.certificates import scheme_words, schemes
from certloan.reference.divisions import mountain_counties
from certloan.reference.examine import problems
from certloan.reference.loading import overridden, put_in_place, reference_digest, rows, shipped
from certloan.reference.overrides import use_overrides
from certloan.reference.relations import reference_relations
from certloan.reference.sizes import size_class
from certloan.reference.tables import TABLES

SCHEME_HEAD = "code,zh,en,scheme_class,dimension,assurance,strength,advanced,sectors,rule,source,verified\n"
OWN_SCHEME = (
    "SVC-DRONE,无人机服务认证,drone services,service,quality_foundation,third_party,3,false,G,SERVICE,本行,false\n"
)


def told(error: InputError) -> list[CertLoanError]:
    found = error.facts["problems"]
    assert isinstance(found, tuple)
    return list(found)


def as_set(found: Sequence[Mapping[str, str]]) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(row.items()) for row in found}


def codes(error: InputError) -> list[str]:
    return sorted(problem.code for problem in told(error))


def test_a_scheme_of_the_workspace_is_known_by_its_name_everywhere(overrides: Path) -> None:
    (overrides / "schemes.csv").write_text(SCHEME_HEAD + OWN_SCHEME, encoding="utf-8")
    use_overrides(overrides)
    assert scheme_words()["无人机服务"] == "SVC-DRONE"
    assert {"A01", "SVC-DRONE"} <= {scheme.code for scheme in schemes()}
    fits = {row["code"]: row["fits"] for row in reference_relations()["reference_scheme_fit"].to_pylist()}
    assert fits["SVC-DRONE 54"]
    assert not fits["SVC-DRONE 13"]
    assert any(row["code"] == "SVC-DRONE" for row in reference_relations()["reference_rule"].to_pylist())
    assert problems() == ()


def test_a_key_that_is_named_is_replaced_with_all_its_versions(overrides: Path) -> None:
    (overrides / "lpr.csv").write_text(
        "term,percent,valid_from,valid_to,source,verified\n"
        "1Y,3.1,2025-01-01,2026-01-20,央行公告,true\n1Y,2.9,2026-01-20,,央行公告,true\n",
        encoding="utf-8",
    )
    use_overrides(overrides)
    assert [(row["percent"], row["valid_from"]) for row in rows("lpr") if row["term"] == "1Y"] == [
        ("3.1", "2025-01-01"),
        ("2.9", "2026-01-20"),
    ]
    assert [row for row in rows("lpr") if row["term"] == "5Y"] == [r for r in shipped("lpr") if r["term"] == "5Y"]
    assert overridden() == {"lpr": 2}


def test_a_changed_threshold_changes_the_size_and_taking_it_away_changes_it_back(overrides: Path) -> None:
    def size() -> str | None:
        return size_class("5920", staff=150, revenue=Decimal(15_000_000), on=dt.date(2026, 1, 1))

    assert size() == "medium"
    file = overrides / "size_thresholds.csv"
    file.write_text(
        "industry,codes,staff_large,staff_medium,staff_small,revenue_large,revenue_medium,revenue_small,source,verified\n"
        "仓储业,59,500,200,20,30000,1000,100,本行,false\n",
        encoding="gb18030",
    )
    use_overrides(overrides)
    assert size() == "small"
    assert [problem.code for problem in problems()] == ["reference-size"]
    file.unlink()
    use_overrides(overrides)
    assert size() == "medium"


def test_a_file_that_is_changed_is_read_again(overrides: Path) -> None:
    file = overrides / "zhejiang_mountain_counties.csv"
    head = "code,name,valid_from,valid_to,source,verified\n"
    file.write_text(head + "330921,岱山,2026-06-01,,公告,false\n", encoding="utf-8")
    use_overrides(overrides)
    assert "330921" in {county.code for county in mountain_counties()}
    file.write_text(head + "330922,嵊泗,2024-08-21,2026-06-01,公告,false\n", encoding="utf-8")
    use_overrides(overrides)
    assert "330921" not in {county.code for county in mountain_counties()}


def test_every_problem_of_every_file_is_told_and_nothing_is_used(overrides: Path) -> None:
    (overrides / "schemes.csv").write_text(
        SCHEME_HEAD
        + ",无名,nameless,service,quality_foundation,third_party,3,false,,SERVICE,本行,false\n"
        + "S1,一,one,guild,quality_foundation,third_party,9,perhaps,ZZ;G,NO-RULE,本行,false\n"
        + OWN_SCHEME
        + OWN_SCHEME,
        encoding="utf-8",
    )
    (overrides / "lpr.csv").write_text(
        "term,percent,valid_from,valid_to,source,verified\n1Y,three,2026-02-30,2026-01-01,央行,true\n"
        "5Y,3.5,2026-03-01,2026-01-01,央行,true,extra\n",
        encoding="utf-8",
    )
    (overrides / "honours.csv").write_text("kind,colour\nquality_award,red\n", encoding="utf-8")
    (overrides / "prices.csv").write_text("a,b\n", encoding="utf-8")
    (overrides / "lists.csv").write_bytes(b"\xff\xff\xff\xff")
    before = reference_digest()
    with pytest.raises(InputError, match="reference-override") as refused:
        use_overrides(overrides)
    found = codes(refused.value)
    for code, times in {
        "reference-empty": 1,  # no code
        "reference-level": 1,  # guild
        "reference-range": 1,  # strength 9
        "reference-kind": 3,  # perhaps, three, 30 February
        "reference-dangling": 2,  # ZZ, NO-RULE
        "reference-too-many-cells": 1,
        "reference-span": 1,  # ends before it starts
        "reference-unknown-column": 1,  # colour
        "reference-unknown-table": 1,  # prices.csv
        "reference-unreadable": 1,
    }.items():
        assert found.count(code) == times, (code, found)
    assert found.count("reference-missing-column") >= 8
    assert len(found) == refused.value.facts["count"]
    assert reference_digest() == before
    assert overridden() == {}


@pytest.mark.parametrize("lang", Lang)
def test_a_refusal_names_file_row_column_and_reason_in_both_languages(overrides: Path, lang: Lang) -> None:
    (overrides / "lpr.csv").write_text(
        "term,percent,valid_from,valid_to,source,verified\n1Y,three,,,央行,true\n1Y,3.1,,,央行,maybe\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        use_overrides(overrides)
    words = sentence(refused.value, lang)
    for part in ("lpr.csv", "percent", "three", "verified", "maybe", "2", "3", "docs/reference.md"):
        assert part in words
    assert words.count("·") == 2


def test_two_rows_in_force_on_one_day_are_refused(overrides: Path) -> None:
    head = "term,percent,valid_from,valid_to,source,verified\n"
    (overrides / "lpr.csv").write_text(
        head + "1Y,3.1,2025-01-01,2026-02-01,央行,true\n1Y,2.9,2026-01-20,,央行,true\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as refused:
        use_overrides(overrides)
    assert codes(refused.value) == ["reference-overlap"]


def test_a_code_that_another_row_already_has_is_refused(overrides: Path) -> None:
    """A second rule for warehouses under a new name would give every warehouse two sizes, and count it twice."""
    (overrides / "size_thresholds.csv").write_text(
        "industry,codes,staff_large,staff_medium,staff_small,valid_from,source,verified\n"
        "冷链仓储,59,500,200,20,2026-01-01,本行,false\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        use_overrides(overrides)
    assert codes(refused.value) == ["reference-code-twice"]
    for lang in Lang:
        assert "冷链仓储" in sentence(refused.value, lang)


def test_refused_overrides_are_refused_again_and_an_empty_folder_is_none(overrides: Path) -> None:
    file = overrides / "lpr.csv"
    file.write_text("term\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(InputError):
            use_overrides(overrides)
    file.unlink()
    use_overrides(overrides)
    assert overridden() == {}


def test_one_cell_changes_the_digest_and_the_order_of_rows_does_not(overrides: Path) -> None:
    before = reference_digest()
    file = overrides / "lpr.csv"
    lines = (["term,percent,valid_from,valid_to,source,verified,unconfirmed"]) + [
        ",".join(
            row[name] for name in ("term", "percent", "valid_from", "valid_to", "source", "verified", "unconfirmed")
        )
        for row in shipped("lpr")
    ]
    file.write_text("\n".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    use_overrides(overrides)
    assert overridden() == {"lpr": len(lines) - 1}
    assert reference_digest() == before
    file.write_text("\n".join(lines).replace("3.50,", "3.51,"), encoding="utf-8")
    use_overrides(overrides)
    assert reference_digest() != before
    use_overrides(None)
    assert reference_digest() == before


@settings(deadline=None, max_examples=25)
@given(table=st.sampled_from(["schemes", "validity_rules", "honours", "lists", "ccc_catalogue", "lpr"]), data=st.data())
def test_any_rows_of_the_package_given_as_overrides_change_nothing(table: str, data: st.DataObject) -> None:
    own = TABLES[table]
    keys = sorted({tuple(row[name] for name in own.key) for row in shipped(table)})
    chosen = data.draw(st.sets(st.sampled_from(keys), min_size=1))
    try:
        put_in_place({table: [row for row in shipped(table) if tuple(row[name] for name in own.key) in chosen]})
        assert as_set(rows(table)) == as_set(shipped(table))
        assert len(rows(table)) == len(shipped(table))
    finally:
        put_in_place({})

"""A reference is told as people cite it, and what was not read again is never shown as settled law."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.policy.test_policy_file import SMALL

from certloan.errors import InputError
from certloan.i18n import Lang
from certloan.policy.policy import in_force, load_policy
from certloan.policy.references import Reference
from certloan.services.apply_policy import gates_told

MARK = {Lang.ZH: "未核实", Lang.EN: "not verified"}


@pytest.mark.parametrize("lang", list(Lang))
def test_a_paper_is_named_with_its_article(lang: Lang) -> None:
    told = Reference("S3-14").told(lang)
    assert "国发〔2018〕3号" in told
    assert "14" in told
    assert "S3" not in told


def test_a_paper_that_counts_in_parts_is_not_given_an_article() -> None:
    assert Reference("S2-（四）1").told(Lang.ZH) == "粤府办〔2018〕38号（四）1"


@pytest.mark.parametrize("ref", ["征信业管理条例第四十条第三项", "鲁质贷（2025）质量信用", "X9-1", "S3"])
def test_a_reference_that_is_no_paper_of_ours_speaks_for_itself(ref: str) -> None:
    assert Reference(ref).told(Lang.ZH) == ref


@pytest.mark.parametrize("lang", list(Lang))
def test_people_see_which_references_of_a_gate_are_not_verified(lang: Lang) -> None:
    (gate,) = gates_told(in_force(date(2026, 6, 1)), ["abnormal-operation"])
    marked = [MARK[lang] in told for told in gate.references(lang)]
    assert marked == [False, True]
    assert gate.unverified == ("企业信息公示暂行条例第十七条",)


def test_laws_whose_wording_was_not_read_are_marked_in_the_shipped_policy() -> None:
    refs = {each.ref: each.verified for gate in in_force(date(2026, 6, 1)).gates for each in gate.policy_ref}
    not_read = {ref for ref, verified in refs.items() if not verified}
    assert not_read == {
        "流动资金贷款管理办法（2024）",
        "法释〔2017〕7号",
        "企业信息公示暂行条例第十七条",
        "产品质量法第十七条",
        "产品质量法第五十六条",
        "产品质量法第五十三条",
        "行政处罚法第九条",
        "工业产品生产许可证管理条例第四十五条",
        "认证认可条例（2023）第二十七条",
        "质量管理体系认证规则（2016）",
    }
    assert refs["征信业管理条例第四十条第三项"], "the article about querying an enterprise without its consent"
    assert not [ref for ref in refs if re.search(r"(条例|法|办法) ?\d", ref)], "an article is cited as 第…条"


def test_a_policy_file_may_mark_a_reference(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL.replace('["S3-14"]', '["S3-14", { ref = "某办法", verified = false }]'), encoding="utf-8")
    assert load_policy(path).gate("not-operating").policy_ref == (Reference("S3-14"), Reference("某办法", False))


@pytest.mark.parametrize(
    "wrong", ['[""]', "[3]", '[{ ref = "某办法" }]', '[{ ref = "某办法", verified = "no" }]', '"S3-14"']
)
def test_a_reference_of_another_shape_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL.replace('["S3-14"]', wrong), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_policy(path)
    found = caught.value.facts["problems"]
    assert isinstance(found, tuple)
    (problem,) = found
    assert (problem.code, problem.facts["place"]) == ("policy-wrong-shape", "gate[not-operating].policy_ref")

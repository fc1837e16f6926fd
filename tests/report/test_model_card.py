"""The model card: everything that is known with its interval, what is not known said, and nobody named."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.scoring.ensembles import made, small_bundle

from certloan.governance.asked import DISCLOSURE, standard
from certloan.i18n import Lang
from certloan.report.model_card import CardFacts, Disclosure, markdown, page
from certloan.scoring.bundle import Bundle
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.metrics.performance import measure

ASKED = standard(DISCLOSURE)
DISCLOSED = Disclosure(
    (ASKED.title(Lang.ZH), ASKED.title(Lang.EN)),
    [(item.tag, item.zh, item.en) for item in ASKED.items],
    ASKED.verified,
    ASKED.source,
)


@cache
def whole() -> Bundle:
    """A bundle with the account that a training gives it."""
    bundle, data = small_bundle(), made()
    scored = bundle.score(data.matrix)
    figures = measure(data.defaulted, scored.pd, data.weights).as_json()
    rival = {"auc": 0.7, "auc_low": 0.65, "auc_high": 0.75, "difference": 0.02}
    rival |= {"difference_low": -0.01, "difference_high": 0.05}
    window = {"train_from": "2022-01-01", "train_to": "2023-12-31", "n_train": 1500, "defaults_train": 300}
    window |= {"test_from": "2024-01-01", "test_to": "2024-12-31", "n_test": 1500, "defaults_test": 300}
    held = {
        "metrics": figures,
        "rivals": {"scorecard": rival, "ceiling": rival},
        "window": window,
        "split": {"kind": "time", "embargoed": 12},
        "digest": "d" * 64,
        "trees": [40, 40, 40],
        "price": {"pairs_free": 9, "auc_free": 0.78, "pairs": 4, "auc": 0.775},
        "dropped": {"x1": "noise", "x2": "constant"},
        "search": {"trials": 30},
        "made_of": {"weights": {"curves": 0.6, "trees": 0.4}},
        "families_missing": ["credit"],
    }
    grades = fit_grades(scored.margin, data.defaulted, data.weights)
    return replace(bundle, provenance=held, grades=grades)


def sections(told: str) -> list[str]:
    return re.findall(r"^## (.*)$", told, flags=re.M)


def test_both_languages_tell_the_same_parts_chinese_first() -> None:
    zh, en = markdown(CardFacts(whole(), DISCLOSED)).split("\n\n---\n\n")
    assert len(sections(zh)) == len(sections(en)) == 12
    assert zh.startswith("# 模型卡")
    assert en.startswith("# Model card")
    assert not re.search(r"[一-鿿]", re.sub(r"`[^`]*`|\*\*.*", "", en.split("## Disclosure")[0]))


def test_every_figure_stands_with_its_interval_n_and_defaults() -> None:
    told = markdown(CardFacts(whole(), DISCLOSED))
    metrics = whole().provenance["metrics"]
    for name, form in (("auc", ".3f"), ("ks", ".3f"), ("brier", ".4f"), ("slope", ".2f"), ("observed", ".2%")):
        value, low, high = (metrics[key] for key in (name, f"{name}_low", f"{name}_high"))
        assert f"{value:{form}} ({low:{form}} … {high:{form}})" in told
    assert f"{metrics['n']:,}" in told
    assert f"{metrics['defaults']:,}" in told
    assert "+0.020 (-0.010 … +0.050)" in told
    grades = whole().grades
    assert grades is not None
    for grade in grades.grades:
        assert f"{grade.rate:.2%} ({grade.rate_low:.2%} … {grade.rate_high:.2%})" in told


def test_the_seven_items_are_disclosed_in_order_and_their_source_is_called_secondary() -> None:
    zh, en = markdown(CardFacts(whole(), DISCLOSED)).split("\n\n---\n\n")
    names = ["算法组合", "算法逻辑", "算法应用", "算法数据", "算法主体", "算法变更", "算法审计"]
    assert re.findall(r"\*\*(算法..)\*\*", zh) == names
    assert len(re.findall(r"^\*\*[^*]+\*\*: \S", en, flags=re.M)) == 7
    assert "二手资料" in zh
    assert "was not read" in en


def test_a_bare_bundle_says_what_is_not_known_instead_of_leaving_it_out() -> None:
    told = markdown(CardFacts(small_bundle()))
    for word in ("没有检验记录", "no record of a test", "没有自己的等级", "No validation report", "No fairness audit"):
        assert word in told


@pytest.mark.parametrize("kind", ["ensemble", "scorecard"])
def test_what_a_model_is_made_of_is_told_by_its_kind_and_parent(kind: Any) -> None:
    told = markdown(CardFacts(replace(whole(), kind=kind, parent="f" * 64), DISCLOSED))
    assert ("weights of evidence in monotone bins and a logistic regression" in told) is (kind == "scorecard")
    assert "recalibrated from model ffffffffffff" in told


def test_what_is_disclosed_of_a_blend_names_both_algorithms_and_their_weights() -> None:
    told = markdown(CardFacts(whole(), DISCLOSED))
    assert "60% smooth monotone curves" in told
    assert "40% gradient boosted trees" in told
    assert "单调平滑曲线占 60%" in told
    trees = replace(whole(), provenance={**whole().provenance, "made_of": {}})
    assert "smooth" not in markdown(CardFacts(trees, DISCLOSED))


def test_only_promotions_of_this_model_are_counted() -> None:
    own, other = whole().fingerprint, "b" * 64
    act = {"seq": 1, "at": "2026-11-20T10:00:00Z", "kind": "model_promoted", "model": own, "before": other}
    acts = [act, {**act, "seq": 2, "model": other, "before": own}]
    told = markdown(CardFacts(whole(), DISCLOSED, acts=acts))
    assert "records 1 promotions of it" in told


def test_the_change_against_the_champion_names_features_shift_and_difference() -> None:
    champion = replace(whole(), features=(*whole().features[:-1], replace(whole().features[-1], name="old")))
    quantiles = {share: float(share) for share in ("0.05", "0.25", "0.5", "0.75", "0.95")}
    compared = {
        "first": "2024-01-01",
        "last": "2024-12-31",
        "n": 900,
        "defaults": 80,
        "auc": 0.76,
        "auc_low": 0.7,
        "auc_high": 0.8,
        "auc_champion": 0.75,
        "auc_champion_low": 0.7,
        "auc_champion_high": 0.8,
        "auc_difference": 0.01,
        "auc_difference_low": -0.005,
        "auc_difference_high": 0.025,
        "shift": {"mean": 3.25, "quantiles": quantiles, "rank_correlation": 0.91},
    }
    told = markdown(CardFacts(whole(), DISCLOSED, champion=champion, comparison=compared))
    assert "trade" in told.split("新增特征")[1].split("。")[0]
    assert "old" in told.split("不再使用的特征")[1].split("。")[0]
    assert "+0.010 (-0.005 … +0.025)" in told
    assert "| +3.2 |" in told
    assert "0.910" in told


def test_gate_and_history_are_told_without_anybodys_name() -> None:
    check = {"name": "ranking", "found": 0.7, "low": 0.6, "high": 0.8, "expected": "≥ 0.6", "verdict": "passes"}
    gate = {"version": "t", "passed": True, "checks": [{**check, "reason_zh": "理", "reason_en": "why"}]}
    act = {"seq": 4, "at": "2026-11-20T10:00:00Z", "kind": "model_promoted", "actor": "李娜", "model": "a" * 64}
    told = markdown(CardFacts(whole(), DISCLOSED, "champion", [{**act, "reason": "better"}], gate))
    assert "0.7 (0.6 … 0.8)" in told
    assert "better" in told
    assert "李娜" not in told
    assert "2026-11-20 10:00" in told


def test_the_page_holds_both_languages_escapes_everything_and_loads_nothing() -> None:
    held = {**whole().provenance, "families_missing": ["<script>alert(1)</script>"]}
    told = page(CardFacts(replace(whole(), provenance=held), DISCLOSED))
    assert "<script" not in told
    assert "&lt;script&gt;" in told
    assert not re.search(r"(src|href)=|url\(|@import", told)
    assert told.count("<main") == 2
    assert told.index('lang="zh-CN"') < told.index('lang="en"')
    assert told.count("<figure") == 4


def test_few_defaults_and_a_random_split_are_called_weak() -> None:
    held = whole().provenance
    weak = {**held, "split": {"kind": "random"}, "metrics": {**held["metrics"], "defaults": 40}}
    told = markdown(CardFacts(replace(whole(), provenance=weak)))
    assert "Only 40 defaults" in told
    assert "not judged out of time" in told
    strong = markdown(CardFacts(whole()))
    assert np.greater(held["metrics"]["defaults"], 100)
    assert "not judged out of time" not in strong

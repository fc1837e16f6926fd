"""A validation measures a kept model anew, on the loans that it had not seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certloan.bootstrap import House
from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.i18n import Lang
from certloan.report.validation.page import page
from certloan.scoring.metrics.record import holm
from certloan.scoring.validation.judgement import thresholds
from certloan.services import validation_refits
from certloan.services.ports import SILENT
from certloan.services.validate_model import (
    AREAS,
    QUICK,
    ValidationReport,
    makers_on_record,
    summaries,
    validate,
    wanted,
    write_validation,
)
from certloan.services.validation_case import config_of, open_case

VALIDATOR = Actor("王验证", Role.RISK)


@pytest.fixture(scope="module")
def report(demo: House) -> Iterator[ValidationReport]:
    with pytest.MonkeyPatch.context() as patch, demo.warehouse(read_only=True) as warehouse:
        # Each whole refit grows a champion: two show what the page does with them, and eight belong to a real validation.
        patch.setattr(validation_refits, "WHOLLY", 2)
        yield validate(warehouse, demo.bundle(), VALIDATOR, maker="李建模")


def test_every_area_is_there_and_none_is_left_out(report: ValidationReport) -> None:
    assert tuple(report.areas) == AREAS
    assert report.left_out == ()


def test_the_figures_are_those_of_the_training_because_the_loans_are(demo: House, report: ValidationReport) -> None:
    trained = demo.bundle().provenance["metrics"]
    for name in ("n", "defaults", "auc", "auc_low", "auc_high", "ks", "brier", "log_loss", "slope"):
        assert report.areas["performance"][name] == pytest.approx(trained[name], abs=2e-6)


def test_training_again_on_unchanged_evidence_gives_the_same_model(report: ValidationReport) -> None:
    assert report.evidence_unchanged
    assert report.areas["reproduction"]["repeated"]
    assert report.verdicts["reproduction"] == "passes"


def test_better_evidence_never_costs_points_on_any_loan(report: ValidationReport) -> None:
    assert report.areas["monotonicity"]["violations"] == 0
    assert report.areas["monotonicity"]["steps"] > 1000


def test_evidence_from_after_the_outcome_would_feign_a_better_model(report: ValidationReport) -> None:
    """In the world a default leaves traces afterwards, so a reader of today's evidence looks wise."""
    assert report.areas["hindsight"]["whole"]["difference"]["low"] > 0.02


def test_the_certificates_are_held_against_those_of_other_firms(report: ValidationReport) -> None:
    found = report.areas["certificates"]
    assert len(found["null"]["log_loss"]) == found["null"]["draws"] == 19
    real, null = found["beyond_all"]["log_loss"]["value"], found["null"]["log_loss"]
    assert found["null"]["p_log_loss"] == pytest.approx((1 + sum(one >= real for one in null)) / 20)


def test_the_record_is_plain_json_with_a_verdict_for_each_area_that_has_one(
    report: ValidationReport, tmp_path: Path
) -> None:
    html, held = write_validation(report, tmp_path)
    read = json.loads(held.read_text(encoding="utf-8"))
    assert read["fingerprint"] == report.fingerprint
    assert set(read["verdicts"].values()) <= {"passes", "fails", "too_little"}
    assert read["monotonicity"]["violations"] == 0
    assert html.read_text(encoding="utf-8") == page(report)


class _Counted(HTMLParser):
    """Counts what a page opens and closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "input", "path", "circle", "rect", "polygon"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"meta", "input", "path", "circle", "rect", "polygon"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def test_the_page_is_well_formed_and_tells_every_area_in_both_languages(report: ValidationReport) -> None:
    read = _Counted()
    read.feed(page(report))
    assert read.open == []
    assert len(read.headings) == 2 * (1 + len(AREAS))
    half = len(read.headings) // 2
    assert all(re.search(r"[\u4e00-\u9fff]", heading) for heading in read.headings[:half])
    assert not any(re.search(r"[\u4e00-\u9fff]", heading) for heading in read.headings[half:])


@pytest.mark.parametrize("lang", list(Lang))
def test_each_area_is_told_in_one_line(report: ValidationReport, lang: Lang) -> None:
    told = summaries(report, lang)
    assert list(told) == list(AREAS)
    assert all(line and "{" not in line for line in told.values())


def test_no_figure_of_the_overview_stands_without_interval_n_and_defaults(report: ValidationReport) -> None:
    held = report.areas["performance"]
    for name in ("auc", "gini", "ks", "brier", "log_loss", "slope", "intercept", "ece", "observed"):
        assert held[f"{name}_low"] <= held[name] <= held[f"{name}_high"]
    assert held["n"] > held["defaults"] > 0


def test_one_correction_covers_every_test_that_can_fail_the_calibration(report: ValidationReport) -> None:
    held = report.areas["calibration"]
    ps, order = [one["p"] for one in held["tests"]], holm([one["p"] for one in held["tests"]])
    assert [one["p_adjusted"] for one in held["tests"]] == pytest.approx(order, abs=2e-6)
    parts = [one["part"] for one in held["tests"]]
    assert parts[:2] == ["level", "bins"]
    assert parts.count("quarter") == len(held["cohorts"])
    assert len(ps) == 2 + len(held["cohorts"]) + len(held["grades"]["jeffreys"]) + 1
    shown = [one["test"]["p_adjusted"] for one in held["cohorts"]]
    assert shown == [one["p_adjusted"] for one in held["tests"] if one["part"] == "quarter"]


def test_the_level_is_shown_and_tested(report: ValidationReport) -> None:
    level, ranked = report.areas["calibration"]["level"], report.areas["performance"]
    assert level["expected"] == pytest.approx(ranked["expected"], abs=2e-6)
    assert level["ratio"] == pytest.approx(ranked["observed"] / ranked["expected"], rel=1e-3)
    assert level["ratio_low"] < level["ratio"] < level["ratio_high"]
    assert ranked["shift_low"] < ranked["shift"] < ranked["shift_high"]
    assert "Spiegelhalter" in page(report)


def test_a_test_that_fails_is_named_on_the_page_and_in_the_line(report: ValidationReport) -> None:
    """The quarter is made to fail; what the page says must follow the record."""
    held = report.areas["calibration"]
    tests = [
        {**one, "p_adjusted": 0.004, "verdict": "fails"} if one["subject"] == held["cohorts"][-1]["subject"] else one
        for one in held["tests"]
    ]
    area = {**held, "verdict": "fails", "tests": tests}
    failing = replace(report, areas={**report.areas, "calibration": area})
    quarter = held["cohorts"][-1]["subject"]
    assert f"quarter {quarter}, adjusted p = 0.004" in summaries(failing, Lang.EN)["calibration"]
    assert page(failing).count(f"季度 {quarter}，调整后 p = 0.004") == 2


def test_profit_is_weighted_by_what_each_loan_asked_for(demo: House, report: ValidationReport) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        case = open_case(warehouse, demo.bundle(), SILENT)
        told = {row["application_id"]: row["amount"] for row in warehouse.rows("select * from application")}
    names = case.loans.subjects["application_id"].to_pylist()
    amounts = np.array([float(told[names[row]]) for row in case.one.test])
    defaulted, _, weights = case.judged
    held = report.areas["profit"]
    everybody = held["cuts"][-1]
    worth = np.where(defaulted > 0, -held["loss_severity"], held["margin"])
    assert held["per"] == "yuan"
    assert everybody["profit"] == pytest.approx(float(np.average(worth, weights=weights * amounts)), abs=1e-7)
    assert "每申请一元的收益" in page(report)


def test_without_amounts_profit_is_told_per_loan(report: ValidationReport) -> None:
    area = {**report.areas["profit"], "per": "loan", "amounts_missing": 3}
    told = page(replace(report, areas={"profit": area}))
    assert "每笔申请的收益" in told
    assert "每申请一元" not in told


@pytest.mark.parametrize(
    ("maker", "said"),
    [("李建模", "had no hand"), ("王验证", "no independent"), (None, "cannot be said"), ((), "cannot be said")],
)
def test_the_page_says_who_validated_and_whether_she_made_the_model(
    demo: House, maker: str | tuple[str, ...] | None, said: str
) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        found = validate(warehouse, demo.bundle(), VALIDATOR, ("profit",), maker=maker)
    assert said in page(found)
    assert VALIDATOR.name in page(found)


def test_the_makers_are_those_of_the_ledger(demo: House) -> None:
    made_by = makers_on_record(demo.journal(), demo.bundle().fingerprint)
    assert len(made_by) == 1
    assert makers_on_record(demo.journal(), "0" * 64) == ()


def test_loans_of_one_enterprise_are_drawn_together(report: ValidationReport) -> None:
    held = report.areas["performance"]["clustered"]
    assert held["by_enterprise"]["low"] < held["by_loan"]["value"] < held["by_enterprise"]["high"]
    assert held["enterprises"] <= held["n"] == report.areas["performance"]["n"]


def test_a_limit_that_holds_nothing_back_has_no_price(report: ValidationReport) -> None:
    held = report.areas["reproduction"]["prices"]
    idle = replace(
        report, areas={"reproduction": {**report.areas["reproduction"], "prices": {**held, "screening": _idle(held)}}}
    )
    assert re.search("Does not apply to this model [^<]*without screening", page(idle))


def test_every_group_of_applicants_is_counted(report: ValidationReport) -> None:
    held = report.areas["selective"]
    for name in ("n", "granted", "declined"):
        assert sum(group[name] for group in held["groups"].values()) == held[name]
    assert sum(group["defaults"] for group in held["groups"].values()) == held["defaults"]


def test_hiding_evidence_is_told_with_the_loans_it_rests_on(report: ValidationReport) -> None:
    held = report.areas["monotonicity"]
    assert sorted(held["hiding"]["missing"]) == sorted(held["hiding_pays"])
    most = max(held["hiding"]["missing"].values(), default=0)
    paying = bool(held["hiding"]["missing"])
    expected = "fails" if most >= held["hiding"]["least"] else "too_little" if paying else "passes"
    assert held["hiding"]["verdict"] == expected


def test_the_thresholds_of_the_documentation_are_those_in_force() -> None:
    page_of_docs = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    limits = thresholds()
    assert f"Version {limits.id}" in page_of_docs
    for name, value in limits.values.items():
        assert f"| `{name}` | {value:g} | {limits.reasons[name][1]} |" in page_of_docs


def test_the_settings_of_a_model_are_read_back_as_they_were(demo: House) -> None:
    bundle = demo.bundle()
    config = config_of(bundle)
    held = {name: value for name, value in bundle.provenance["settings"].items() if "test_" not in name}
    again = config.as_json()
    assert {name: again.get(name) for name in held if name != "train_before"} == {
        name: value for name, value in held.items() if name != "train_before"
    }
    assert config.test_from is not None


def test_a_model_of_folds_has_no_loan_left_to_be_judged_by(demo: House) -> None:
    bundle = demo.bundle()
    folded = _with(bundle, settings={**bundle.provenance["settings"], "split": "folds"})
    assert _refused(demo, folded) == "validate-no-test"


def test_a_model_that_does_not_tell_its_settings_is_refused(demo: House) -> None:
    assert _refused(demo, _with(demo.bundle(), settings=None)) == "validate-no-settings"


def test_changed_evidence_is_told_and_not_taken_for_a_fault(demo: House) -> None:
    """Another digest means that other rows taught the model than those in the warehouse now."""
    other = _with(demo.bundle(), digest="0" * 64)
    with demo.warehouse(read_only=True) as warehouse:
        found = validate(warehouse, other, VALIDATOR, ("performance",))
    assert not found.evidence_unchanged
    assert found.left_out == tuple(name for name in AREAS if name != "performance")


def test_an_area_that_does_not_exist_is_named(demo: House) -> None:
    with demo.warehouse(read_only=True) as warehouse, pytest.raises(InputError) as told:
        validate(warehouse, demo.bundle(), VALIDATOR, ("luck",))
    assert told.value.code == "validate-area"
    assert told.value.facts["found"] == "luck"


def test_margins_that_are_no_shares_are_refused() -> None:
    with pytest.raises(InputError) as told:
        wanted(quick=True, only=(), margin=3.0, loss_severity=0.45)
    assert told.value.code == "profit-terms"


def test_an_officer_does_not_validate(demo: House) -> None:
    with demo.warehouse(read_only=True) as warehouse, pytest.raises(PermissionDeniedError):
        validate(warehouse, demo.bundle(), demo.officer, QUICK)


def test_the_command_writes_both_files_and_tells_them(
    demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.settings.home))
    code = run(["validate", "--quick", "--out", str(tmp_path / "v"), "--operator", "王验证", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == (4 if told["verdict"] == "fails" else 0)
    assert [Path(file).name for file in told["files"]] == ["validation.html", "validation.json"]
    assert told["operator"] == "王验证"
    assert set(told["left_out"]) == set(AREAS) - set(QUICK)


def test_a_folder_that_cannot_be_written_is_a_sentence(
    demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.settings.home))
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(["--lang", "en", "validate", "--only", "performance", "--out", str(tmp_path / "file" / "v")]) != 0
    assert "could not be written" in " ".join(capsys.readouterr().err.split())


def _idle(prices: Any) -> dict[str, Any]:
    return {**prices["screening"], "applies": False}


def _with(bundle: Any, **held: object) -> Any:
    return replace(bundle, provenance={**bundle.provenance, **held})


def _refused(demo: House, bundle: Any) -> str:
    with demo.warehouse(read_only=True) as warehouse, pytest.raises(InputError) as told:
        open_case(warehouse, bundle, SILENT)
    return str(told.value.code)


def test_a_slow_area_is_not_quick_and_is_never_run_unasked() -> None:
    with pytest.raises(InputError) as refused:
        wanted(quick=True, only=("learning",), margin=0.03, loss_severity=0.45)
    assert (refused.value.code, refused.value.facts["found"]) == ("validate-not-quick", "learning")
    assert wanted(quick=True, only=("performance",), margin=0.03, loss_severity=0.45)[0] == ("performance",)
    assert wanted(quick=False, only=("learning",), margin=0.03, loss_severity=0.45)[0] == ("learning",)

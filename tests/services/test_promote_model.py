"""Nobody promotes a model of their own, nothing passes a gate that refuses it, and every attempt stands in the ledger."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scoring.ensembles import small_bundle
from tests.services.validations import report_on

from certloan.domain.people import Actor, Role
from certloan.errors import CertLoanError, InputError, NotReadyError, PermissionDeniedError
from certloan.i18n import Lang, sentence
from certloan.ledger.entry import Entry, Kind, Plain
from certloan.scoring.bundle import Bundle
from certloan.services.keep_model import keep_model
from certloan.services.list_models import list_models
from certloan.services.model_history import acts_of, model_history
from certloan.services.promote_model import Evidence, Promotion, challenge, promote
from certloan.services.show_model import show_model
from certloan.storage.journal import SqlJournal
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

LI, WANG, ZHAO = (Actor(name, Role.RISK) for name in ("李", "王", "Zhao Min"))
VALIDATOR = Actor("陈", Role.RISK)
AUDITOR = Actor("regulator", Role.REGULATOR)
GOOD: dict[str, Any] = {
    "n": 5000,
    "defaults": 300,
    "auc": 0.75,
    "auc_low": 0.72,
    "auc_high": 0.78,
    "slope": 1.0,
    "slope_low": 0.9,
    "slope_high": 1.1,
}


@dataclass(frozen=True)
class Place:
    """A workspace with a store and a ledger of its own."""

    home: Path
    store: ModelRegistry
    journal: SqlJournal

    def made(self, name: str, maker: Actor | None = LI, parent: str | None = None, **metrics: float) -> Bundle:
        """Keep a model of its own fingerprint, validated by somebody who had no part in it."""
        held = {"name": name, "metrics": {**GOOD, **metrics}, "split": {"kind": "random"}}
        bundle = replace(small_bundle(), provenance=held, parent=parent)
        keep_model(self.store, bundle, maker or LI, self.journal if maker else None)
        report_on(self.validation, bundle.fingerprint, VALIDATOR, self.journal)
        return bundle

    @property
    def validation(self) -> Path:
        return self.home / "validation"

    def promote(self, fingerprint: str, actor: Actor, reason: str) -> Promotion:
        return promote(self.store, fingerprint, actor, self.journal, reason, Evidence(self.validation))

    def last(self) -> Entry:
        return list(self.journal.entries())[-1]


@pytest.fixture
def at(tmp_path: Path) -> Place:
    return Place(tmp_path, ModelRegistry(tmp_path / "models", tmp_path / "mlruns"), SqlJournal(tmp_path / "ledger.db"))


def payload(entry: Entry) -> dict[str, Any]:
    return dict(json.loads(entry.payload))


def test_another_person_promotes_a_sound_model_and_the_ledger_says_why(at: Place) -> None:
    model = at.made("one")
    done = at.promote(model.fingerprint[:10], WANG, "  better   on small firms ")
    assert at.store.champion() == model.fingerprint == done.fingerprint
    told, entry = payload(at.last()), at.last()
    assert (entry.kind, entry.actor, entry.role) == ("model_promoted", "王", "risk")
    assert (told["from"], told["to"], told["reason"]) == (None, model.fingerprint, "better on small firms")
    gate = json.loads(told["gate"])
    assert gate["passed"] is True
    assert {check["name"]: check["verdict"] for check in gate["checks"]}["ranking"] == "passes"
    assert done.makers == ("李",)


@pytest.mark.parametrize("typed", ["李", " 李 ", "李\u3000"])
def test_the_maker_is_refused_however_the_name_is_typed(at: Place, typed: str) -> None:
    model = at.made("one")
    with pytest.raises(PermissionDeniedError) as refused:
        at.promote(model.fingerprint, Actor(typed, Role.RISK), "mine")
    assert (refused.value.code, refused.value.exit_code) == ("maker-is-checker", 6)
    assert at.store.champion() is None
    assert (at.last().kind, payload(at.last())["code"]) == ("promotion_refused", "maker-is-checker")


def test_whoever_repeats_a_training_has_a_hand_in_it_too(at: Place) -> None:
    model = at.made("one")
    keep_model(at.store, model, WANG, at.journal)
    for person in (LI, WANG):
        with pytest.raises(PermissionDeniedError):
            at.promote(model.fingerprint, person, "mine")
    assert at.promote(model.fingerprint, ZHAO, "seen").makers == ("李", "王")


def test_who_made_the_parent_may_not_promote_the_child(at: Place) -> None:
    first = at.made("one", LI)
    second = at.made("two", WANG, parent=first.fingerprint)
    third = at.made("three", WANG, parent=second.fingerprint)
    with pytest.raises(PermissionDeniedError):
        at.promote(third.fingerprint, LI, "recalibrated")
    assert at.promote(third.fingerprint, ZHAO, "recalibrated").makers == ("李", "王")


def test_a_model_of_no_recorded_maker_is_refused(at: Place) -> None:
    model = at.made("one", None)
    at.made("another")
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "found it")
    assert refused.value.code == "maker-unknown"
    assert at.store.champion() is None


def test_the_gate_refuses_and_says_what_is_missing_in_both_languages(at: Place) -> None:
    model = at.made("weak", auc=0.55, auc_low=0.52, auc_high=0.58, defaults=12)
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "hope")
    assert refused.value.code == "gate-refused"
    for lang in Lang:
        told = sentence(refused.value, lang)
        assert "ranking" in told
        assert "0.55 (0.52 … 0.58)" in told
        assert "test-defaults" in told
        assert "calibration-slope" not in told
    held = payload(at.last())
    assert held["code"] == "gate-refused"
    assert json.loads(held["gate"])["passed"] is False
    assert at.store.champion() is None


def test_an_altered_bundle_is_refused_and_the_attempt_is_recorded(at: Place) -> None:
    first, second = at.made("one"), at.made("two")
    at.promote(first.fingerprint, WANG, "first")
    file = at.home / "models" / second.fingerprint / "bundle.json"
    file.write_text(file.read_text().replace("0.72", "0.79"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        at.promote(second.fingerprint, WANG, "second")
    assert refused.value.code == "bundle-altered"
    assert payload(at.last())["code"] == "bundle-altered"
    assert at.store.champion() == first.fingerprint


def test_a_ledger_that_does_not_hold_proves_nobodys_part(at: Place) -> None:
    model = at.made("one")
    at.made("two")
    with closing(sqlite3.connect(at.home / "ledger.db", isolation_level=None)) as raw:
        raw.execute("drop trigger ledger_keeps")
        raw.execute("update ledger set actor = '王' where seq = 1")
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, LI, "now somebody else's")
    assert refused.value.code == "ledger-broken"
    assert at.store.champion() is None


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_that_says_nothing_is_refused_before_anything_is_read(at: Place, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        at.promote("no such model", WANG, reason)
    assert refused.value.code == "promotion-reason"
    assert not (at.home / "ledger.db").exists()


def test_only_the_risk_team_promotes_and_only_what_is_kept(at: Place) -> None:
    model = at.made("one")
    before = len(list(at.journal.entries()))
    for role in (Role.OFFICER, Role.ENTERPRISE, Role.REGULATOR):
        with pytest.raises(PermissionDeniedError):
            at.promote(model.fingerprint, Actor("王", role), "may I")
    with pytest.raises(InputError):
        at.promote("0000", WANG, "which")
    assert len(list(at.journal.entries())) == before


class FullDisk:
    """A journal that can be read and not written."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal

    def append(self, actor: Actor, kind: Kind, payload: Mapping[str, Plain]) -> Entry:
        raise NotReadyError("ledger-unreachable", found="ledger.db", why="disk full")

    def entries(self) -> Iterator[Entry]:
        return self._journal.entries()


def test_a_promotion_that_cannot_be_recorded_does_not_happen(at: Place) -> None:
    model = at.made("one")
    with pytest.raises(NotReadyError):
        promote(at.store, model.fingerprint, WANG, FullDisk(at.journal), "good", Evidence(at.validation))
    assert at.store.champion() is None


def test_going_back_is_promoting_an_earlier_model_again_and_the_history_tells_it_all_in_order(at: Place) -> None:
    one, two = at.made("one"), at.made("two", WANG)
    at.promote(one.fingerprint, ZHAO, "first")
    challenge(at.store, two.fingerprint, ZHAO, at.journal)
    assert at.store.challenger() == two.fingerprint
    at.promote(two.fingerprint, LI, "better in shadow")
    assert at.store.challenger() is None
    with pytest.raises(InputError) as same:
        at.promote(two.fingerprint, LI, "again")
    at.promote(one.fingerprint, ZHAO, "back: two refuses new firms")
    assert same.value.code == "already-champion"
    acts = model_history(at.journal, AUDITOR)
    assert [(act.kind.value, act.actor, act.before, act.model) for act in acts] == [
        ("model_trained", "李", None, one.fingerprint),
        ("model_validated", "陈", None, one.fingerprint),
        ("model_trained", "王", None, two.fingerprint),
        ("model_validated", "陈", None, two.fingerprint),
        ("model_promoted", "Zhao Min", None, one.fingerprint),
        ("model_challenged", "Zhao Min", one.fingerprint, two.fingerprint),
        ("model_promoted", "李", one.fingerprint, two.fingerprint),
        ("promotion_refused", "李", two.fingerprint, two.fingerprint),
        ("model_promoted", "Zhao Min", two.fingerprint, one.fingerprint),
    ]
    assert [act.seq for act in acts] == list(range(1, 10))
    assert acts[-1].reason == "back: two refuses new firms"
    shown = show_model(at.store, at.journal, two.fingerprint, at.validation, AUDITOR)
    assert [act.seq for act in shown.acts] == [3, 4, 6, 7, 8, 9]
    json.dumps(shown.as_json())


def test_the_champion_is_no_challenger_and_a_challenger_may_be_taken_away(at: Place) -> None:
    one, two = at.made("one"), at.made("two")
    at.promote(one.fingerprint, WANG, "first")
    with pytest.raises(InputError):
        challenge(at.store, one.fingerprint, WANG, at.journal)
    challenge(at.store, two.fingerprint, LI, at.journal)
    assert challenge(at.store, None, LI, at.journal) is None
    assert at.store.challenger() is None


def test_the_list_names_makers_the_champion_first_and_a_note_that_no_promotion_wrote(at: Place) -> None:
    one, two = at.made("one"), at.made("two", WANG)
    at.promote(one.fingerprint, WANG, "first")
    found = list_models(at.store, at.journal, AUDITOR)
    assert [(line.fingerprint, line.state, line.makers) for line in found.models] == [
        (one.fingerprint, "champion", ("李",)),
        (two.fingerprint, "kept", ("王",)),
    ]
    assert not found.differs
    at.store.promote(two.fingerprint)
    assert list_models(at.store, at.journal, AUDITOR).differs
    (at.home / "models" / one.fingerprint / "tables.json").write_text("{}")
    broken = {line.fingerprint: line.broken for line in list_models(at.store, at.journal, AUDITOR).models}
    assert broken[one.fingerprint] == "bundle-unreadable"


@pytest.mark.parametrize("report", ["{", "[]", '{"fingerprint": "another"}', '{"leakage": {"verdict": "passes"}}'])
def test_a_report_that_is_none_or_another_models_stops_the_promotion(at: Place, report: str) -> None:
    model = at.made("one")
    (at.validation / model.fingerprint / "validation.json").write_text(report)
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "good")
    assert refused.value.code == payload(at.last())["code"] == "validation-unreadable"
    assert at.store.champion() is None


def blocking(at: Place, model: Bundle) -> dict[str, str]:
    """Try to promote and give the checks that stop it, from the ledger's entry."""
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "good")
    assert (refused.value.code, at.store.champion()) == ("gate-refused", None)
    held = payload(at.last())
    assert held["code"] == "gate-refused"
    return {one["name"]: one["verdict"] for one in json.loads(held["gate"])["checks"] if one["blocks"]}


def test_a_model_that_nobody_validated_is_refused(at: Place) -> None:
    model = at.made("one")
    (at.validation / model.fingerprint / "validation.json").unlink()
    found = blocking(at, model)
    assert set(found) == {
        "validated",
        "independent-validation",
        "performance",
        "level",
        "stability",
        "monotonicity",
        "leakage",
    }
    assert set(found.values()) == {"missing"}
    assert payload(at.last())["validation_sha256"] is None


@pytest.mark.parametrize("typed", ["李", "  李", "李\u3000"])
def test_a_makers_own_validation_is_refused(at: Place, typed: str) -> None:
    model = at.made("one")
    report_on(at.validation, model.fingerprint, Actor(typed, Role.RISK), at.journal)
    assert blocking(at, model) == {"independent-validation": "fails"}


def test_who_made_the_parent_does_not_validate_the_child(at: Place) -> None:
    first = at.made("one", LI)
    second = at.made("two", WANG, parent=first.fingerprint)
    report_on(at.validation, second.fingerprint, LI, at.journal)
    with pytest.raises(InputError):
        at.promote(second.fingerprint, ZHAO, "good")
    report_on(at.validation, second.fingerprint, VALIDATOR, at.journal)
    at.promote(second.fingerprint, ZHAO, "good")


def test_a_report_that_nobody_recorded_or_that_another_has_signed_is_refused(at: Place) -> None:
    model = replace(small_bundle(), provenance={"metrics": GOOD, "split": {"kind": "time"}})
    keep_model(at.store, model, LI, at.journal)
    file = report_on(at.validation, model.fingerprint, VALIDATOR, None)
    assert blocking(at, model) == {"validated": "fails", "independent-validation": "fails"}
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    at.journal.append(LI, Kind.MODEL_VALIDATED, {"model": model.fingerprint, "validation_sha256": digest})
    assert blocking(at, model) == {"independent-validation": "fails"}


def test_a_report_that_was_edited_afterwards_is_refused_by_name_in_both_languages(at: Place) -> None:
    model = at.made("one")
    report_on(at.validation, model.fingerprint, VALIDATOR, at.journal, calibration={"verdict": "fails", "tested": 5})
    file = at.validation / model.fingerprint / "validation.json"
    file.write_text(file.read_text(encoding="utf-8").replace("fails", "passes"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "good")
    assert refused.value.code == payload(at.last())["code"] == "validation-edited"
    assert "改动过" in sentence(refused.value, Lang.ZH)
    assert "changed after it was written" in sentence(refused.value, Lang.EN)
    assert at.store.champion() is None


def test_an_older_report_does_not_stand_for_a_later_one(at: Place) -> None:
    model = at.made("one")
    file = at.validation / model.fingerprint / "validation.json"
    kept = file.read_bytes()
    report_on(at.validation, model.fingerprint, ZHAO, at.journal, stability=None)
    file.write_bytes(kept)
    with pytest.raises(InputError) as refused:
        at.promote(model.fingerprint, WANG, "good")
    assert refused.value.code == "validation-superseded"
    assert "Zhao Min" in sentence(refused.value, Lang.EN)


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("performance", {"performance": {"auc": 0.55, "auc_low": 0.52, "auc_high": 0.58}}),
        ("level", {"calibration": {"verdict": "fails"}}),
        ("stability", {"stability": {"psi_beyond_chance": 0.4, "psi_low": 0.3, "psi_high": 0.5}}),
        ("monotonicity", {"monotonicity": {"violations": 1}}),
        ("leakage", {"leakage": {"verdict": "fails"}}),
        ("reproduction", {"reproduction": {"verdict": "fails"}}),
        ("enterprises", {"enterprises": {"verdict": "fails"}}),
        ("refits", {"refits": {"verdict": "fails"}}),
        ("certificates", {"certificates": {"verdict": "fails"}}),
    ],
)
def test_an_area_that_fails_stops_the_promotion(at: Place, check: str, changed: dict[str, Any]) -> None:
    model = at.made("one")
    report_on(at.validation, model.fingerprint, VALIDATOR, at.journal, **changed)
    assert blocking(at, model) == {check: "fails"}


@pytest.mark.parametrize("area", ["performance", "calibration", "stability", "monotonicity", "leakage"])
def test_an_area_that_the_gate_needs_may_not_be_left_out(at: Place, area: str) -> None:
    model = at.made("one")
    report_on(at.validation, model.fingerprint, VALIDATOR, at.journal, **{area: None})
    assert blocking(at, model) == {{"calibration": "level"}.get(area, area): "missing"}


def test_leakage_may_come_from_the_training_and_long_areas_need_not_be_asked_for(at: Place) -> None:
    held = {"metrics": GOOD, "split": {"kind": "time"}, "leakage": {"verdict": "passes"}}
    model = replace(small_bundle(), provenance=held)
    keep_model(at.store, model, LI, at.journal)
    report_on(at.validation, model.fingerprint, VALIDATOR, at.journal, leakage=None)
    done = at.promote(model.fingerprint, WANG, "good")
    found = {one.check.name: one for one in done.gate.checked}
    assert found["leakage"].fact == "provenance.leakage.verdict"
    for name in ("reproduction", "enterprises", "refits", "certificates"):
        assert (found[name].verdict.value, found[name].blocks) == ("missing", False)
    assert payload(at.last())["validation_sha256"] == done_digest(at, model)


def done_digest(at: Place, model: Bundle) -> str:
    """The digest of the report as it lies there."""
    return hashlib.sha256((at.validation / model.fingerprint / "validation.json").read_bytes()).hexdigest()


def test_a_report_from_before_the_last_training_or_on_changed_evidence_is_told_and_does_not_stop(at: Place) -> None:
    model = at.made("one")
    report_on(at.validation, model.fingerprint, VALIDATOR, at.journal, evidence_unchanged=False)
    keep_model(at.store, model, LI, at.journal)
    done = at.promote(model.fingerprint, WANG, "good")
    found = {one.check.name: (one.verdict.value, one.told) for one in done.gate.checked}
    assert found["validated-after"] == ("too_little", "before")
    assert found["same-evidence"] == ("too_little", "changed")


WHO = st.sampled_from([LI, WANG, ZHAO])
ATTEMPTS = st.lists(st.tuples(WHO, st.sampled_from(["good", "weak", "nobody's"])), max_size=6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ATTEMPTS)
def test_whatever_is_tried_the_champion_is_the_last_recorded_promotion(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[tuple[Actor, str]]
) -> None:
    home = tmp_path_factory.mktemp("law")
    at = Place(home, ModelRegistry(home / "models", home / "mlruns"), SqlJournal(home / "ledger.db"))
    models = {
        "good": at.made("good"),
        "weak": at.made("weak", auc_low=0.4),
        "nobody's": at.made("nobody's", None),
    }
    for person, name in attempts:
        before = at.store.champion()
        try:
            at.promote(models[name].fingerprint, person, "try")
            assert (name, person == LI) == ("good", False)
        except CertLoanError:
            assert at.store.champion() == before
    acts = acts_of(at.journal.entries())
    promoted = [act.model for act in acts if act.kind is Kind.MODEL_PROMOTED]
    assert at.store.champion() == (promoted[-1] if promoted else None)
    assert len(acts) == 5 + len(attempts)


@pytest.mark.parametrize("content", ['{"version": 1}', "{", None])
def test_a_champion_that_can_no_longer_be_read_does_not_hold_up_its_successor(at: Place, content: str | None) -> None:
    old, new = at.made("one"), at.made("two")
    at.promote(old.fingerprint, WANG, "first")
    manifest = at.home / "models" / old.fingerprint / "bundle.json"
    manifest.unlink() if content is None else manifest.write_text(content, encoding="utf-8")
    warehouse = DuckWarehouse.open(None)
    evidence = Evidence(at.validation, warehouse)
    done = promote(at.store, new.fingerprint, WANG, at.journal, "the old one cannot be read", evidence)
    warehouse.close()
    assert (done.before, at.store.champion()) == (old.fingerprint, new.fingerprint)

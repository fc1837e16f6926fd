"""Whoever knows that a dominant feature was there on the day says so by name, with a reason, and it is told ever after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.dated_loans import fill

from certloan.domain.people import Actor, Role
from certloan.errors import InputError
from certloan.i18n import Lang, text
from certloan.report.model_card.blocks import CardFacts, Words
from certloan.report.model_card.making import made
from certloan.services.train_model import TrainConfig, train
from certloan.services.validation_case import config_of
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王", Role.RISK)
QUICK = TrainConfig(
    bags=2,
    pairs=0,
    rounds=40,
    rivals=False,
    log=False,
    features=("app_employees_stated", "app_purpose", "app_term_months"),
)


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    fill(opened)
    opened.execute(
        "update history.application set term_months = case when application_id in"
        " (select application_id from history.outcome where defaulted) then 13 else 12 end"
        " where hash(application_id) % 20 > 0"
    )
    yield opened
    opened.close()


def test_a_vouched_feature_teaches_and_the_model_says_who_would_have_been_refused_and_why(
    warehouse: DuckWarehouse, tmp_path: Path
) -> None:
    store = ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
    with pytest.raises(InputError, match="leaking-features"):
        train(warehouse, store, QUICK, RISK)
    config = replace(QUICK, vouched=("app_term_months",), vouch_reason="查过合同原件")
    report = train(warehouse, store, config, RISK)
    assert "app_term_months" in report.kept
    assert report.leakage["alone"]["vouched"] == ["app_term_months"]
    bundle = store.load(report.fingerprint)
    assert bundle.provenance["leakage"]["vouched"] == ["app_term_months"]
    assert config_of(bundle).vouched == config.vouched
    for lang in Lang:
        blocks = made(CardFacts(bundle), lang).blocks
        told = [str(block.text) for block in blocks if isinstance(block, Words)]
        assert text("card.vouched", lang, names="app_term_months", reason="查过合同原件") in told


def test_nobody_vouches_without_a_reason_or_for_a_feature_that_is_none() -> None:
    with pytest.raises(InputError, match="train-setting") as refused:
        replace(QUICK, vouched=("app_term_months",), vouch_reason=" ").plan()
    assert refused.value.facts["name"] == "vouch_reason"
    from certloan.features.catalog import CATALOG

    with pytest.raises(InputError, match="unknown-feature"):
        replace(QUICK, vouched=("app_amonut",), vouch_reason="x").offered(CATALOG)
    assert "vouched" not in QUICK.as_json()

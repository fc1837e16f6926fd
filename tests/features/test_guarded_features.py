"""What is kept for the policy, the officer or the audit never enters a model, even when it is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.features.catalog import CATALOG, for_use
from certloan.features.matrix import parts
from certloan.features.reach import columns_read
from certloan.features.spec import DerivedSpec, Spec, Use
from certloan.services.train_config import TrainConfig
from certloan.services.train_model import train
from certloan.storage.warehouse import DuckWarehouse

KEPT = [spec for spec in CATALOG if spec.use is not Use.MODEL]
#: Where a firm is, who owns it, and how the supervisor classes it.
GUARDED_COLUMNS = {
    "enterprise.region_code",
    "enterprise.ownership",
    "enterprise.risk_class",
    "application.lender_region_code",
    "application.area",
}


@pytest.mark.parametrize("spec", KEPT, ids=lambda spec: spec.name)
def test_a_kept_feature_is_refused_by_name_before_anything_is_read(spec: Spec) -> None:
    with pytest.raises(InputError, match="feature-not-for-models") as refused:
        TrainConfig(features=("app_term_months", spec.name)).offered(CATALOG)
    assert refused.value.facts["found"] == spec.name


def test_naming_none_offers_all_that_a_model_may_read_and_nothing_else() -> None:
    assert TrainConfig().offered(CATALOG) == for_use(Use.MODEL)
    assert [spec.name for spec in TrainConfig(features=("app_term_months",)).offered(CATALOG)] == ["app_term_months"]


def test_a_name_that_no_feature_has_is_told_with_those_that_are_near() -> None:
    with pytest.raises(InputError, match="unknown-feature") as refused:
        TrainConfig(features=("credit_dpd_max_6",)).offered(CATALOG)
    assert "credit_dpd_max_6m" in str(refused.value.facts["expected"])


def test_a_training_that_names_a_kept_feature_leaves_no_model(tmp_path: Path) -> None:
    class Nowhere:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the store was asked to {name}")

    warehouse = DuckWarehouse.open(None)
    risk = Actor("risk", Role.RISK)
    with pytest.raises(InputError, match="province"):
        train(warehouse, Nowhere(), TrainConfig(features=("province",)), risk)
    with pytest.raises(PermissionDeniedError):
        train(warehouse, Nowhere(), TrainConfig(features=("province",)), Actor("x", Role.OFFICER))
    warehouse.close()


def test_region_ownership_and_risk_class_are_for_the_audit_and_reach_no_model_by_any_way() -> None:
    reading = {spec.name: spec for spec in CATALOG if columns_read(spec) & GUARDED_COLUMNS}
    assert {"province", "county_group", "ownership", "app_local_lender"} <= reading.keys()
    assert [name for name, spec in reading.items() if spec.use is Use.MODEL] == []
    seen = set().union(*(columns_read(spec) for spec in CATALOG))
    assert seen >= GUARDED_COLUMNS, "a column that nothing reads would make this test prove nothing"


def test_nothing_that_a_model_reads_is_made_of_a_flag() -> None:
    flags = {spec.name for spec in CATALOG if spec.use is Use.FLAG}
    for spec in for_use(Use.FACT):
        if isinstance(spec, DerivedSpec):
            assert not {part.name for part in parts(spec)} & flags

"""The truth agrees with itself: what certificates caused, and what each action would change, adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from certloan.world import lending, standing, truth
from certloan.world.economy import Economy


@pytest.fixture(scope="module")
def told(drawn: Economy) -> pd.DataFrame:
    found: pd.DataFrame = drawn.truth.to_pandas()
    return found


def _log_odds(pd_: pd.Series[float]) -> pd.Series[float]:
    return pd_.map(lambda p: float(np.log(p / (1 - p))))


def test_every_action_has_a_column_and_no_column_an_action_unknown(drawn: Economy) -> None:
    columns = drawn.truth.column_names
    assert {name.removeprefix("pd_if_") for name in columns if name.startswith("pd_if_")} == set(truth.ACTIONS)
    assert set(truth.WITHOUT_EFFECT) < set(truth.ACTIONS)


@pytest.mark.parametrize("action", truth.ACTIONS)
def test_no_action_makes_a_default_likelier_and_some_do_nothing(told: pd.DataFrame, action: str) -> None:
    after = told[f"pd_if_{action}"]
    assert (after <= told["pd"]).all()
    assert (after == told["pd"]).all() == (action in truth.WITHOUT_EFFECT)


def test_certificates_take_away_what_they_cause_and_never_more(told: pd.DataFrame) -> None:
    share = told["certificate_share"]
    moved = share > 0
    assert 0.25 < moved.mean() < 0.55
    expected = 1 - told["pd"] / told["pd_without_certificates"]
    assert np.allclose(share, expected, atol=2e-3 / told["pd"].clip(lower=1e-3))
    assert (share < 0.25).all()
    lift = lending.PER_QUALITY * standing.SYSTEM_LIFTS_QUALITY
    sizeable = moved & (told["pd"] > 0.01)
    change = _log_odds(told["pd"]) - _log_odds(told["pd_without_certificates"])
    assert np.allclose(change[sizeable], lift, atol=1e-3)
    assert (told.loc[~moved, "pd"] - told.loc[~moved, "pd_without_certificates"]).abs().max() == 0


def test_a_system_helps_exactly_those_who_keep_none(told: pd.DataFrame) -> None:
    keeps = told["pd_without_certificates"] > told["pd"]
    gains = told["pd_if_obtain_qms"] < told["pd"]
    some = told["pd"] > 1e-4
    assert (keeps ^ gains)[some].all()
    for action in ("renew_certificate", "pass_surveillance"):
        helped = told[f"pd_if_{action}"] < told["pd"]
        assert helped.any()
        assert (told.loc[helped, f"pd_if_{action}"] == told.loc[helped, "pd_if_obtain_qms"]).all()
    both = (told["pd_if_renew_certificate"] < told["pd"]) & (told["pd_if_pass_surveillance"] < told["pd"])
    assert not both.any()


def test_putting_a_failure_right_helps_those_with_a_failure_that_stands(drawn: Economy, told: pd.DataFrame) -> None:
    helped = told[told["pd_if_rectify_inspection"] < told["pd"]]
    checks = (
        drawn.tables["inspection"].to_pandas().sort_values("known_on").drop_duplicates("inspection_no", keep="last")
    )
    failed = checks[(checks["verdict"] == "nonconforming") & (checks["objection"] != "upheld")]
    merged = helped.merge(failed, on="uscc")
    applied = pd.to_datetime(merged["applied_on"])
    told_on, put_right = pd.to_datetime(merged["notified_on"]), pd.to_datetime(merged["rectified_on"])
    stands = (told_on <= applied) & ~(put_right <= applied)
    assert set(merged.loc[stands, "application_id"]) == set(helped["application_id"])
    change = _log_odds(helped["pd_if_rectify_inspection"]) - _log_odds(helped["pd"])
    assert np.allclose(change[helped["pd"] > 0.01], -standing.OPEN_FAILURE, atol=1e-3)


def test_kept_systems_lower_defaults_among_firms_that_are_alike_in_everything_else(told: pd.DataFrame) -> None:
    """What a certificate tells is far more than what it does: the raw difference must exceed the caused one."""
    keeps = told["certificate_share"] > 0
    raw = 1 - told.loc[keeps, "pd"].mean() / told.loc[~keeps, "pd"].mean()
    caused = 1 - told.loc[keeps, "pd"].sum() / told.loc[keeps, "pd_without_certificates"].sum()
    assert raw > 1.5 * caused
    assert 0.1 < caused < 0.25

"""What the world claims to be: latent causes, base rates, a confounder, and columns that tell nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from certloan.world.economy import Economy


@pytest.fixture(scope="module")
def truth(drawn: Economy) -> pd.DataFrame:
    truth: pd.DataFrame = drawn.truth.to_pandas()
    return truth


def _held(drawn: Economy, scheme: str) -> pd.Index[str]:
    table: pd.DataFrame = drawn.tables["certificate"].to_pandas()
    held: pd.Index[str] = pd.Index(table.loc[table["scheme"] == scheme, "uscc"].unique().tolist())
    return held


def _by_fifth(frame: pd.DataFrame, by: str) -> list[float]:
    return frame.groupby(pd.qcut(frame[by], 5, labels=False))["pd"].mean().tolist()


@pytest.mark.parametrize(("latent", "spread"), [("strength", 4.0), ("quality", 2.5)])
def test_the_true_probability_of_default_falls_with_strength_and_with_quality(
    truth: pd.DataFrame, latent: str, spread: float
) -> None:
    fifths = _by_fifth(truth, latent)
    assert all(left > right * 1.1 for left, right in pairwise(fifths))
    assert fifths[0] > spread * fifths[-1]


def test_quality_matters_among_firms_of_equal_strength_and_size(truth: pd.DataFrame) -> None:
    alike = truth[(truth["strength"].abs() < 0.5) & (truth["size"].abs() < 0.7)]
    fifths = _by_fifth(alike, "quality")
    assert len(alike) > 500
    assert fifths[0] > 2 * fifths[-1]


def test_defaults_happen_as_often_as_the_true_probability_says(truth: pd.DataFrame) -> None:
    tenths = pd.qcut(truth["pd"], 10, labels=False)
    told = truth.groupby(tenths).agg(pd=("pd", "mean"), seen=("defaulted", "mean"), n=("pd", "size"))
    error: pd.Series[float] = (told["seen"] - told["pd"]).abs() / np.sqrt(told["pd"] * (1 - told["pd"]) / told["n"])
    assert error.max() < 4


def test_between_five_and_seven_in_a_hundred_granted_loans_default(drawn: Economy) -> None:
    rate = drawn.tables["outcome"].to_pandas()["defaulted"].mean()
    assert 0.045 < rate < 0.075


def test_the_bank_of_the_day_chose_so_that_the_refused_were_worse(truth: pd.DataFrame) -> None:
    assert 0.6 < truth["granted"].mean() < 0.9
    assert truth.loc[~truth["granted"], "pd"].mean() > 1.5 * truth.loc[truth["granted"], "pd"].mean()


def test_about_nine_in_a_hundred_inspected_batches_fail(drawn: Economy) -> None:
    batches = drawn.tables["inspection"].to_pandas().drop_duplicates("inspection_no")
    assert 0.075 < (batches["verdict"] == "nonconforming").mean() < 0.11


def test_the_schemes_relate_to_each_other_as_in_the_country(drawn: Economy) -> None:
    quality, environment, health = (len(_held(drawn, scheme)) for scheme in ("A01", "A02", "A03"))
    assert abs(environment / quality - 524 / 908) < 0.06
    assert abs(health / quality - 475 / 908) < 0.06


def test_size_confounds_certificates_and_quality_shows_beyond_it(drawn: Economy, truth: pd.DataFrame) -> None:
    firms = truth.drop_duplicates("uscc").set_index("uscc")
    certified = firms.index.isin(_held(drawn, "A01"))
    assert firms.loc[certified, "size"].mean() > firms.loc[~certified, "size"].mean() + 0.4
    same_size = firms[firms["size"].abs() < 0.4]
    certified = same_size.index.isin(_held(drawn, "A01"))
    assert same_size.loc[certified, "quality"].mean() > same_size.loc[~certified, "quality"].mean() + 0.3


def test_a_regional_brand_stands_on_three_management_systems(drawn: Economy) -> None:
    brand = _held(drawn, "PZB")
    assert len(brand) > 50
    for scheme in ("A01", "A02", "A03"):
        assert brand.isin(_held(drawn, scheme)).mean() > 0.8
    assert all(code[2:4] == "33" for code in brand)


def test_trademarks_and_the_name_of_the_product_tell_nothing_of_default(drawn: Economy, truth: pd.DataFrame) -> None:
    marks = drawn.tables["innovation"].to_pandas()
    marks = marks[marks["kind"] == "trademark"].groupby("uscc").size()
    firms = truth.drop_duplicates("uscc").set_index("uscc")
    firms = firms[firms.index.str.startswith("91") & (firms["size"].abs() < 0.5)]
    many = firms.index.map(marks).fillna(0) >= 4
    pair = np.log(firms.loc[many, "pd"]), np.log(firms.loc[~many, "pd"])
    error = float(np.sqrt(sum(side.var() / len(side) for side in pair)))
    assert abs(pair[0].mean() - pair[1].mean()) < 4 * error
    merged = truth.merge(drawn.tables["application"].to_pandas()[["application_id", "product"]])
    by_product = merged.groupby("product")["pd"].agg(["mean", "sem"])
    assert ((by_product["mean"] - merged["pd"].mean()).abs() < 4 * by_product["sem"]).all()


def test_weak_firms_withhold_their_figures_more_often(drawn: Economy, truth: pd.DataFrame) -> None:
    reports = drawn.tables["annual_report"].to_pandas()
    reports = reports[(reports["year"] == 2023) & reports["uscc"].str.startswith("91")]
    strength = reports["uscc"].map(truth.drop_duplicates("uscc").set_index("uscc")["strength"])
    hidden = reports["revenue"].isna()
    assert hidden[strength < -0.7].mean() > hidden[strength > 0.7].mean() + 0.1


def test_payments_are_missed_more_often_by_the_weak_long_before_any_default(
    drawn: Economy, truth: pd.DataFrame
) -> None:
    sound = truth[~truth["defaulted"]].drop_duplicates("uscc").set_index("uscc")["strength"]
    months = drawn.tables["credit_month"].to_pandas()
    strength = months["uscc"].map(sound)
    late = (months["days_past_due"] > 0) & (months["days_past_due"] <= 90)
    assert late[strength < -0.7].mean() > 3 * late[strength > 0.7].mean()


def test_about_a_tenth_of_the_firms_show_their_invoices(drawn: Economy) -> None:
    invoices = drawn.tables["invoice"].to_pandas()
    firms = drawn.tables["enterprise"].to_pandas()["uscc"].nunique()
    assert 0.07 < invoices["uscc"].nunique() / firms < 0.11
    assert (invoices.loc[invoices["status"] == "red_letter", "net"] < 0).all()
    assert (invoices.loc[invoices["status"] != "red_letter", "net"] > 0).all()
    per_month = invoices.groupby(pd.to_datetime(invoices["invoiced_on"]).dt.month).size()
    assert per_month[2] < 0.8 * per_month[10]

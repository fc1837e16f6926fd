"""The prior of an industry's failures: by month, from what was known by its first day, and never rewritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certloan.features.catalog import by_name
from certloan.features.shrinkage import NATIONAL, Firms, prior
from certloan.services.build_features import build_matrix
from certloan.services.inspection_prior import ALL, PriorRow, inspection_priors
from certloan.services.refresh_derived import refresh_derived
from certloan.storage.warehouse import DuckWarehouse

D = dt.date
LAW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
Batch = tuple[str, dt.date, str, dt.date | None]


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    yield opened
    opened.close()


def put(warehouse: DuckWarehouse, batches: Sequence[Batch]) -> None:
    """Write inspections: of whom, when, with which verdict, void from when; known a month later."""
    for number, (uscc, day, verdict, void) in enumerate(batches):
        warehouse.execute(
            "insert into history.inspection (uscc, inspection_no, inspected_on, happened_on, known_on, verdict, void_on)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            [uscc, f"{number}-{day}", day, day, day + dt.timedelta(days=30), verdict, void],
        )


def register(warehouse: DuckWarehouse, uscc: str, industry: str) -> None:
    day = D(2010, 1, 1)
    warehouse.execute(
        "insert into history.enterprise (uscc, name, industry_code, registered_on, happened_on, known_on)"
        " values (?, 'x', ?, ?, ?, ?)",
        [uscc, industry, day, day, day],
    )


def rows_of(warehouse: DuckWarehouse, code: str = ALL) -> dict[dt.date, PriorRow]:
    return {row.valid_from: row for row in inspection_priors(warehouse) if row.code == code}


def failing(count: int, day: dt.date = dt.date(2023, 5, 10), name: str = "F") -> list[Batch]:
    """Give ``count`` enterprises with a failing and four clean batches each."""
    clean = [(f"{name}{firm}", day, "no_nonconformity", None) for firm in range(count) for _ in range(4)]
    return [*clean, *((f"{name}{firm}", day, "nonconforming", None) for firm in range(count))]


def test_without_evidence_there_is_no_row_and_the_national_rate_holds(warehouse: DuckWarehouse) -> None:
    assert list(inspection_priors(warehouse)) == []
    assert prior([]) is NATIONAL


def test_a_month_knows_what_was_known_and_final_on_its_first_day(warehouse: DuckWarehouse) -> None:
    put(warehouse, [*failing(40), ("late", D(2023, 9, 1), "no_nonconformity", None)])
    found = rows_of(warehouse)
    # Known on 9 June; the 15 days of the objection have passed by July.
    assert min(found) == D(2023, 7, 1)
    assert found[D(2023, 7, 1)].prior_mean == pytest.approx(0.2)
    assert found[D(2023, 7, 1)].valid_to == D(2023, 8, 1)
    assert found[max(found)].valid_to is None


def test_a_void_failure_leaves_the_prior_on_its_day(warehouse: DuckWarehouse) -> None:
    gone = [(f"G{n}", D(2023, 5, 10), "nonconforming", D(2023, 8, 15)) for n in range(40)]
    put(warehouse, [*failing(40), *gone, ("late", D(2023, 9, 1), "no_nonconformity", None)])
    found = rows_of(warehouse)
    assert found[D(2023, 8, 1)].prior_mean == pytest.approx(80 / 240, abs=1e-4)
    assert found[D(2023, 9, 1)].prior_mean == pytest.approx(0.2)


def test_an_industry_with_little_evidence_has_the_prior_of_all(warehouse: DuckWarehouse) -> None:
    put(warehouse, [*failing(60), *failing(2, name="S")])
    for firm in range(60):
        register(warehouse, f"F{firm}", "3491")
    register(warehouse, "S0", "1411")
    month = D(2023, 7, 1)
    assert rows_of(warehouse, "34")[month].prior_mean == pytest.approx(0.2)
    assert rows_of(warehouse, "14")[month].prior_mean == rows_of(warehouse)[month].prior_mean


_DAYS = st.integers(0, 700).map(lambda days: D(2022, 1, 1) + dt.timedelta(days=days))
_DRAWN = st.lists(
    st.tuples(
        st.sampled_from([f"E{n}" for n in range(6)]),
        _DAYS,
        st.sampled_from(("nonconforming", "no_nonconformity")),
        st.none(),
    ),
    min_size=1,
    max_size=60,
)


@LAW
@given(told=_DRAWN, later=_DRAWN, month=st.integers(0, 30))
def test_what_becomes_known_later_never_changes_an_earlier_month(
    told: list[Batch], later: list[Batch], month: int
) -> None:
    first = D(2022, 1, 1) + dt.timedelta(days=30 * month)
    after = [(who, day + (first - D(2022, 1, 1)), verdict, void) for who, day, verdict, void in later]
    opened = DuckWarehouse.open(None)
    try:
        put(opened, told)
        before = {row.valid_from: row for row in inspection_priors(opened) if row.code == ALL and row.valid_to}
        put(opened, [(f"L{who}", day, verdict, void) for who, day, verdict, void in after])
        since = {row.valid_from: row for row in inspection_priors(opened) if row.code == ALL}
    finally:
        opened.close()
    known_from = first + dt.timedelta(days=30)
    for day, row in before.items():
        if day < known_from:
            assert since[day] == row


def test_the_feature_reads_the_prior_of_its_industry_and_month(warehouse: DuckWarehouse) -> None:
    put(warehouse, failing(60))
    for firm in range(60):
        register(warehouse, f"F{firm}", "3491")
    refresh_derived(warehouse)
    (row,) = (row for row in inspection_priors(warehouse) if row.code == "34")
    asked = pa.table({"application_id": ["A"], "uscc": ["F0"], "as_of": [D(2023, 7, 15)]})
    told = build_matrix(warehouse, asked, (by_name("insp_fail_share_36m"),)).to_pylist()[0]["insp_fail_share_36m"]
    assert told == pytest.approx((1 + row.prior_mean * row.prior_strength) / (5 + row.prior_strength))


def test_a_second_load_adds_months_and_leaves_those_before_as_they_were(warehouse: DuckWarehouse) -> None:
    put(warehouse, failing(30))
    refresh_derived(warehouse)
    held = "select * from derived.inspection_prior where valid_from < '2023-07-01' order by all"
    before: list[Any] = warehouse.query(held).to_pylist()
    put(warehouse, failing(30, D(2023, 11, 10), "N"))
    refresh_derived(warehouse, ["inspection"])
    assert warehouse.query(held).to_pylist() == before
    months = warehouse.query("select distinct valid_from from derived.inspection_prior order by all")
    assert months.num_rows == 7
    assert (
        warehouse.query("select count(*) as n from derived.inspection_prior where valid_to is null")["n"][0].as_py()
        == 98
    )


@pytest.mark.parametrize("strength", [4.0, 12.0])
def test_the_strength_of_beta_binomial_batches_is_found_again(strength: float) -> None:
    rng = np.random.default_rng(20261120)
    batches = rng.integers(1, 9, 30_000)
    failed = rng.binomial(batches, rng.beta(0.1 * strength, 0.9 * strength, len(batches)))
    found = prior(Firms(int(n), int(f), 0, 1) for n, f in zip(batches, failed, strict=True))
    assert found.mean == pytest.approx(0.1, abs=0.004)
    assert found.strength == pytest.approx(strength, rel=0.15)


@LAW
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(1, 5000)).filter(
            lambda drawn: drawn[1] <= drawn[0]
        ),
        max_size=12,
    )
)
def test_a_prior_is_a_rate_and_a_number_of_batches_whatever_the_evidence(told: list[tuple[int, int, int]]) -> None:
    found = prior(Firms(n, f, f // 2, firms) for n, f, firms in told)
    assert 0 < found.mean <= 1
    assert 0 <= found.safety <= 1
    assert 1 <= found.strength <= 100

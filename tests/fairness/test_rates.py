"""Rates by group: everybody is shown, and a verdict needs evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from certloan.fairness.rates import AttributeRates, GroupRate, Verdict, approval_rates
from certloan.i18n import Lang, text


def rates(counts: dict[str | None, tuple[int, int]], levels: Sequence[str] = ()) -> AttributeRates:
    groups = [group for group, (_, people) in counts.items() for _ in range(people)]
    approved = np.array([place < yes for yes, people in counts.values() for place in range(people)], dtype=bool)
    return approval_rates("size_class", ("企业规模", "size class"), groups, approved, levels)


def of(report: AttributeRates, code: str) -> GroupRate:
    return next(group for group in report.groups if group.code == code)


def test_every_level_is_shown_even_with_nobody_in_it() -> None:
    report = rates({"micro": (50, 100), "exotic": (2, 4), None: (1, 2)}, ("large", "micro"))
    assert [group.code for group in report.groups] == ["large", "micro", "exotic", "unknown"]
    empty = of(report, "large")
    assert (empty.n, empty.rate, empty.low, empty.ratio, empty.verdict) == (0, None, None, None, Verdict.NOT_ENOUGH)
    assert sum(group.n for group in report.groups) == 106


def test_the_largest_known_group_is_the_reference() -> None:
    report = rates({"small": (50, 100), None: (400, 500), "micro": (100, 300)})
    assert report.reference == "micro"
    assert of(report, "micro").verdict is Verdict.REFERENCE
    assert of(report, "micro").ratio == 1.0


def test_three_verdicts_are_read_from_the_whole_interval() -> None:
    report = rates(
        {"micro": (3000, 5000), "small": (2950, 5000), "medium": (400, 1000), "large": (48, 100), "state": (990, 1000)}
    )
    assert of(report, "small").verdict is Verdict.WITHIN
    assert of(report, "medium").verdict is Verdict.OUTSIDE
    assert of(report, "large").verdict is Verdict.NOT_ENOUGH
    assert of(report, "state").verdict is Verdict.OUTSIDE


def test_a_handful_of_people_gets_no_verdict_however_extreme() -> None:
    report = rates({"micro": (900, 1000), "large": (0, 29)})
    large = of(report, "large")
    assert large.verdict is Verdict.NOT_ENOUGH
    assert large.ratio_high is not None
    assert large.ratio_high < 0.8


def test_without_anybody_or_any_approval_there_is_no_ratio() -> None:
    assert [group.ratio for group in rates({}, ("large", "micro")).groups] == [None, None]
    assert of(rates({"micro": (0, 100), "small": (5, 50)}), "small").ratio is None


def test_labels_come_in_both_languages() -> None:
    report = rates({"micro": (1, 2), None: (1, 2), "code-x": (0, 1)})
    assert [group.label(Lang.ZH) for group in report.groups] == ["code-x", "微型", "未知"]
    assert report.label("en") == "size class"
    assert all(text(f"fairness.verdict.{verdict}", lang) for verdict in Verdict for lang in Lang)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]), st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4
    )
)
def test_every_interval_holds_what_was_observed(counts: dict[str | None, tuple[int, int]]) -> None:
    report = rates({group: (min(pair), max(pair)) for group, pair in counts.items()})
    for group in report.groups:
        if group.rate is not None:
            assert group.low is not None
            assert group.high is not None
            assert group.low <= group.rate <= group.high
        if group.ratio is not None and group.ratio_low is not None and group.ratio_high is not None:
            assert group.ratio_low <= group.ratio <= group.ratio_high
        assert (group.ratio is None) == (group.ratio_low is None) == (group.ratio_high is None)

"""Numbers and labels as people read them."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from certloan.explain.wording import yuan_told
from certloan.i18n import Lang
from certloan.ui.components import html
from certloan.ui.words import columns, named, wrapped

LABELS = some.text(some.sampled_from("近个月最长逾期天数（）abc defgh, 12"), max_size=60)


@given(label=LABELS, width=some.integers(8, 30), lines=some.integers(1, 3))
def test_a_wrapped_label_keeps_to_its_width_and_its_lines(label: str, width: int, lines: int) -> None:
    rows = wrapped(label, width, lines)
    assert len(rows) <= lines
    longest = max((columns(word) for word in label.split()), default=0)
    assert all(columns(row) <= max(width, longest) for row in rows)


@given(label=LABELS)
def test_a_label_that_fits_loses_nothing(label: str) -> None:
    rows = wrapped(label, 200, 2)
    assert "".join("".join(rows).split()) == "".join(label.split())


def test_no_line_begins_with_a_closing_bracket_or_ends_with_an_opening_one() -> None:
    for width in range(8, 30):
        rows = wrapped("有效认证审核数（一审多证计一次）的数量", width, 9)
        assert not any(row.startswith("）") or row.endswith("（") for row in rows)


@given(amount=some.decimals(0, 10**11, places=2))
def test_money_in_yuan_says_the_amount_to_the_yuan(amount: Decimal) -> None:
    assert abs(Decimal(yuan_told(amount, Lang.EN).lstrip("¥").replace(",", "")) - amount) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("amount", "told"), [(0, "0 元"), (5_000, "5,000 元"), (12_345_678, "1,234.57 万元"), (10**8, "1 亿元")]
)
def test_money_in_chinese_is_counted_in_yuan_wan_and_yi(amount: int, told: str) -> None:
    assert yuan_told(Decimal(amount), Lang.ZH) == told


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@given(name=some.text(some.sampled_from("<>\"'&;/ab 公=onclick")))
def test_no_value_becomes_markup(name: str) -> None:
    pieces = (
        html.badge(name, "good"),
        html.cards([html.card(name, name, name)]),
        html.facts([(name, name)]),
        html.items([html.item(name, name, "bad", [name])]),
        html.table([name], [[name]], numeric=[0]),
    )
    for piece in pieces:
        reader = _Reader()
        reader.feed(piece)
        assert reader.tags <= {"span", "div", "em", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
        assert name.strip() in reader.words


@given(
    head=some.text(some.sampled_from("质量管理 system"), min_size=1, max_size=40),
    number=some.from_regex(r"[0-9]{5}[A-Z0-9]{3,11}", fullmatch=True),
)
def test_a_certificate_keeps_its_whole_number_in_its_label(head: str, number: str) -> None:
    assert named(f"{head} {number}")[-1].endswith(number)

"""Names and numbers stay whole in a terminal of 80 columns; nothing is ever cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from certloan.cli.commands.portrait import bar
from certloan.cli.console import Console
from certloan.cli.show_models import history, model_list
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text
from certloan.ledger.entry import Kind
from certloan.services.list_models import ModelLine, ModelList
from certloan.services.model_history import ModelAct
from certloan.services.portray import SideTold

WORDS = some.text(some.sampled_from("abcdef _质量"), min_size=1, max_size=40)


@pytest.fixture(autouse=True)
def eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("lang", list(Lang))
def test_a_delivery_is_told_without_a_broken_name_or_heading(lang: Lang, capsys: pytest.CaptureFixture[str]) -> None:
    texts = Texts(lang)
    heads = ["table", "rows", "accepted", "quarantined", "duplicate", "superseding", "unchanged"]
    told = [texts(f"column.{head}") for head in heads]
    row = ("certificate_event", 123456, 123400, 12, 3, 0, 0)
    Console(texts).table("", told, [row], figures=range(1, 7), whole=[0])
    printed = capsys.readouterr().out
    assert all(word in printed for word in (*told, "certificate_event", "123456"))
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("lang", list(Lang))
def test_a_bar_and_the_name_beside_it_keep_to_one_line(lang: Lang, capsys: pytest.CaptureFixture[str]) -> None:
    side = SideTold("s", "体系管理", "Quality management", "", "", 70.0, 95.0, 43.0, 98.0, 50.0, ())
    row = (bar(side), side.name_en, "70", "95", side.standing_told(lang))
    heads = ["", *(text(f"portrait.{key}", lang) for key in ("side", "score", "most", "percentile"))]
    Console(Texts(lang)).table("", heads, [row], figures=(2, 3), whole=(0, 1))
    printed = capsys.readouterr().out
    assert bar(side) in printed
    assert "Quality management" in printed
    assert "43%–98%" in printed


def test_a_sentence_gives_way_to_the_name_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    Console(Texts(Lang.EN)).table(
        "", ["feature", "meaning"], [("cert_third_party_audits_of_36m", "distinct audits " * 12)], whole=[0]
    )
    assert "cert_third_party_audits_of_36m" in capsys.readouterr().out


@given(rows=some.lists(some.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=3))
def test_whatever_stands_in_a_table_no_letter_is_lost(rows: list[tuple[str, ...]]) -> None:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        Console(Texts(Lang.EN)).table("", ["a", "b", "c", "d"], rows, figures=[2], whole=[0, 1])
    for letter in "abcdef_质量":
        held = sum(cell.count(letter) for row in rows for cell in row)
        printed = out.getvalue().count(letter)
        assert printed >= held


@pytest.mark.parametrize("lang", list(Lang))
def test_models_and_their_history_are_told_without_a_broken_date_code_or_fingerprint(
    lang: Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, model = Texts(lang), "0123456789abcdef" * 4
    line = ModelLine(model, "challenger", ("演示建模员",), "2026-11-20T16:01:09Z", "scorecard", None, 12926, 749)
    line = replace(line, auc=0.826, auc_low=0.764, auc_high=0.875)
    model_list(ModelList((line,), None, None), texts, Console(texts))
    act = ModelAct(
        4,
        "2026-11-20T16:01:09Z",
        Kind.PROMOTION_REFUSED,
        "李娜",
        "risk",
        model,
        "b" * 64,
        None,
        "why",
        "gate-refused",
        None,
        None,
    )
    history([act], texts, Console(texts))
    printed = capsys.readouterr().out
    for told in (model[:12], "2026-11-20", "16:01", "0.764–0.875", "12,926", "b" * 12, texts("models.kind.scorecard")):
        assert told in printed
    assert texts("models.state.challenger") in printed
    assert texts("models.act.promotion_refused") in printed

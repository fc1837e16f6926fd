"""What the predicate language accepts, and how it says no."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import types
from certloan.errors import InputError
from certloan.expressions import Type, parse
from certloan.i18n import Lang, sentence

COLUMNS = {
    "a": Type.NUMBER,
    "b": Type.NUMBER,
    "d": Type.DATE,
    "e": Type.DATE,
    "t": Type.TEXT,
    "f": Type.BOOLEAN,
    "limit": Type.NUMBER,
    "list": Type.TEXT,
}


@pytest.mark.parametrize(
    ("source", "type_", "columns"),
    [
        ("limit > 1 and list in ('x', 'y')", Type.BOOLEAN, {"limit", "list"}),
        ("case when f then d else '2024-01-01' end", Type.DATE, {"f", "d"}),
        ("case t when 'a' then 1 when 'b' then 2.5 end", Type.NUMBER, {"t"}),
        ("coalesce(d, e, '2020-01-01') between '2019-12-31' and e", Type.BOOLEAN, {"d", "e"}),
        ("not (t like '浙%' or f) and a is not null", Type.BOOLEAN, {"t", "f", "a"}),
        ("add_months(month_end(d), -3)", Type.DATE, {"d"}),
        ('"limit" / 2', Type.NUMBER, {"limit"}),
        ("f = (a < b)", Type.BOOLEAN, {"a", "b", "f"}),
        ("to_text(round(a, 2))", Type.TEXT, {"a"}),
        ("t = 'it''s'", Type.BOOLEAN, {"t"}),
    ],
)
def test_an_expression_knows_its_type_and_its_columns(source: str, type_: Type, columns: set[str]) -> None:
    expression = parse(source, COLUMNS, expect=None)
    assert expression.type is type_
    assert expression.columns == columns


@pytest.mark.parametrize(
    ("source", "code", "offset"),
    [
        ("", "expression-empty", 0),
        ("  \n ", "expression-empty", 0),
        ("a > 1; drop table x", "expression-not-allowed", 5),
        ("a > 1 -- and more", "expression-not-allowed", 6),
        ("a /* x */ > 1", "expression-not-allowed", 2),
        ("a > 1 /* open", "expression-unfinished-text", 6),
        ("a in (select 1)", "expression-syntax", 13),
        ("(select 1) > 0", "expression-syntax", 8),
        ("exists(select 1)", "expression-syntax", 14),
        ("a in b", "expression-not-allowed", 0),
        ("a in ()", "expression-not-allowed", 0),
        ("count(*) > 1", "expression-unknown-function", 0),
        ("coalesce(*) > 1", "expression-not-allowed", 0),
        ("row_number() over () > 1", "expression-syntax", 13),
        ("a::integer > 1", "expression-not-allowed", 1),
        ("cast(a as integer) > 1", "expression-syntax", 7),
        ("t || 'x' = 'y'", "expression-not-allowed", 2),
        ("a > ?", "expression-not-allowed", 4),
        ("a > $1", "expression-not-allowed", 4),
        ("t = 'a' 'b'", "expression-not-allowed", 4),
        ("t = E'a'", "expression-not-allowed", 4),
        ("t = $$a$$", "expression-not-allowed", 4),
        ("t = 'open", "expression-unfinished-text", 4),
        ("a = 1e5", "expression-bad-number", 4),
        ("a = 0x1F", "expression-syntax", 5),
        ("a = \x00", "expression-not-allowed", 4),
        ("amonut > 1", "expression-unknown-column", 0),
        ("a > 1 and yaer(d) = 1", "expression-unknown-function", 10),
        ("year(d, e) = 1", "expression-argument-count", 0),
        ("a + t > 1", "expression-wrong-type", 4),
        ("a > t", "expression-wrong-type", 4),
        ("d = 1", "expression-wrong-type", 4),
        ("d > t", "expression-wrong-type", 4),
        ("f > f", "expression-wrong-type", 0),
        ("a", "expression-wrong-type", 0),
        ("a and f", "expression-wrong-type", 0),
        ("not a", "expression-wrong-type", 4),
        ("case when f then a else t end = 1", "expression-wrong-type", 24),
        ("greatest(f, f)", "expression-wrong-type", 9),
        ("null", "expression-wrong-type", 0),
        ("a = null", "expression-null-compared", 0),
        ("a in (1, null)", "expression-null-compared", 0),
        ("d > '2024-02-30'", "expression-bad-date", 4),
        ("d > '2024-2-3'", "expression-bad-date", 4),
        ("t like t", "expression-not-constant", 7),
        ("t like 'a\\_b'", "expression-not-constant", 7),
        ("substring(t, 0, 2) = 'a'", "expression-not-constant", 13),
        ("round(a, b) = 1", "expression-not-constant", 9),
        ("to_date(t, '%d/%m') = d", "expression-not-constant", 11),
        ("to_date(t, '%H-%d-%m') = d", "expression-not-constant", 11),
        ("split_part(t, '', 1) = 'a'", "expression-not-constant", 14),
        ("(" * 40 + "f" + ")" * 40, "expression-too-deep", 24),
        ("not " * 40 + "f", "expression-too-deep", 96),
        ("f and " * 300 + "f", "expression-too-deep", None),
        ("a + " * 300 + "a > 1", "expression-too-deep", None),
        ("f or " * 3000 + "f", "expression-too-long", None),
        ("a b", "expression-syntax", 2),
        ("a >", "expression-syntax", 2),
        ("(a > 1", "expression-syntax", 5),
        ("a > 1)", "expression-syntax", 5),
        ("a, b", "expression-syntax", 1),
        ("a as b", "expression-syntax", 2),
        ("interval '1' day > d", "expression-syntax", 9),
        ("a is true", "expression-not-allowed", 0),
        ("a between symmetric 1 and 2", "expression-unknown-column", 10),
        ("x.a > 1", "expression-not-allowed", 1),
    ],
)
def test_everything_else_is_refused_with_its_place(source: str, code: str, offset: int | None) -> None:
    with pytest.raises(InputError) as caught:
        parse(source, COLUMNS)
    assert caught.value.code == code
    if offset is not None:
        assert caught.value.facts["offset"] == offset
    for lang in Lang:
        assert str(caught.value.facts["found"]) in sentence(caught.value, lang) or code == "expression-empty"


def test_a_refusal_names_line_and_column_and_what_was_probably_meant() -> None:
    with pytest.raises(InputError) as caught:
        parse("f and\n  Limit > 1", COLUMNS)
    assert (caught.value.facts["line"], caught.value.facts["column"]) == (2, 3)
    assert caught.value.facts["expected"] == "limit"
    assert "第 2 行第 3 列" in sentence(caught.value, Lang.ZH)
    assert "did you mean: limit?" in sentence(caught.value, Lang.EN)


def test_names_and_texts_cannot_leave_their_quotes() -> None:
    columns = {'x" or 1=1 --': Type.TEXT}
    source = "\"x\"\" or 1=1 --\" = ''' or 1=1 --\\'"
    assert parse(source, columns).sql() == """("x"" or 1=1 --" = ''' or 1=1 --\\')"""
    assert parse(source, columns).sql("spark", qualify="r") == r"""(`r`.`x" or 1=1 --` = '\' or 1=1 --\\')"""


def test_every_contract_speaks_the_language() -> None:
    for contract in CONTRACTS.values():
        known = types(contract)
        assert {"happened_on", "known_on", "void_on"} <= known.keys()
        parse(contract.happened_on, known, expect=Type.DATE)
        for rule in contract.rules:
            assert parse(rule.holds, known).columns <= set(rule.columns) | {"kind"}


_PIECES = st.sampled_from(
    [
        "a",
        "b",
        "d",
        "t",
        "f",
        "limit",
        "list",
        "(",
        ")",
        ",",
        "'",
        "''",
        '"',
        "=",
        "<>",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "null",
        "like",
        "case",
        "when",
        "then",
        "else",
        "end",
        "true",
        "false",
        "1",
        "2.5",
        "'x'",
        "'2024-01-01'",
        "year(",
        "coalesce(",
        "to_date(",
        "'%Y'",
        "select",
        "from",
        "distinct",
        "over",
        "partition",
        "by",
        "order",
        "cast",
        "as",
        "::",
        "->",
        "=>",
        "||",
        ";",
        "--",
        "/*",
        "*/",
        ".",
        "[",
        "]",
        "{",
        "}",
        "@",
        "$",
        "$$",
        "?",
        "#",
        "~",
        "^",
        "&",
        "|",
        "%",
        "//",
        "\\",
        "E'x'",
        "x'1'",
        "1e5",
        "any(",
        "all(",
        "exists(",
        "interval",
        "date",
        "timestamp",
        "filter",
        "(",
        "within",
        "group",
        "lateral",
        "unnest(",
        "values",
        "map",
        "array",
        "struct(",
        "lambda",
        "escape",
        "ilike",
        "similar",
        "collate",
        "at",
        "time",
        "zone",
        "is",
        "distinct",
        "from",
        "isnull",
        "notnull",
        "浙",
        "\n",
        "\t",
        "\x00",
        "\u2028",
        "\ufeff",
    ]
)


@given(st.text(max_size=60))
def test_no_text_ever_raises_anything_but_an_input_error(source: str) -> None:
    _only_input_errors(source)


@given(st.lists(_PIECES, max_size=25).map(" ".join))
def test_no_heap_of_tokens_ever_raises_anything_but_an_input_error(source: str) -> None:
    _only_input_errors(source)


@given(st.lists(_PIECES, min_size=1, max_size=4).map(" ".join), st.integers(1, 500))
def test_no_repetition_ever_raises_anything_but_an_input_error(piece: str, times: int) -> None:
    _only_input_errors((piece + " ") * times)


def _only_input_errors(source: str) -> None:
    try:
        expression = parse(source, COLUMNS, expect=None)
    except InputError as refused:
        wordings = [sentence(refused, lang) for lang in Lang]
    else:
        wordings = [expression.sql(), expression.sql("spark", qualify="r")]
        assert expression.columns <= COLUMNS.keys()
    assert all(wordings)

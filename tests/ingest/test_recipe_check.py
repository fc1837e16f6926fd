"""A recipe with a fault is refused before a row is read, and every fault is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.errors import InputError
from certloan.i18n.catalog import has, keys, sentence
from certloan.ingest.recipe import load_recipe

SOUND = """
[recipe]
name = "own"
title = { zh = "自己的", en = "own" }
key = "opaque"
[recipe.provenance]
source = "a bank"
licence = "none"
as_of = "2025"

[[sheet]]
name = "loans"
files = ["*.csv"]
hindsight = ["ended"]
[sheet.columns]
number = "No"
day = { header = ["Day", "Signed"], type = "date", formats = ["%d-%b-%y"], not_after = 2025-12-31 }
amount = { header = "Amount", type = "number" }
ended = "Ended"
[sheet.derived]
half = "amount / 2"
quarter = "half / 2"
[sheet.unused]
Remark = "free text"

[[table]]
name = "application"
from = ["loans"]
where = "amount > 0"
[table.columns]
application_id = { join = ["number", "to_text(day)"], separator = "/" }
uscc = "number"
applied_on = "day"
amount = { expr = "quarter", unit = "万元" }
purpose = { value = "other" }
revolving = { value = false }

[[table]]
name = "outcome"
from = ["loans"]
[table.columns]
application_id = "number"
observed_to = { value = 2025-12-31 }
defaulted = { expr = "ended", map = { bad = true, good = false }, missing = ["?"] }

[[skip]]
files = ["readme*"]
why = "a description"
"""


def refused(tmp_path: Path, text: str) -> InputError:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_recipe(str(path))
    return caught.value


def problems(error: InputError) -> list[InputError]:
    found = error.facts["problems"]
    assert isinstance(found, tuple)
    return list(found)


def test_the_sound_recipe_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SOUND, encoding="utf-8")
    assert load_recipe(str(path)).name == "own"


FAULTS = [
    # what is written, what it becomes, the code, a word of the place
    ('licence = "none"', 'license = "none"', "recipe-unknown-key", "recipe.provenance.license"),
    ('licence = "none"', "", "recipe-missing-key", "recipe.provenance.licence"),
    ('key = "opaque"', 'key = "opaqe"', "recipe-bad-value", "recipe.key"),
    ('title = { zh = "自己的", en = "own" }', 'title = "own"', "recipe-wrong-shape", "recipe.title"),
    ('number = "No"', 'number = "No"\nNummer = "Nr"', "recipe-bad-name", "sheet[loans]"),
    ('number = "No"', 'number = "No"\nend = "Finish"', "recipe-bad-name", "sheet[loans]"),
    ('number = "No"', 'number = "No"\nagain = " ｎｏ "', "recipe-repeated", "sheet[loans]"),
    ('Remark = "free text"', 'Day = "free text"', "recipe-repeated", "sheet[loans]"),
    ('half = "amount / 2"', 'half = "amonut / 2"', "recipe-bad-expression", "sheet[loans].derived.half"),
    ('half = "amount / 2"', 'amount = "1"\nhalf = "amount / 2"', "recipe-repeated", "sheet[loans]"),
    ('type = "number"', 'type = "numeric"', "recipe-bad-value", "sheet[loans].columns.amount.type"),
    (", not_after = 2025-12-31", "", "recipe-two-digit-year", "sheet[loans].columns.day"),
    ("not_after = 2025-12-31", 'not_after = "2025"', "recipe-wrong-shape", "sheet[loans].columns.day.not_after"),
    ("%d-%b-%y", "%d-%Q-%y", "recipe-bad-value", "sheet[loans].columns.day.formats"),
    ('hindsight = ["ended"]', 'hindsight = ["end"]', "recipe-bad-value", "sheet[loans].hindsight"),
    ('name = "application"', 'name = "aplication"', "recipe-unknown-table", "table[aplication]"),
    ('amount = { expr = "quarter", unit = "万元" }', 'amuont = "quarter"', "recipe-unknown-column", "columns.amuont"),
    ('applied_on = "day"', "", "recipe-missing-column", "table[application]"),
    ('applied_on = "day"', 'applied_on = "dya"', "recipe-bad-expression", "columns.applied_on"),
    ('applied_on = "day"', 'applied_on = "day +"', "recipe-bad-expression", "columns.applied_on"),
    ('applied_on = "day"', 'applied_on = "amount"', "recipe-wrong-type", "columns.applied_on"),
    ('where = "amount > 0"', 'where = "amount"', "recipe-bad-expression", "table[application].where"),
    (
        'applied_on = "day"',
        'applied_on = { expr = "day", map = { x = "y" } }',
        "recipe-map-misplaced",
        "applied_on.map",
    ),
    ('where = "amount > 0"', "where = \"ended = 'bad'\"", "recipe-hindsight", "table[application].where"),
    ('uscc = "number"', 'uscc = "ended"', "recipe-hindsight", "columns.uscc"),
    ('unit = "万元"', 'unit = "万"', None, ""),
    ('unit = "万元"', 'unit = "dollar"', "recipe-bad-value", "columns.amount.unit"),
    ('applied_on = "day"', 'applied_on = { expr = "day", unit = "元" }', "recipe-bad-value", "applied_on.unit"),
    ('value = "other"', 'value = "others"', "recipe-bad-value", "columns.purpose.value"),
    ("value = false", 'value = "perhaps"', "recipe-bad-value", "columns.revolving.value"),
    ("value = 2025-12-31", 'value = "31.12.2025"', "recipe-bad-value", "columns.observed_to.value"),
    ("value = false", 'value = false, expr = "amount > 1"', "recipe-two-rules", "columns.revolving"),
    ("bad = true", 'bad = "yes"', "recipe-unknown-level", "columns.defaulted.map.bad"),
    ('uscc = "number"', 'uscc = { expr = "number", map = { a = "b" } }', "recipe-map-misplaced", "columns.uscc.map"),
    ('files = ["readme*"]', "", "recipe-missing-key", "files"),
    (
        'name = "outcome"\nfrom = ["loans"]',
        'name = "outcome"\nfrom = ["loan"]',
        "recipe-bad-value",
        "table[outcome].from",
    ),
    (
        'name = "outcome"\nfrom = ["loans"]',
        'name = "outcome"\nfrom = ["loans", "loans"]',
        "recipe-two-rules",
        "table[outcome].from",
    ),
]


@pytest.mark.parametrize(("written", "instead", "code", "place"), FAULTS, ids=[f"{f[1][:40]}" or f[0] for f in FAULTS])
def test_a_fault_is_found_with_its_place(
    tmp_path: Path, written: str, instead: str, code: str | None, place: str
) -> None:
    assert SOUND.count(written) >= 1
    text = SOUND.replace(written, instead, 1)
    if code is None:
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        load_recipe(str(tmp_path / "own.toml"))
        return
    error = refused(tmp_path, text)
    assert error.code == "recipe-invalid"
    assert any(one.code == code and place in str(one.facts["place"]) for one in problems(error)), problems(error)


def test_every_fault_is_told_at_once_in_both_languages(tmp_path: Path) -> None:
    text = SOUND
    for written, instead in (
        ("licence", "license"),
        ('uscc = "number"', 'uscc = "ended"'),
        ('where = "amount > 0"', 'where = "amount >"'),
        ('value = "other"', 'value = "othr"'),
        ("bad = true", 'bad = "yes"'),
    ):
        text = text.replace(written, instead, 1)
    error = refused(tmp_path, text)
    codes = {one.code for one in problems(error)}
    assert codes >= {
        "recipe-unknown-key",
        "recipe-hindsight",
        "recipe-bad-expression",
        "recipe-bad-value",
        "recipe-unknown-level",
    }
    for lang in ("zh", "en"):
        worded = sentence(error, lang)
        assert worded.count("\n") == len(problems(error))
        assert "othr" in worded
        assert "other" in worded, "the right word is offered"
        assert "InputError" not in worded


def test_every_problem_of_a_recipe_has_its_sentence_in_both_languages() -> None:
    for _, _, code, _ in FAULTS:
        assert code is None or has(f"error.{code}")
    mine = {key for key in keys("zh") if key.startswith(("error.recipe-", "problem.recipe-"))}
    assert mine <= keys("en")
    assert len(mine) > 15


def test_a_recipe_that_does_not_exist_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_recipe(str(tmp_path / "none.toml"))
    assert (caught.value.code, caught.value.facts["expected"]) == ("recipe-not-found", "cumcm2020c / sba")


def test_a_column_written_twice_and_text_that_is_no_toml_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, SOUND.replace('uscc = "number"', 'uscc = "number"\nuscc = "day"'))
    assert error.code == "recipe-not-toml"
    assert refused(tmp_path, "这不是 TOML").code == "recipe-not-toml"


def test_a_recipe_in_another_encoding_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(SOUND.encode("gb18030"))
    with pytest.raises(InputError) as caught:
        load_recipe(str(tmp_path / "own.toml"))
    assert caught.value.code == "recipe-not-utf8"


def test_an_empty_recipe_is_refused_for_all_that_it_lacks(tmp_path: Path) -> None:
    places = {str(one.facts["place"]) for one in problems(refused(tmp_path, ""))}
    assert {"recipe.name", "recipe.provenance.source", "[[sheet]]", "[[table]]"} <= places


WORDS = ["name", "title", "provenance", "source", "columns", "derived", "header", "type", "formats", "from", "where"]
WORDS += [
    "application_id",
    "uscc",
    "applied_on",
    "observed_to",
    "defaulted",
    "separator",
    "expr",
    "map",
    "files",
    "why",
]


@settings(max_examples=60, deadline=None)
@given(word=st.sampled_from(WORDS), letter=st.sampled_from("qxz"), data=st.data())
def test_a_slip_of_the_pen_in_any_key_is_never_swallowed(
    tmp_path_factory: pytest.TempPathFactory, word: str, letter: str, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(word)))
    text = SOUND.replace(word, word[:cut] + letter + word[cut:], 1)
    error = refused(tmp_path_factory.mktemp("recipe"), text)
    assert error.code == "recipe-invalid"
    assert sentence(error, "zh") != sentence(error, "en")


@settings(max_examples=150, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WORDS, "recipe", "sheet", "table", "skip", "value", "join"]), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_no_document_whatever_breaks_the_checker(document: object) -> None:
    from certloan.ingest.recipe_check import check
    from certloan.ingest.recipe_read import read

    declared, shape = read(document if isinstance(document, dict) else {"sheet": document, "table": document})
    found = (*shape, *check(declared))
    assert found
    for problem in found:
        assert sentence(problem, "zh")

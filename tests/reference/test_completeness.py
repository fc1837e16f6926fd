"""Every name of the policy papers is carried by something that exists, or docs/scope.md says why nothing carries it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from certloan.cli.console import Console
from certloan.cli.main import build
from certloan.cli.texts import Texts
from certloan.contracts import CONTRACTS
from certloan.domain.evidence import Axis, Dimension
from certloan.features.catalog import CATALOG
from certloan.features.relations import UNUSED
from certloan.i18n import Lang
from certloan.policy.policy import in_force
from certloan.reference.loading import rows
from certloan.reference.tables import TABLES

SCOPE = Path(__file__).resolve().parents[2] / "docs" / "scope.md"
#: How many names each part of the page holds; fewer would mean that some of the papers were dropped.
NAMES = {
    "认证项目": 106,
    "荣誉、人员与方法": 31,
    "平台与数据": 22,
    "监督": 20,
    "金融与激励": 13,
    "其余名称": 9,
    "不采用及其理由": 36,
}


@dataclass(frozen=True)
class Item:
    section: str
    zh: str
    en: str
    papers: tuple[str, ...]
    pointers: tuple[str, ...]
    why_not: tuple[str, ...]


def items() -> Iterator[Item]:
    section = ""
    for line in SCOPE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").split(" · ")[0]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not section or not line.startswith("| ") or cells[0] == "名称":
            continue
        pointers = tuple(re.findall(r"`([^`]+)`", cells[3])) if len(cells) == 4 else ()
        yield Item(
            section, cells[0], cells[1], tuple(cells[2].split()), pointers, tuple(cells[3:]) if not pointers else ()
        )


ITEMS = tuple(items())
POINTERS = sorted({pointer for item in ITEMS for pointer in item.pointers})


def levels(table: str, column: str) -> set[str]:
    return set(CONTRACTS[table].column(column).levels)


def held(table: str, column: str) -> set[str]:
    return {row[column] for row in rows(table)}


@cache
def commands() -> set[str]:
    texts = Texts(Lang.ZH)
    app = build(texts, Console(texts))
    return {str(c.name or getattr(c.callback, "__name__", "")) for c in app.registered_commands}


def column(name: str) -> bool:
    table, _, own = name.partition(".")
    return table in CONTRACTS and own in CONTRACTS[table].names


def level(name: str) -> bool:
    where, _, value = name.partition("=")
    return column(where) and value in levels(*where.split("."))


def cell(name: str) -> bool:
    table, _, own = name.partition(".")
    return table in TABLES and TABLES[table].field(own) is not None


def gate(name: str) -> bool:
    return name in {gate.code for gate in in_force(dt.date(2026, 11, 20)).gates}


EXISTS: dict[str, Callable[[str], bool]] = {
    "scheme": lambda name: name in held("schemes", "code"),
    "honour": lambda name: name in levels("honour", "kind") & held("honours", "kind"),
    "list": lambda name: name in levels("list_entry", "list") & held("lists", "kind"),
    "programme": lambda name: name in levels("programme", "programme") & held("programmes", "kind"),
    "innovation": lambda name: name in levels("innovation", "kind"),
    "mitigant": lambda name: name in levels("mitigant", "kind"),
    "contract": lambda name: name in CONTRACTS,
    "column": column,
    "level": level,
    "table": lambda name: name in TABLES,
    "cell": cell,
    "feature": lambda name: name in {spec.name for spec in CATALOG},
    "gate": gate,
    "dimension": lambda name: name in {dimension.value for dimension in Dimension},
    "axis": lambda name: name in {axis.value for axis in Axis},
    "command": lambda name: name in commands(),
}


@pytest.mark.parametrize("pointer", POINTERS)
def test_what_a_name_is_said_to_be_carried_by_exists(pointer: str) -> None:
    kind, _, name = pointer.partition(":")
    assert EXISTS[kind](name), f"docs/scope.md points to {pointer}, which does not exist"


@pytest.mark.parametrize("pointer", ["scheme:NONE", "column:certificate.none", "level:incident.kind=none", "gate:none"])
def test_a_pointer_to_nothing_is_noticed(pointer: str) -> None:
    kind, _, name = pointer.partition(":")
    assert not EXISTS[kind](name)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.zh)
def test_every_name_is_carried_or_has_a_reason_in_both_languages(item: Item) -> None:
    assert re.search("[\u4e00-\u9fff]", item.zh) or item.zh.isascii()
    assert item.en.isascii()
    assert item.papers
    assert set(item.papers) <= {"S0", "S1", "S2", "S3", "S4"}
    if not item.pointers:
        zh, en = item.why_not
        assert len(zh) >= 8
        assert len(en.split()) >= 5


@pytest.mark.parametrize("item", [item for item in ITEMS if item.pointers], ids=lambda item: item.zh)
def test_no_name_is_carried_by_a_column_alone_that_nothing_reads(item: Item) -> None:
    """Text that only stands there (``UNUSED``) shows a name to people; it does not carry what the paper asks for."""
    idle = {f"column:{column}" for column in UNUSED}
    assert set(item.pointers) - idle


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("重点工业产品", "cell:ccc_catalogue.priority"),  # another catalogue
        ("产品质量信用风险分级", "column:enterprise.risk_class"),  # the general class of enterprises
        ("惩罚性赔偿", "list:enforcement"),  # tells no grounds
        ("CCC 分类管理", "column:enterprise.risk_class"),  # classes that certification bodies give
    ],
)
def test_what_resembles_a_name_does_not_stand_in_for_it(name: str, other: str) -> None:
    (item,) = [item for item in ITEMS if name in item.zh]
    assert other not in item.pointers
    assert item.pointers or item.why_not


def test_no_name_of_the_papers_was_dropped_or_told_twice() -> None:
    assert len({item.zh for item in ITEMS}) == len(ITEMS)
    for section, least in NAMES.items():
        assert sum(item.section == section for item in ITEMS) >= least, section


@pytest.mark.parametrize(
    ("kind", "table", "own"),
    [
        ("scheme", "schemes", "code"),
        ("honour", "honours", "kind"),
        ("list", "lists", "kind"),
        ("programme", "programmes", "kind"),
    ],
)
def test_nothing_stands_in_a_table_without_a_name_in_the_papers(kind: str, table: str, own: str) -> None:
    named = {pointer.partition(":")[2] for pointer in POINTERS if pointer.startswith(f"{kind}:")}
    assert held(table, own) - named == set()


@pytest.mark.parametrize(
    ("table", "where", "own"),
    [("honours", ("honour", "kind"), "kind"), ("lists", ("list_entry", "list"), "kind"),
     ("programmes", ("programme", "programme"), "kind")],
)  # fmt: skip
def test_every_kind_that_can_be_delivered_has_its_reference_row(table: str, where: tuple[str, str], own: str) -> None:
    assert levels(*where) == held(table, own)

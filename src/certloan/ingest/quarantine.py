"""Rows that were put aside, told to the person who can put them right: where, what was found, what was expected.

Problems are collected as numbers (which sheet, which row, which text) and worded by the engine when the file is
written, so that a delivery with nothing but bad rows needs no more memory than a good one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from certloan.contracts import Contract
from certloan.i18n import Lang, has, text
from certloan.ingest.checks import Check, every_column
from certloan.ingest.projection import EXPECTED_AS, WORDED_AS, FileProblem, RowProblem, Severity
from certloan.ingest.sql import literal

COLUMNS = (
    *("file", "sheet", "row", "table", "column", "code"),
    *("found", "expected_zh", "expected_en", "message_zh", "message_en"),
)
#: Stands in a text for what was found until the engine fills it in; no file can hold it, for cleaning drops it.
_FOUND = "\ue000"
_SHOWN = 200
#: Cells that one check shows, at most.
_CELLS = 4
#: What no screen should be sent, and what stands for it.
_UNPRINTABLE = r"[\x{1}-\x{8}\x{B}-\x{1F}\x{7F}]"
_UNREAD = "\ufffd"


@dataclass(frozen=True)
class Wording:
    """One kind of problem in one place, worded in both languages but for what was found."""

    table: str
    column: str
    code: str
    severity: Severity
    expected_zh: str
    expected_en: str
    message_zh: str
    message_en: str
    #: Where several cells were found, what a sentence calls each of them: ``name=``, and its label.
    labels: tuple[tuple[str, str, str], ...] = ()

    def message(self, lang: Lang | str, found: str = "…") -> str:
        """Give the sentence with what was found filled in."""
        told = self.message_zh if Lang(lang) is Lang.ZH else self.message_en
        return told.replace(_FOUND, found)


@dataclass
class Wordings:
    """The wordings of a delivery, each under its number."""

    _numbers: dict[Wording, int] = field(default_factory=dict)

    def number(self, wording: Wording) -> int:
        """Give the number of a wording, a new one if it is new."""
        return self._numbers.setdefault(wording, len(self._numbers))

    def __getitem__(self, number: int) -> Wording:
        return list(self._numbers)[number]

    def __len__(self) -> int:
        return len(self._numbers)

    def table(self) -> pa.Table:
        """Give all wordings as a relation with ``text_no``."""
        names = [name for name in Wording.__dataclass_fields__ if name not in ("severity", "labels")]
        columns = {name: pa.array([getattr(w, name) for w in self._numbers], pa.string()) for name in names}
        columns["severity"] = pa.array([str(w.severity) for w in self._numbers], pa.string())
        for at in range(_CELLS):
            labels = [w.labels[at] if at < len(w.labels) else None for w in self._numbers]
            for of, part in enumerate(("name", "label_zh", "label_en")):
                columns[f"{part}_{at}"] = pa.array([label and label[of] for label in labels], pa.string())
        return pa.table({"text_no": pa.array(list(self._numbers.values()), pa.int32()), **columns})


def of_check(contract: Contract, check: Check) -> Wording:
    """Word a failed check of a contract."""
    return _of_columns(contract, check.code, check.columns, check.severity, check.facts)


def of_row(problem: RowProblem, table: str = "") -> Wording:
    """Word a problem that reading found in a row; ``table`` is the table that the sheet was taken for."""
    facts = {**problem.facts, "column": problem.column, "file": problem.file, "sheet": problem.sheet}
    return _wording(problem.table or table, problem.column, problem.code, problem.severity, facts, facts)


def of_file(problem: FileProblem) -> Wording:
    """Word a problem of a whole file or sheet."""
    facts = {"column": "", **problem.facts, "file": problem.file, "sheet": problem.sheet}
    return _wording("", "", problem.code, problem.severity, facts, facts)


def of_conflict(contract: Contract) -> Wording:
    """Word the loser of two different statements about one record on one day."""
    return _of_columns(contract, "conflicting-duplicate", contract.key, Severity.QUARANTINE)


def of_late(contract: Contract) -> Wording:
    """Word a new record that an earlier delivery would have had, if it had been known then."""
    return _of_columns(contract, "late-record", contract.key, Severity.WARNING)


def of_orphan(contract: Contract, code: str, columns: Sequence[str]) -> Wording:
    """Word a row that points to a record nobody delivered."""
    return _of_columns(contract, code, columns, Severity.WARNING)


def number_lines(severity: Severity, tables: str) -> str:
    """Compile the numbering of a report's lines, in the order of files and rows, into ``…_<severity>``.

    ``tables`` begins the names of ``…_problem`` (sheet_no, _row, text_no, found), ``…_sheet`` (sheet_no, file, sheet) and
    ``…_text`` (the wordings).
    """
    return f"""create temp table {tables}_{severity} as
        select row_number() over (order by sheet_no, _row, text_no) as line, sheet_no, _row, text_no, found
        from {tables}_problem
        where text_no in (select text_no from {tables}_text where severity = {literal(severity)})"""


def lines(severity: Severity, tables: str) -> str:
    """Compile the lines of a report from one number to another (two parameters), both included.

    A spreadsheet program runs a cell that begins with ``=``, ``+``, ``-`` or ``@``: such text gets an apostrophe.
    """
    found = f"replace(p.found, {literal(_FOUND)}, '')"
    printed = f"regexp_replace({found}, {literal(_UNPRINTABLE)}, {literal(_UNREAD)}, 'g')"
    told = {
        **{name: f"s.{name}" for name in ("file", "sheet")},
        "row": "nullif(p._row, 0)",
        **{name: f't."{name}"' for name in ("table", "column", "code")},
        "found": found,
        **{name: f"replace(t.{name}, {literal(_FOUND)}, {_labelled(printed, name[-2:])})" for name in COLUMNS[7:]},
    }
    shown = ", ".join(f'{told[name] if name == "row" else _inert(told[name])} as "{name}"' for name in COLUMNS)
    return f"""select {shown} from {tables}_{severity} as p
        join {tables}_sheet as s using (sheet_no) join {tables}_text as t using (text_no)
        where p.line between ? and ? order by p.line"""


def row_problems(sheet_no: int, rows: list[tuple[int, int, str]]) -> pa.Table:
    """Give problems that reading found, as (row, number of the wording, found), for ``…_problem``."""
    return pa.table(
        {
            "sheet_no": pa.array([sheet_no] * len(rows), pa.int32()),
            "_row": pa.array([row for row, _, _ in rows], pa.int64()),
            "text_no": pa.array([number for _, number, _ in rows], pa.int32()),
            "found": pa.array([found[:_SHOWN] for _, _, found in rows], pa.string()),
        }
    )


def _of_columns(
    contract: Contract, code: str, names: Sequence[str], severity: Severity, facts: Mapping[str, object] | None = None
) -> Wording:
    columns = {column.name: column for column in every_column(contract)}
    named = [columns[name] for name in names]
    zh = dict(facts or {}, column="、".join(column.zh for column in named))
    en = dict(facts or {}, column=", ".join(column.en for column in named))
    if isinstance(levels := zh.get("levels"), Mapping):
        zh["levels"] = "、".join(words[0] for words in levels.values())
        en["levels"] = ", ".join(f"{words[0]} ({level})" for level, words in levels.items())
    wording = _wording(contract.table, ", ".join(names), code, severity, zh, en)
    labels = tuple((f"{column.name}=", f"{column.zh}：", f"{column.en}: ") for column in named[:_CELLS])
    return replace(wording, labels=labels) if len(named) > 1 else wording


def _wording(
    table: str, column: str, code: str, severity: Severity, zh: Mapping[str, object], en: Mapping[str, object]
) -> Wording:
    told: dict[str, str] = {}
    for lang, facts in ((Lang.ZH, zh), (Lang.EN, en)):
        named = f"expected.{facts.get(EXPECTED_AS, code)}"
        expected = text(named, lang, **facts) if has(named) else str(facts.get("expected", ""))
        told[f"expected_{lang}"] = expected
        worded_as = facts.get(WORDED_AS, code)
        told[f"message_{lang}"] = text(f"problem.{worded_as}", lang, **{**facts, "expected": expected, "found": _FOUND})
    return Wording(
        table,
        column,
        code,
        severity,
        told["expected_zh"],
        told["expected_en"],
        told["message_zh"],
        told["message_en"],
    )


def _labelled(found: str, lang: str) -> str:
    """Write what was found in several cells with the columns' labels instead of their names."""
    for at in range(_CELLS):
        found = f"replace({found}, coalesce(t.name_{at}, ''), coalesce(t.label_{lang}_{at}, ''))"
    return found


def _inert(expression: str) -> str:
    return f"case when ({expression})[1] in ('=', '+', '-', '@', chr(9), chr(13)) then '''' || {expression} else {expression} end"

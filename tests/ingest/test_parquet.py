"""Parquet deliveries: the same warehouse as from text, typed cells read as what they mean, damage named by file."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.domain.people import Actor, Role
from certloan.i18n.catalog import has
from certloan.ingest.parquet import part_of
from certloan.ingest.recipe import load_recipe
from certloan.services import stage_parquet
from certloan.services.load_evidence import LoadReport, load_delivery
from certloan.storage.warehouse import DuckWarehouse

OFFICER = Actor("赵", Role.OFFICER)
DELIVERED = dt.date(2026, 5, 31)
_HEADER = ("统一社会信用代码", "账户编号", "月份", "余额（万元）", "当月额度（元）", "五级分类", "逾期天数")
#: Rows of one export as text, with what goes wrong in such files.
_ROWS = [
    ("{0}", "ZH1", "2024年1月", "35.5", "10,000", "正常", "0"),
    ("{0}", "ZH1", "2024-02", "35.5", "10000", "关注", "12"),
    ("{0}", "ZH1", "202403", "-3", "10000", "正常", "0"),
    ("{0}", "ＺＨ２", "2024-03", "", "10000", "次级", "9５"),
    ("{1}", "ZH3", "2024-03", "面议", "无", "正常", "0"),
    ("{1}x", "ZH3", "2024-04", "1", "1", "正常", "0"),
    ("{1}", "ZH3", "2062-04", "1", "1", "正常", "0"),
    ("{1}", "ZH3", "2024-05", "1", "1", "不明", "0"),
    ("{1}", "ZH3", "2024-06", "1", "2", "正常", "0"),
    ("{1}", "ZH3", "2024-06", "1", "2", "正常", "0"),
    ("{1}", "ZH3", "2024-06", "1", "3", "正常", "0"),
    ("{2}", "ZH4", "2024-06", "1", "3", "正常", "120"),
    ("", "ZH4", "2024-07", "1", "3", "正常", "1"),
]


def rows() -> list[tuple[str, ...]]:
    codes = codes_of_a_kind()
    return [tuple(cell.format(*codes) for cell in row) for row in _ROWS]


def codes_of_a_kind() -> tuple[str, str, str]:
    """Two codes that are right, and one of them in small letters."""
    import numpy as np

    from certloan.world.codes import uscc

    one, other = uscc(np.array([91, 92]), np.array([330521, 440305]), np.array([5, 6])).to_pylist()
    return one, other, other.lower()


def load(folder: Path, tmp: Path) -> tuple[LoadReport, dict[str, list[dict[str, object]]], Counter[tuple[str, ...]]]:
    """Load a delivery: its report, the tables without the delivery's name, and the lines of its reports by place."""
    warehouse = DuckWarehouse.open(None)
    report = load_delivery(folder, warehouse, quarantine_dir=tmp, delivered_on=DELIVERED, actor=OFFICER)
    stored = {}
    for table in report.tables:
        found = warehouse.query(f"select * exclude (delivery_id) from history.{table} order by all")
        stored[table] = found.to_pylist()
    lines: Counter[tuple[str, ...]] = Counter()
    for path in filter(None, (report.quarantine_file, report.warnings_file)):
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines.update((line["row"], line["code"], line["column"], line["found"]) for line in csv.DictReader(file))
    warehouse.close()
    return report, stored, lines


def write_csv(path: Path, header: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])


def as_text(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> pa.Table:
    columns = zip(*lines, strict=True)
    return pa.table({name: pa.array([v or None for v in values]) for name, values in zip(header, columns, strict=True)})


def write_parquet(path: Path, table: pa.Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


def test_the_same_text_as_csv_and_as_parquet_gives_the_same_warehouse_and_the_same_reports(tmp_path: Path) -> None:
    write_csv(tmp_path / "csv" / "月度表现.csv", _HEADER, rows())
    write_parquet(tmp_path / "parquet" / "月度表现.parquet", as_text(_HEADER, rows()))
    told, stored, lines = load(tmp_path / "csv", tmp_path / "q1")
    other, same, others = load(tmp_path / "parquet", tmp_path / "q2")
    assert same == stored
    assert other.total == told.total
    assert told.total.rows_quarantined > 4
    # A spreadsheet counts its header; a Parquet file has none.
    assert Counter({(str(int(row) - 1), *rest): n for (row, *rest), n in lines.items()}) == others


def test_typed_columns_mean_what_their_text_means(tmp_path: Path) -> None:
    one, other, _ = codes_of_a_kind()
    text = [
        (one, "ZH1", "2024-01-01", "12.3456", "7", "正常", "0"),
        (other, "ZH2", "2024-02-01", "3", "0.5", "关注", "31"),
        (other, "ZH3", "2024-03-01", "", "", "", ""),
    ]
    write_csv(tmp_path / "csv" / "月度表现.csv", _HEADER, text)
    columns = list(zip(*text, strict=True))
    days = [dt.date.fromisoformat(day) for day in columns[2]]
    typed = pa.table(
        {
            _HEADER[0]: columns[0],
            _HEADER[1]: pa.array(columns[1]).dictionary_encode(),
            _HEADER[2]: pa.array(days, pa.date32()),
            _HEADER[3]: pa.array([Decimal(v) if v else None for v in columns[3]], pa.decimal128(20, 4)),
            _HEADER[4]: pa.array([float(v) if v else None for v in columns[4]], pa.float64()),
            _HEADER[5]: pa.array([v.encode() or None for v in columns[5]], pa.binary()),
            _HEADER[6]: pa.array([int(v) if v else None for v in columns[6]], pa.int16()),
        }
    )
    write_parquet(tmp_path / "parquet" / "月度表现.parquet", typed)
    told, stored, _ = load(tmp_path / "csv", tmp_path / "q1")
    other_told, same, _ = load(tmp_path / "parquet", tmp_path / "q2")
    assert same == stored
    assert other_told.total == told.total
    assert [row["balance"] for row in stored["credit_month"]].count(Decimal("123456.00")) == 1


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_moment_is_a_day_in_china(tmp_path: Path, zone: str | None) -> None:
    one, *_ = codes_of_a_kind()
    # Midnight in China is the evening before in the world's time.
    midnight = dt.datetime(2024, 3, 1) if zone is None else dt.datetime(2024, 2, 29, 16, tzinfo=dt.UTC)
    table = pa.table(
        {
            "uscc": [one],
            "purpose": ["credit_check"],
            "granted_on": pa.array([midnight], pa.timestamp("us", zone)),
            "expires_on": pa.array([dt.date(9999, 12, 31)], pa.date32()),
        }
    )
    write_parquet(tmp_path / "d" / "consent.parquet", table)
    _, stored, _ = load(tmp_path / "d", tmp_path / "q")
    assert stored["consent"][0]["granted_on"] == dt.date(2024, 3, 1)
    assert stored["consent"][0]["expires_on"] is None


def test_parts_of_a_table_load_as_one_table_with_the_rows_of_each_file_counted_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = as_text(_HEADER, rows())
    write_parquet(tmp_path / "one" / "月度表现.parquet", whole)
    for number, start in enumerate(range(0, whole.num_rows, 5)):
        write_parquet(tmp_path / "parts" / "月度表现" / f"part-{number:05d}.parquet", whole.slice(start, 5))
    monkeypatch.setattr(stage_parquet, "ROWS_AT_ONCE", 8)
    told, stored, lines = load(tmp_path / "one", tmp_path / "q1")
    other, same, others = load(tmp_path / "parts", tmp_path / "q2")
    assert same == stored
    assert other.total == told.total
    assert [sheet.rows_read for sheet in other.files] == [5, 5, 3]
    assert Counter({(str((int(row) - 1) % 5 + 1), *rest): n for (row, *rest), n in lines.items()}) == others


def test_rows_that_say_nothing_are_no_rows(tmp_path: Path) -> None:
    table = as_text(_HEADER, [rows()[0], ("",) * 7, rows()[1]])
    write_parquet(tmp_path / "d" / "月度表现.parquet", table)
    report, *_ = load(tmp_path / "d", tmp_path / "q")
    assert (report.total.rows_read, report.total.rows_accepted) == (2, 2)


def _good(folder: Path) -> None:
    write_parquet(folder / "授信" / "月度表现.parquet", as_text(_HEADER, rows()[:2]))


def _truncated(folder: Path) -> None:
    path = write_parquet(folder / "bad" / "月度表现.parquet", as_text(_HEADER, rows()))
    path.write_bytes(path.read_bytes()[:-200])


def _not_parquet(folder: Path) -> None:
    write_csv(folder / "bad" / "月度表现.parquet", _HEADER, rows())


def _empty(folder: Path) -> None:
    (folder / "bad").mkdir(parents=True)
    (folder / "bad" / "月度表现.parquet").touch()


def _encrypted(folder: Path) -> None:
    path = write_parquet(folder / "bad" / "月度表现.parquet", as_text(_HEADER, rows()))
    content = path.read_bytes()
    path.write_bytes(b"PARE" + content[4:-4] + b"PARE")


def _corrupt_footer(folder: Path) -> None:
    path = write_parquet(folder / "bad" / "月度表现.parquet", as_text(_HEADER, rows()))
    content = bytearray(path.read_bytes())
    content[-120:-10] = bytes(110)
    path.write_bytes(content)


def _corrupt_page(folder: Path) -> None:
    table = as_text(_HEADER, rows()[:2] * 3000)
    path = write_parquet(folder / "bad" / "月度表现.parquet", table)
    content = bytearray(path.read_bytes())
    content[20:400] = b"\xff" * 380
    path.write_bytes(content)


def _nested(folder: Path) -> None:
    table = as_text(_HEADER, rows()[:2]).set_column(5, _HEADER[5], pa.array([["正常"], ["关注"]]))
    write_parquet(folder / "bad" / "月度表现.parquet", table)


def _another_table(folder: Path) -> None:
    write_parquet(folder / "bad" / "月度表现.parquet", pa.table({"账户编号": ["1"], "备注": ["x"]}))


def _reserved(folder: Path) -> None:
    table = as_text(_HEADER, rows()[:2]).append_column("file_row_number", pa.array([1, 2]))
    write_parquet(folder / "bad" / "月度表现.parquet", table)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_truncated, "truncated-parquet"),
        (_not_parquet, "not-parquet"),
        (_empty, "empty-file"),
        (_encrypted, "encrypted-parquet"),
        (_corrupt_footer, "unreadable-parquet"),
        (_corrupt_page, "unreadable-parquet"),
        (_nested, "nested-column"),
        (_another_table, "missing-column"),
        (_reserved, "unusable-column-name"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_both_languages_and_stops_no_other(
    tmp_path: Path, spoil: object, code: str
) -> None:
    assert callable(spoil)
    spoil(tmp_path / "d")
    _good(tmp_path / "d")
    report, stored, _ = load(tmp_path / "d", tmp_path / "q")
    (problem,) = [problem for problem in report.problems if problem.code == code]
    assert "月度表现.parquet" in problem.file
    assert problem.message_zh != problem.message_en
    assert has(f"problem.{code}")
    assert len(stored["credit_month"]) == 2


def test_one_damaged_part_is_put_aside_and_the_others_load(tmp_path: Path) -> None:
    for number in range(3):
        table = as_text(_HEADER, [(row[0], f"A{number}{at}", *row[2:]) for at, row in enumerate(rows()[:2] * 2000)])
        path = write_parquet(tmp_path / "d" / "月度表现" / f"part-{number}.parquet", table)
        if number == 1:
            content = bytearray(path.read_bytes())
            content[20:400] = b"\xff" * 380
            path.write_bytes(content)
    report, stored, _ = load(tmp_path / "d", tmp_path / "q")
    (problem,) = [problem for problem in report.problems if problem.code == "unreadable-parquet"]
    assert problem.file == "月度表现/part-1.parquet"
    assert {str(row["account_no"])[:2] for row in stored["credit_month"]} == {"A0", "A2"}


def test_parts_with_different_columns_are_read_each_by_its_own_and_the_difference_is_told(tmp_path: Path) -> None:
    table = as_text(_HEADER, rows()[:2])
    write_parquet(tmp_path / "d" / "月度表现" / "part-1.parquet", table.slice(0, 1))
    numbers = pa.array([12], pa.int32())
    write_parquet(tmp_path / "d" / "月度表现" / "part-2.parquet", table.slice(1, 1).set_column(6, _HEADER[6], numbers))
    report, stored, _ = load(tmp_path / "d", tmp_path / "q")
    (problem,) = [problem for problem in report.problems if problem.code == "parts-differ"]
    assert "逾期天数" in problem.message_zh
    assert "integer" in problem.message_en
    assert sorted(str(row["days_past_due"]) for row in stored["credit_month"]) == ["0", "12"]


def test_names_that_a_search_would_take_for_a_pattern_are_read(tmp_path: Path) -> None:
    write_parquet(tmp_path / "d" / "月度表现[1]*.parquet", as_text(_HEADER, rows()[:1]))
    write_parquet(tmp_path / "d" / "it's year=2024" / "月度表现.parquet", as_text(_HEADER, rows()[1:2]))
    report, stored, _ = load(tmp_path / "d", tmp_path / "q")
    assert len(stored["credit_month"]) == 2
    assert report.total.rows_quarantined == 0


def test_tables_of_one_folder_are_no_parts_of_each_other() -> None:
    assert part_of("x/part-00000-6f1c0d7e-1111-2222-3333-444455556666-c000.snappy.parquet") == part_of(
        "x/part-00001-0a1c0d7e-1111-2222-3333-444455556666-c000.snappy.parquet"
    )
    assert part_of("x/列入名录.parquet") != part_of("x/移出名录.parquet")
    assert part_of("x/part-1.parquet") != part_of("y/part-1.parquet")


_RECIPE = """
[recipe]
name = "contracts"
title = { zh = "合同", en = "contracts" }
key = "opaque"

[recipe.provenance]
source = "export of the contract system"
licence = "own data"
as_of = "31 December 2024"

[[sheet]]
name = "contracts"

[sheet.columns]
ref = "Ref"
client = "Client"
signed = { header = "Signed", type = "date" }
volume = { header = "Volume", type = "number" }

[[table]]
name = "application"
from = ["contracts"]

[table.columns]
application_id = "ref"
uscc = "client"
applied_on = "signed"
amount = { expr = "volume", unit = "千元" }
"""


def test_a_recipe_reads_typed_columns_as_it_reads_text(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(_RECIPE, encoding="utf-8")
    days = pa.array([dt.date(2024, 3, 7), dt.date(2024, 4, 8)], pa.date32())
    table = pa.table({"Ref": [11, 12], "Client": ["C1", "C2"], "Signed": days, "Volume": [1.5, 2.0]})
    write_parquet(tmp_path / "d" / "contracts.parquet", table)
    warehouse = DuckWarehouse.open(None)
    recipe = load_recipe(str(tmp_path / "r.toml"))
    load_delivery(
        tmp_path / "d", warehouse, quarantine_dir=tmp_path, delivered_on=DELIVERED, actor=OFFICER, recipe=recipe
    )
    stored = warehouse.query("select application_id, applied_on, amount from application order by all").to_pylist()
    warehouse.close()
    assert [tuple(row.values()) for row in stored] == [
        ("11", dt.date(2024, 3, 7), Decimal("1500.00")),
        ("12", dt.date(2024, 4, 8), Decimal("2000.00")),
    ]

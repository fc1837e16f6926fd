"""The committed samples are what their generator writes: nobody's real rows."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def text(path: Path) -> bytes:
    """Give the bytes of the table itself: packing them may differ between versions of zlib."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_the_samples_are_invented_by_the_generator_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "benchmarks" / "sample_rows.py"), str(tmp_path)], check=True)
    committed = ROOT / "data" / "sample"
    names = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv*")}
    assert names == {path.relative_to(committed) for path in committed.rglob("*.csv*")}
    assert [name for name in names if text(tmp_path / name) != text(committed / name)] == []

"""A recipe says how a foreign file becomes our tables, in TOML and without code.

It names the *kinds of sheet* that it can read (by file name and by headers), gives every header a name of ours, and
fills the columns of our tables from those names: directly, by an expression of the predicate language
(:mod:`certloan.expressions`), by a constant, or through a map from the file's words to our codes. Everything that can
be wrong with a recipe is found before a row is read (:mod:`certloan.ingest.recipe_check`), and all of it at once.

The shipped recipes are files of this package; any other is loaded by its path. See ``docs/recipes.md``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePath

from certloan.errors import InputError
from certloan.ingest.headings import HeaderIndex, normalise
from certloan.ingest.projection import FileProblem, Projection, Severity
from certloan.ingest.recipe_check import check
from certloan.ingest.recipe_parts import Declaration, SheetKind, any_match
from certloan.ingest.recipe_read import read
from certloan.ingest.recipe_sql import compile_rule, headers_used


@dataclass(frozen=True)
class Recipe:
    """A checked recipe. ``digest`` is the SHA-256 of its text, so that a delivery can say how it was read."""

    declared: Declaration
    digest: str

    @property
    def name(self) -> str:
        """The recipe's own name, which need not be that of its file."""
        return self.declared.name

    def header_index(self) -> HeaderIndex:
        """Give the words by which the reader knows a header row of these files."""
        return HeaderIndex.from_names(sorted({name for kind in self.declared.kinds for name in kind.known_headers()}))

    def skips(self, file: str) -> bool:
        """Tell whether the recipe says of a file that it holds nothing for us, readable or not."""
        return any(any_match(PurePath(file).name, skip.files) for skip in self.declared.skips)

    def projections(self, file: str, sheet: str, header: Sequence[str]) -> list[Projection] | FileProblem:
        """Say how this sheet fills our tables: nothing at all if the recipe skips it, a problem if it cannot."""
        if self.skips(file):
            return []
        kind = self._kind_of(file, sheet, header)
        if isinstance(kind, FileProblem):
            return kind
        notes = self._strange(kind, file, sheet, header)
        rules = [rule for rule in self.declared.tables if kind.name in rule.kinds]
        return [
            compile_rule(kind, rule, header, opaque_key=self.declared.opaque_key, notes=notes if place == 0 else ())
            for place, rule in enumerate(rules)
        ]

    def headers_behind(self, table: str) -> frozenset[str]:
        """Give every header that reaches ``table`` by any path: the proof of what a recipe does *not* use."""
        return frozenset(
            header
            for rule in self.declared.tables
            if rule.table == table
            for kind in self.declared.kinds
            if kind.name in rule.kinds
            for header in headers_used(kind, rule)
        )

    def _strange(self, kind: SheetKind, file: str, sheet: str, header: Sequence[str]) -> tuple[FileProblem, ...]:
        """Headers that the recipe does not speak of: a warning, since a renamed column would look like this."""
        known = {normalise(name) for name in kind.known_headers()}
        strange = [name for name in header if name.strip() and normalise(name) not in known]
        if not strange:
            return ()
        facts = {"recipe": self.name}
        return (FileProblem(file, sheet, "recipe-unknown-headers", ", ".join(strange), facts, Severity.WARNING),)

    def _kind_of(self, file: str, sheet: str, header: Sequence[str]) -> SheetKind | FileProblem:
        kinds = self.declared.kinds
        name = PurePath(file).name
        named = [kind for kind in kinds if kind.fits_name(file, sheet)]
        if not named:
            expected = " / ".join(sorted({pattern for kind in kinds for pattern in kind.files}))
            return FileProblem(file, sheet, "recipe-no-sheet-kind", name, {"recipe": self.name, "expected": expected})
        complete = [kind for kind in named if not kind.lacking(header)]
        if not complete:
            lacking = min((kind.lacking(header) for kind in named), key=len)
            facts = {"recipe": self.name, "expected": " / ".join(lacking)}
            return FileProblem(file, sheet, "recipe-missing-headers", ", ".join(header), facts)
        ranked = sorted(complete, key=lambda kind: kind.explained(header), reverse=True)
        if len(ranked) > 1 and ranked[0].explained(header) == ranked[1].explained(header):
            facts = {"recipe": self.name, "expected": f"{ranked[0].name} / {ranked[1].name}"}
            return FileProblem(file, sheet, "recipe-ambiguous-sheet", name, facts)
        return ranked[0]


def load_recipe(name_or_path: str) -> Recipe:
    """Read and check a recipe: a shipped one by its name, or any TOML file by its path.

    Raises ``InputError``: ``recipe-not-found``, ``recipe-not-utf8``, ``recipe-not-toml`` or, with every problem that
    it has, ``recipe-invalid``.

    >>> load_recipe("sba").declared.provenance.licence
    'US government work'
    """
    raw = _bytes_of(name_or_path)
    try:
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("recipe-not-utf8", found=name_or_path, position=error.start) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("recipe-not-toml", found=name_or_path, why=str(error)) from None
    declared, shape = read(document)
    problems = (*shape, *check(declared))
    if problems:
        raise InputError("recipe-invalid", found=name_or_path, count=len(problems), problems=problems)
    return Recipe(declared, hashlib.sha256(raw).hexdigest())


def shipped_recipes() -> tuple[str, ...]:
    """Give the names of the recipes that come with the program.

    >>> shipped_recipes()
    ('cumcm2020c', 'sba')
    """
    entries = resources.files("certloan.ingest").joinpath("recipes").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml")))


def _bytes_of(name_or_path: str) -> bytes:
    if name_or_path in shipped_recipes():
        return resources.files("certloan.ingest").joinpath("recipes", f"{name_or_path}.toml").read_bytes()
    path = Path(name_or_path)
    if not path.is_file():
        raise InputError("recipe-not-found", found=name_or_path, expected=" / ".join(shipped_recipes()))
    return path.read_bytes()

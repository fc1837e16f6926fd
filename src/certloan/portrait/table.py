"""The adoption table (采信权重表): which evidence counts for which side of a firm, and for how much, as dated data."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from certloan.domain.evidence import Axis, Dimension
from certloan.errors import InputError
from certloan.expressions.problems import nearest
from certloan.features.catalog import for_use
from certloan.features.spec import Spec, Use
from certloan.policy.reading import Fields
from certloan.portrait.worth import Worth

_VERSIONS = "versions"
#: The two pictures, and the sides that each must show.
PICTURES: Mapping[str, tuple[str, ...]] = {
    "dimensions": tuple(side.value for side in Dimension if side is not Dimension.LENDING),
    "axes": tuple(side.value for side in Axis),
}


@dataclass(frozen=True)
class Item:
    """One feature in a side: its weight, and what each of its values is worth."""

    spec: Spec
    weight: float
    worth: Worth


@dataclass(frozen=True)
class Side:
    """One of the five dimensions, or one of the four axes."""

    code: str
    picture: str
    name: tuple[str, str]
    note: tuple[str, str]
    items: tuple[Item, ...]

    @property
    def weight(self) -> float:
        """Give the weight of all items together."""
        return sum(item.weight for item in self.items)


@dataclass(frozen=True)
class AdoptionTable:
    """One version of the table. ``digest`` is the SHA-256 of its file."""

    id: str
    name: tuple[str, str]
    effective_from: date
    sides: tuple[Side, ...]
    digest: str

    def picture(self, code: str) -> tuple[Side, ...]:
        """Give the sides of one picture in order."""
        return tuple(side for side in self.sides if side.picture == code)

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Give every feature that the table reads, each once."""
        return tuple(dict.fromkeys(item.spec for side in self.sides for item in side.items))


def load_table(path: Path | Traversable) -> AdoptionTable:
    """Read a table. Raises :class:`InputError` with every problem at once; nothing half-read comes back."""
    try:
        raw = path.read_bytes()
        content = tomllib.loads(raw.decode("utf-8"), parse_float=Decimal)
    except OSError:
        raise InputError("portrait-table-not-found", found=path.name) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("portrait-table-not-toml", found=path.name, why=str(error)) from None
    problems: list[InputError] = []
    table = _read(content, hashlib.sha256(raw).hexdigest(), problems)
    if problems or table is None:
        raise InputError("portrait-table-invalid", found=path.name, count=len(problems), problems=tuple(problems))
    return table


def newest() -> AdoptionTable:
    """Give the newest shipped table. It describes, and decides nothing: old cases are shown by it too.

    >>> [side.name[0] for side in newest().picture("axes")]
    ['产品质量', '体系管理', '技术工艺', '人才团队']
    """
    return max((load_table(path) for path in _shipped()), key=lambda table: table.effective_from)


def _shipped() -> Iterator[Traversable]:
    folder = resources.files(__package__).joinpath(_VERSIONS)
    return (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _read(content: Mapping[str, Any], digest: str, problems: list[InputError]) -> AdoptionTable | None:
    fields = Fields(content, "", problems)
    id_, name, start = fields.code("id"), fields.languages("name"), fields.day("effective_from")
    sides = tuple(side for entry in fields.many("side") if (side := _side(entry)) is not None)
    fields.done()
    for picture, codes in PICTURES.items():
        told = tuple(side.code for side in sides if side.picture == picture)
        if told != codes:
            fields.problem("policy-wrong-shape", "side", found=", ".join(told), expected=", ".join(codes))
    if problems or not (id_ and name and start):
        return None
    return AdoptionTable(id_, name, start, sides, digest)


def _side(fields: Fields) -> Side | None:
    picture = fields.choice("picture", tuple(PICTURES))
    code = fields.choice("code", PICTURES.get(picture or "", ()))
    name, note = fields.languages("name"), fields.languages("note")
    items = tuple(item for entry in fields.many("item") if (item := _item(entry)) is not None)
    fields.done()
    if not (picture and code and name and note):
        return None
    return Side(code, picture, name, note, items)


def _item(fields: Fields) -> Item | None:
    readable = {spec.name: spec for spec in for_use(Use.FACT)}
    name, weight = fields.text("feature"), fields.number("weight", Decimal("0.1"), Decimal(100))
    spec = readable.get(name or "")
    if name is not None and spec is None:
        fields.problem("portrait-unknown-feature", "feature", found=name, expected=nearest(name, readable))
    worth = _worth(fields, spec)
    fields.done()
    return None if spec is None or weight is None or worth is None else Item(spec, float(weight), worth)


def _worth(fields: Fields, spec: Spec | None) -> Worth | None:
    """Read the curve and hold it to the feature's direction: better evidence may never be worth less."""
    told = fields.raw("worth")
    worth = _parsed(told)
    if worth is None:
        if told is not None:
            fields.problem("policy-wrong-shape", "worth", found=told, expected="[[0, 0.0], [3, 1.0]]")
        return None
    if min(worth.shares) != 0 or max(worth.shares) != 1:
        fields.problem("portrait-worth-range", "worth", found=f"{min(worth.shares)}–{max(worth.shares)}")
        return None
    if spec is not None:
        direction = 0 if spec.categorical else spec.direction or worth.direction
        if set(worth.levels) != set(spec.levels):
            fields.problem(
                "portrait-worth-levels", "worth", found=", ".join(worth.levels), expected=", ".join(spec.levels)
            )
            return None
        if not worth.monotone or worth.direction != direction:
            fields.problem("portrait-worth-direction", "worth", found=spec.name, expected=f"{direction:+d}")
            return None
    return worth


def _parsed(told: object) -> Worth | None:
    if isinstance(told, dict) and told and all(_share(share) for share in told.values()):
        return Worth(levels={word: float(share) for word, share in told.items()})
    if isinstance(told, list) and len(told) > 1 and all(_knot(knot) for knot in told):
        return Worth(knots=tuple((float(at), float(share)) for at, share in told))
    return None


def _knot(told: object) -> bool:
    return isinstance(told, list) and len(told) == 2 and _number(told[0]) and _share(told[1])


def _number(told: object) -> bool:
    return isinstance(told, int | Decimal) and not isinstance(told, bool)


def _share(told: object) -> bool:
    return isinstance(told, int | Decimal) and not isinstance(told, bool) and 0 <= told <= 1

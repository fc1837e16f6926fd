"""Draw two pictures of a firm from what was known on the day of its application, beside its peers on the same day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.explain.wording import value_told
from certloan.features.asof import counts
from certloan.features.catalog import by_name
from certloan.i18n import Lang, text
from certloan.portrait.peers import PeerGroup, peer_group, standing
from certloan.portrait.portrait import ItemTold, Portrait, SideTold
from certloan.portrait.scores import FULL, SideScores, score
from certloan.portrait.table import PICTURES, AdoptionTable, newest
from certloan.portrait.worth import Floats
from certloan.reference.industries import ancestry, industries
from certloan.services.build_features import applications, build_matrix
from certloan.services.ports import Warehouse

__all__ = ["Portrait", "SideTold", "portray"]

#: How many firms stand for an industry, and for everybody: enough for a percentile, few enough for a screen.
PEERS_SAMPLED = 1_500
_GROUPS = ("ent_industry", "size_class")


def portray(warehouse: Warehouse, actor: Actor, application_id: str, table: AdoptionTable | None = None) -> Portrait:
    """Give both pictures for one application. ``unknown-application`` if there is none.

    Peers are drawn from the enterprises that were registered and operating as far as was known on that day: a fixed
    sample of its industry and one of all, chosen by a hash of their codes, so that the same warehouse gives the same
    picture.
    """
    actor.require(Permission.READ_CASE)
    subject = warehouse.query(applications("application_id = ?"), (application_id.strip().upper(),))
    if subject.num_rows == 0:
        raise InputError("unknown-application", found=application_id)
    day, uscc = subject.column("as_of")[0].as_py(), subject.column("uscc")[0].as_py()
    table = table or newest()
    specs = tuple(dict.fromkeys((*table.specs, *map(by_name, _GROUPS))))
    matrix = build_matrix(warehouse, pa.concat_tables([subject, _others(warehouse, subject)]), specs)
    own = {key: told[0] for key, told in _groups(matrix.slice(0, 1)).items()}
    group = peer_group(own, _groups(matrix.slice(1)), matrix.num_rows - 1)
    scores = score(table.sides, matrix)
    name = warehouse.query("select arg_max(name, known_on) as name from enterprise where uscc = ?", (uscc,))
    shared_zh, shared_en = (_shared(group, own, lang) for lang in Lang)
    return Portrait(
        application_id=subject.column("application_id")[0].as_py(),
        uscc=uscc,
        name=name.column("name")[0].as_py(),
        as_of=day,
        table_id=table.id,
        table_zh=table.name[0],
        table_en=table.name[1],
        table_digest=table.digest,
        peers=group.n if group else 0,
        peers_share=group.shared if group else (),
        peers_zh=shared_zh,
        peers_en=shared_en,
        pictures={
            picture: tuple(_side(each, matrix, group) for each in scores if each.side.picture == picture)
            for picture in PICTURES
        },
    )


def _others(warehouse: Warehouse, subject: pa.Table) -> pa.Table:
    """Choose the firms to compare with, each asked about on the same day."""
    day, uscc = subject.column("as_of")[0].as_py(), subject.column("uscc")[0].as_py()
    division = "regexp_extract(industry, '^[A-U]?([0-9]{2})', 1)"
    sampled = f"from firm where uscc <> ? %s order by place limit {PEERS_SAMPLED}"
    found = warehouse.query(
        f"""
        with known as (
            select uscc, arg_max(industry_code, known_on) as industry, arg_max(status, known_on) as status
            from enterprise as e where {counts("e", f"date '{day}'")} group by uscc
        ), firm as (
            select uscc, {division} as division, md5(uscc) as place
            from known where coalesce(status, 'operating') = 'operating'
        ), own as (select {division} as division from known where uscc = ?)
        select uscc from (
            (select uscc {sampled % "and division <> '' and division in (from own)"})
            union (select uscc {sampled % ""})
        ) order by uscc
        """,
        (uscc, uscc, uscc),
    )
    schema = subject.schema
    return pa.table(
        {
            "application_id": pa.nulls(found.num_rows, schema.field("application_id").type),
            "uscc": found.column("uscc").cast(schema.field("uscc").type),
            "as_of": pa.repeat(pa.scalar(day, schema.field("as_of").type), found.num_rows),
        }
    )


def _groups(matrix: pa.Table) -> dict[str, list[str | None]]:
    divisions: list[str | None] = matrix.column("ent_industry").to_pylist()
    sections = [(ancestry(division) or (None,))[-1] if division else None for division in divisions]
    return {"industry": divisions, "section": sections, "size": matrix.column("size_class").to_pylist()}


def _shared(group: PeerGroup | None, own: dict[str, str | None], lang: Lang) -> str:
    if group is None:
        return text("portrait.peers.none", lang)
    told = []
    for key in group.shared:
        value = own[key] or ""
        told.append(text(f"feature.level.{value}", lang) if key == "size" else _industry(value, lang))
    return text("portrait.join", lang).join(told) or text("portrait.peers.all", lang)


def _industry(code: str, lang: Lang) -> str:
    name = industries()[code].name if code in industries() else code
    return text("portrait.industry", lang, code=code, name=name)


def _side(scores: SideScores, matrix: pa.Table, group: PeerGroup | None) -> SideTold:
    side = scores.side
    peers: Floats | None = scores.low[1:][group.members] if group else None
    low, high = float(scores.low[0]), float(scores.high[0])
    return SideTold(
        code=side.code,
        name_zh=side.name[0],
        name_en=side.name[1],
        note_zh=side.note[0],
        note_en=side.note[1],
        low=low,
        high=high,
        standing=None if peers is None else standing(low, peers),
        standing_high=None if peers is None else standing(high, peers),
        median=None if peers is None else float(np.median(peers)),
        items=_items(scores, matrix),
    )


def _items(scores: SideScores, matrix: pa.Table) -> tuple[ItemTold, ...]:
    told = []
    for item, share in zip(scores.side.items, _first(scores.shares), strict=True):
        value = matrix.column(item.spec.name)[0].as_py()
        weight = item.weight * FULL / scores.side.weight
        told.append(
            ItemTold(
                feature=item.spec.name,
                label_zh=item.spec.zh,
                label_en=item.spec.en,
                value_zh=value_told(value, item.spec.unit, Lang.ZH),
                value_en=value_told(value, item.spec.unit, Lang.EN),
                weight=weight,
                earned=None if np.isnan(share) else float(share * weight),
            )
        )
    return tuple(told)


def _first(shares: Floats) -> Sequence[float]:
    row: list[float] = shares[0].tolist()
    return row

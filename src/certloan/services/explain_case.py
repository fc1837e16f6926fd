"""Account for one decision: how its points add up, why, on which records, and what was known when."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.domain.decision import Outcome
from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.explain.account import MOST_POINTS, Explanation, GateTold, Point, Reason, Record, TimelineItem
from certloan.explain.reasons import choose, word
from certloan.explain.speaking import speaking
from certloan.explain.withheld import COUNTED, Withholding
from certloan.explain.wording import value_told
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import Spec
from certloan.i18n import text
from certloan.policy.gates import Gate
from certloan.policy.policy import Policy
from certloan.scoring.bundle import Bundle
from certloan.scoring.points import displayed
from certloan.services.apply_policy import apply_policy, gates_told
from certloan.services.build_features import applications
from certloan.services.dossier import dossier
from certloan.services.ports import Warehouse
from certloan.services.read_records import records_behind
from certloan.services.read_timeline import timeline

__all__ = [
    "MOST_POINTS",
    "Bundle",
    "Explanation",
    "GateTold",
    "Point",
    "Reason",
    "Record",
    "TimelineItem",
    "count_applications",
    "explain",
    "find_applications",
]

_LAYERS = ("gate", "score", "ladder")
#: How far the full-width form of a sign stands from its plain form.
_WIDE = 0xFEE0


def _bare(words: str) -> str:
    r"""Reduce words to what a search compares.

    >>> _bare(" \uff19\uff11 ab\uff08集团\uff09")
    '91AB(集团)'
    """
    return "".join(unicodedata.normalize("NFKC", words).split()).upper()


def _bare_sql(column: str) -> str:
    """Reduce a column in the same way; of NFKC, names and numbers need no more than the full-width forms."""
    wide = "".join(chr(sign + _WIDE) for sign in range(ord("!"), ord("~") + 1))
    plain = "".join(map(chr, range(ord("!"), ord("~") + 1))).replace("'", "''")
    return f"upper(translate(regexp_replace({column}, '[\\s\u3000]', '', 'g'), '{wide}', '{plain}'))"


_FOUND = f"""
    from application a
    left join (select uscc, arg_max(name, known_on) as name from enterprise group by uscc) e using (uscc)
    cross join (select ? as words) w
    where a.void_on is null and (contains({_bare_sql("a.application_id")}, w.words)
       or contains({_bare_sql("a.uscc")}, w.words) or contains({_bare_sql("e.name")}, w.words))
"""


def explain(warehouse: Warehouse, bundle: Bundle, policy: Policy, actor: Actor, application_id: str) -> Explanation:
    """Decide one application again, alone, and give the whole account. ``unknown-application`` if there is none."""
    actor.require(Permission.READ_CASE)
    subject = _subject(warehouse, application_id)
    matrix = dossier(warehouse).matrix(subject)
    decision: dict[str, Any] = apply_policy(warehouse, matrix, bundle, policy).to_pylist()[0]
    contributions = bundle.contributions(matrix)[0]
    base, whole = displayed(bundle.base_points, contributions, decision["score"])
    values = {name: matrix.column(name)[0].as_py() for name in bundle.names}
    day, uscc = decision["as_of"], decision["uscc"]
    withholding = Withholding.of([by_name(name) for name in bundle.names], matrix)
    positive, negative = _reasons(warehouse, bundle, matrix, contributions, whole, withholding)
    return Explanation(
        application_id=application_id,
        uscc=uscc,
        name=decision["name"],
        as_of=day,
        amount=decision["amount"],
        outcome=decision["outcome"],
        score=decision["score"],
        grade=decision["grade"],
        pd=decision["pd"],
        limit=decision["limit"],
        base_points=base,
        points=_points(bundle, values, contributions, whole, withholding.hidden[0]),
        reasons_for=positive,
        reasons_against=negative,
        gates=tuple(
            replace(told, records=_records(warehouse, policy.gate(told.code), subject))
            for told in gates_told(policy, decision["gates"])
        ),
        gates_without_facts=tuple(decision["gates_without_facts"]),
        timeline=timeline(warehouse, uscc, day),
        fingerprint=bundle.fingerprint,
        policy_id=policy.id,
        policy_hash=policy.hash,
        decided_by=_deciding(decision),
        ladder_zh=tuple(text(f"policy.ladder.{code}", "zh") for code in decision["ladder"]),
        ladder_en=tuple(text(f"policy.ladder.{code}", "en") for code in decision["ladder"]),
    )


def find_applications(warehouse: Warehouse, actor: Actor, words: str, limit: int = 50) -> pa.Table:
    """Find applications by number, enterprise name or USCC; the newest first, at most ``limit``.

    Full-width signs, capitals and blanks make no difference, neither in the words nor in what they are sought in.
    """
    actor.require(Permission.READ_CASE)
    return warehouse.query(
        f"""
        select a.application_id, a.uscc, e.name, a.applied_on, a.amount,
               a.application_id in (select application_id from outcome) as has_outcome
        {_FOUND}
        order by a.applied_on desc, a.application_id limit ?
        """,
        (_bare(words), limit),
    )


def count_applications(warehouse: Warehouse, actor: Actor, words: str) -> int:
    """Give how many applications :func:`find_applications` would find without a limit."""
    actor.require(Permission.READ_CASE)
    counted = warehouse.query(f"select count(*) as n from (select a.application_id {_FOUND})", (_bare(words),))
    return int(counted.column("n")[0].as_py())


def _deciding(decision: dict[str, Any]) -> tuple[str, ...]:
    """Give the layers that alone would have led to the outcome; an approval needs all of them and is none's doing."""
    outcome = decision["outcome"]
    if outcome == Outcome.APPROVE:
        return ()
    return tuple(layer for layer in _LAYERS if decision[f"{layer}_outcome"] == outcome)


def _records(warehouse: Warehouse, gate: Gate, subject: pa.Table) -> tuple[Record, ...]:
    """Give the records that a gate fired on: those behind the facts it reads."""
    found: list[Record] = []
    for name in sorted(gate.when.columns & {spec.name for spec in CATALOG}):
        for records in records_behind(warehouse, by_name(name), subject).values():
            found += [record for record in records if record not in found]
    return tuple(found)


def _subject(warehouse: Warehouse, application_id: str) -> pa.Table:
    found = warehouse.query(applications("application_id = ?"), (application_id.strip().upper(),))
    if found.num_rows == 0:
        raise InputError("unknown-application", found=application_id)
    return found


def _points(
    bundle: Bundle,
    values: dict[str, float | str | None],
    contributions: np.ndarray,
    whole: list[int],
    withheld: np.ndarray,
) -> tuple[Point, ...]:
    points = []
    for position, name in enumerate(bundle.names):
        spec, value = by_name(name), values[name]
        zh, en = (_told(spec, value, lang, withheld[position]) for lang in ("zh", "en"))
        points.append(
            Point(
                feature=name,
                label_zh=spec.zh,
                label_en=spec.en,
                family=spec.family.value,
                value=value,
                value_zh=zh,
                value_en=en,
                points=whole[position],
                exact=float(contributions[position]),
            )
        )
    return tuple(sorted(points, key=lambda point: (-abs(point.exact), point.feature)))


def _told(spec: Spec, value: float | str | None, lang: str, withheld: bool) -> str:
    """Say a value, or that what it is made of is withheld: nobody stated what stands in for it."""
    return text("explain.reason.not_published", lang) if withheld else value_told(value, spec.unit, lang)


def _reasons(
    warehouse: Warehouse,
    bundle: Bundle,
    matrix: pa.Table,
    contributions: np.ndarray,
    whole: list[int],
    withholding: Withholding,
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    together, may = withholding.merged(contributions[np.newaxis], speaking(bundle, matrix))
    families = [by_name(name).family.value for name in bundle.names]
    chosen = choose(together[0], families, may.positive[0], may.negative[0])
    subject = matrix.select(["application_id", "uscc", "as_of"])
    application_id = subject.column("application_id")[0].as_py()

    def worded(position: int) -> Reason:
        spec = by_name(bundle.names[position])
        if withholding.hidden[0, position]:
            stated = records_behind(warehouse, by_name(COUNTED), subject).get(application_id, ())
            return withholding.reason(0, spec, whole, stated)
        records = records_behind(warehouse, spec, subject).get(application_id, ())
        return word(spec, matrix.column(spec.name)[0].as_py(), whole[position], records)

    return tuple(map(worded, chosen.positive)), tuple(map(worded, chosen.negative))

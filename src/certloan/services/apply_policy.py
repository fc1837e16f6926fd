"""Score a matrix and put it through the policy: one row in, one recommendation out."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from certloan.explain.account import GateTold
from certloan.i18n import Lang
from certloan.policy.decide import compile_policy
from certloan.policy.policy import Policy
from certloan.scoring.bundle import Bundle
from certloan.services.ports import Warehouse

_MATRIX = "policy_matrix"
_DECIDED = "policy_decided"
_IDENTITY = ("application_id", "uscc", "as_of")


def apply_policy(warehouse: Warehouse, matrix: pa.Table, bundle: Bundle, policy: Policy) -> pa.Table:
    """Decide each row of a feature matrix, in its order.

    The result holds what :func:`certloan.policy.decide.compile_policy` gives, the enterprise's ``name`` as known on
    the day, the ``amount`` asked for, the sentence of every gate that fired (``gates_zh``, ``gates_en``), and the
    bundle's fingerprint.
    """
    scored = bundle.score(matrix)
    facts = [name for name in matrix.column_names if name not in _IDENTITY]
    rows = matrix.append_column("row", pa.array(range(matrix.num_rows), pa.int64()))
    rows = rows.append_column("score", pa.array(scored.score, pa.int64())).append_column("pd", pa.array(scored.pd))
    compiled = compile_policy(policy, facts, relation=_MATRIX)
    with warehouse.attached(_MATRIX, rows):
        decided = warehouse.query(_with_names(compiled.sql))
    fingerprint = pa.array([bundle.fingerprint] * matrix.num_rows, pa.string())
    for lang in Lang:  # here and not in the report, because a bank's own gate brings its own text
        told = {gate.code: gate.text(lang) for gate in policy.gates}
        worded = [[told[code] for code in codes] for codes in decided.column("gates").to_pylist()]
        decided = decided.append_column(f"gates_{lang}", pa.array(worded, pa.list_(pa.string())))
    return decided.append_column("bundle_fingerprint", fingerprint)


def _with_names(sql: str) -> str:
    """Add the name and the amount, and put the rows back into the order they came in."""
    return f"""
        with {_DECIDED} as ({sql}),
        named as (
            select m.row, arg_max(e.name, e.known_on) as name
            from {_MATRIX} m join enterprise e
              on e.uscc = m.uscc and e.known_on <= m.as_of and (e.void_on is null or m.as_of < e.void_on)
            group by m.row
        )
        select d.*, n.name, cast(m.app_amount as decimal(18, 2)) as amount
        from {_MATRIX} m
        join {_DECIDED} d on d.application_id is not distinct from m.application_id and d.uscc = m.uscc and d.as_of = m.as_of
        left join named n on n.row = m.row
        order by m.row
    """


def gates_told(policy: Policy, codes: Iterable[str]) -> tuple[GateTold, ...]:
    """Give the gates that fired with their texts and the papers they rest on."""
    gates = [policy.gate(code) for code in codes]
    return tuple(
        GateTold(
            gate.code,
            gate.outcome.value,
            gate.text(Lang.ZH),
            gate.text(Lang.EN),
            tuple(each.ref for each in gate.policy_ref),
            tuple(each.ref for each in gate.policy_ref if not each.verified),
        )
        for gate in gates
    )

"""A policy as one SQL statement over a matrix of facts and scores: three layers, each with its own codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from certloan.domain.decision import Outcome
from certloan.expressions import Type
from certloan.policy.gates import facts, severity_sql
from certloan.policy.ladder import band_sql, base_sql, double, limit_sql
from certloan.policy.policy import Policy

#: Codes of the ladder: why the limit is what it is. Texts are ``policy.ladder.<code>``.
LIMIT_UNKNOWN = "limit-unknown"
LIMIT_CAPPED = "limit-capped"
LIMIT_BELOW_REQUEST = "limit-below-request"
LIMIT_BELOW_MINIMUM = "limit-below-minimum"
AMOUNT_UNKNOWN = "amount-unknown"

_REQUESTED = "app_amount"
_QUOTE = {"duckdb": '"', "spark": "`"}


@dataclass(frozen=True)
class CompiledPolicy:
    """The statement and what it had to do without.

    ``missing`` are the facts that the matrix has no column for; they count as unknown. ``gates_without_facts`` are
    the gates that read one of them.
    """

    sql: str
    missing: tuple[str, ...]
    gates_without_facts: tuple[str, ...]


def compile_policy(
    policy: Policy, columns: Collection[str], *, relation: str = "matrix", dialect: str = "duckdb"
) -> CompiledPolicy:
    """Compile ``policy`` to a SELECT over ``relation``, one row out for each row in.

    The relation holds ``application_id``, ``uscc``, ``as_of``, ``score``, ``pd`` and the features named in
    ``columns``. The result holds, beside those five: ``outcome``; ``grade`` (the band); ``limit`` in yuan,
    DECIMAL(18,2), null where unknown or where nothing is lent; ``gates`` (codes that fired) and ``gates_without_facts``
    (codes that could not be judged), both lists; ``ladder`` (codes, a list); the outcome of each layer as
    ``gate_outcome``, ``score_outcome``, ``ladder_outcome``; ``policy_id`` and ``policy_hash``.
    """
    read = set[str]().union(*(gate.when.columns for gate in policy.gates))
    read |= policy.limit.base.columns | policy.limit.uplift_when.columns | {_REQUESTED}
    missing = tuple(sorted(read - set(columns) - {"as_of"}))
    without = tuple(gate.code for gate in policy.gates if gate.when.columns & set(missing))
    return CompiledPolicy(_Statement(policy, dialect).sql(relation, missing), missing, without)


class _Statement:
    def __init__(self, policy: Policy, dialect: str) -> None:
        self.policy, self.dialect = policy, dialect
        self.quote = _QUOTE[dialect]

    def sql(self, relation: str, missing: Sequence[str]) -> str:
        """Four steps: facts with the missing ones as unknown, each rule once, the layers, the result."""
        policy, dialect = self.policy, self.dialect
        bands, cap, minimum = policy.bands, double(policy.limit.cap), double(policy.limit.minimum)
        gates = {gate.code: f"gate_{place}" for place, gate in enumerate(policy.gates)}
        judged = "".join(f",\n    {gate.when.sql(dialect)} as {gates[gate.code]}" for gate in policy.gates)
        declined = f"greatest(gate_severity, score_severity) = {Outcome.DECLINE.severity}"
        return f"""with facts as (
  select m.*,
    {base_sql(policy.limit, dialect)} as limit_base,
    {band_sql(bands, "score", [f"'{band.code}'" for band in bands])} as grade,
    {band_sql(bands, "score", [str(band.outcome.severity) for band in bands])} as band_severity,
    {band_sql(bands, "score", [double(band.factor) for band in bands])} as band_factor
  from (select r.*{self._unknown(missing)} from {relation} r) m
),
judged as (
  select application_id, uscc, as_of, score, pd, grade, band_severity, {_REQUESTED} as requested,
    {limit_sql(policy.limit, dialect, "limit_base", "band_factor")} as amount{judged}
  from facts
),
layers as (
  select *,
    {severity_sql(policy.gates, gates)} as gate_severity,
    coalesce(band_severity, {Outcome.REFER.severity}) as score_severity
  from judged
),
ladders as (
  select *, {declined} as declined,
    case when {declined} then 0
      when amount < {minimum} or requested is null or requested <= 0 then {Outcome.REFER.severity}
      else 0 end as ladder_severity
  from layers
)
select application_id, uscc, as_of, score, pd,
  {_outcome("greatest(gate_severity, score_severity, ladder_severity)")} as outcome,
  grade,
  case when not declined and amount >= {minimum} then cast(least(amount, {cap}) as decimal(18, 2)) end as {self._name("limit")},
  {self._codes(gates)} as gates,
  {self._codes({code: f"{name} is null" for code, name in gates.items()})} as gates_without_facts,
  {self._codes(self._ladder(cap, minimum))} as ladder,
  {_outcome("gate_severity")} as gate_outcome,
  {_outcome("score_severity")} as score_outcome,
  {_outcome("ladder_severity")} as ladder_outcome,
  '{policy.id}' as policy_id,
  '{policy.hash}' as policy_hash
from ladders"""

    def _unknown(self, missing: Sequence[str]) -> str:
        """Give the facts that the relation lacks as columns of nothing."""
        known = facts()
        kinds = {Type.NUMBER: "double", Type.TEXT: "varchar" if self.dialect == "duckdb" else "string"}
        return "".join(f", cast(null as {kinds[known[name]]}) as {self._name(name)}" for name in missing)

    def _ladder(self, cap: str, minimum: str) -> dict[str, str]:
        """Give each code of the ladder with its condition; where nothing is lent the ladder has nothing to say."""
        conditions = {
            AMOUNT_UNKNOWN: "(requested is null or requested <= 0)",
            LIMIT_UNKNOWN: "amount is null",
            LIMIT_BELOW_MINIMUM: f"amount < {minimum}",
            LIMIT_CAPPED: f"amount > {cap}",
            LIMIT_BELOW_REQUEST: f"amount is not null and least(amount, {cap}) < requested",
        }
        return {code: f"not declined and {condition}" for code, condition in conditions.items()}

    def _codes(self, conditions: Mapping[str, str]) -> str:
        """Give the list of the codes whose condition is true, in the order of the policy."""
        cases = ", ".join(f"case when {condition} then '{code}' end" for code, condition in conditions.items())
        if self.dialect == "spark":
            return f"filter(cast(array({cases}) as array<string>), code -> code is not null)"
        return f"list_filter(cast([{cases}] as varchar[]), lambda code: code is not null)"

    def _name(self, word: str) -> str:
        return f"{self.quote}{word}{self.quote}"


def _outcome(severity: str) -> str:
    cases = " ".join(f"when {outcome.severity} then '{outcome.value}'" for outcome in Outcome)
    return f"case {severity} {cases} end"

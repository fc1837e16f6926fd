"""Gates: hard rules over facts, each with the paper it rests on. An unknown fact never fires a gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from certloan.domain.decision import Outcome
from certloan.errors import InputError
from certloan.expressions import Expression, Type, parse
from certloan.features.catalog import for_use
from certloan.features.spec import Use
from certloan.i18n import Lang, has, text
from certloan.policy.reading import Fields
from certloan.policy.references import Reference

#: Who may set a gate aside, with a reason on record.
OVERRIDERS = ("nobody", "officer", "risk")


@dataclass(frozen=True)
class Gate:
    """One hard rule: where ``when`` is true, the outcome is at best ``outcome``."""

    code: str
    when: Expression
    outcome: Outcome
    overridable_by: str
    policy_ref: tuple[Reference, ...]
    told: tuple[str, str] | None = None

    def text(self, lang: Lang | str = Lang.ZH) -> str:
        """Give the sentence that tells the applicant and the officer what fired and what to do about it."""
        if self.told is not None:
            return self.told[Lang(lang) is Lang.EN]
        return text(f"policy.gate.{self.code}", lang)


def facts() -> dict[str, Type]:
    """Give the names that policy may read: features and facts, never an attribute kept for the fairness audit."""
    known = {spec.name: Type.TEXT if spec.categorical else Type.NUMBER for spec in for_use(Use.FACT)}
    return known | {"as_of": Type.DATE}


def expression(fields: Fields, key: str, expect: Type, *, required: bool = True) -> Expression | None:
    """Read an expression over the facts; its problem is noted with its place in the file."""
    source = fields.text(key, required=required)
    if source is None:
        return None
    try:
        return parse(source, facts(), expect=expect)
    except InputError as error:
        fields.problem("policy-bad-expression", key, why=error)
        return None


def read_gates(entries: Sequence[Fields]) -> tuple[Gate, ...]:
    """Read every gate; one with a problem is left out, its problems noted."""
    gates, codes = [], set()
    for entry in entries:
        code = entry.code("code")
        when = expression(entry, "when", Type.BOOLEAN)
        outcome = entry.choice("outcome", (Outcome.DECLINE, Outcome.REFER))
        overridable_by = entry.choice("overridable_by", OVERRIDERS)
        policy_ref = entry.references("policy_ref")
        told = entry.languages("text", required=False)
        entry.done()
        if code in codes:
            entry.problem("policy-repeated", "code", found=code)
        if code and told is None and not has(f"policy.gate.{code}"):
            entry.problem("policy-missing-key", "text", expected='text = { zh = "…", en = "…" }')
        if code and when and outcome and overridable_by:
            codes.add(code)
            gates.append(Gate(code, when, Outcome(outcome), overridable_by, policy_ref, told))
    return tuple(gates)


def severity_sql(gates: Sequence[Gate], conditions: Mapping[str, str]) -> str:
    """Give the severity of the severest gate that fires, 0 where none does; ``conditions`` holds each gate's SQL."""
    fired = [f"case when {conditions[gate.code]} then {gate.outcome.severity} else 0 end" for gate in gates]
    return f"greatest({', '.join(['0', '0', *fired])})"

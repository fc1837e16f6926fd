"""A feature in words, and as it was declared: for the document, the command line and anybody who asks what a number is."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from certloan.contracts import CONTRACTS
from certloan.features.aggregates import Aggregate
from certloan.features.relations import RELATIONS
from certloan.features.spec import FeatureSpec, Spec, Window
from certloan.features.withheld import stand_in
from certloan.features.wording import worded
from certloan.i18n import Lang, has, text


def definition(spec: Spec, lang: Lang | str = Lang.ZH) -> str:
    """Say in one or two sentences what is counted, in which records, over which time, and what absence means.

    >>> from certloan.features.catalog import by_name
    >>> definition(by_name("ops_known"), "en")
    'invoice: whether there is a record. Zero where the source was delivered and the applicant has no record; unknown where it was not delivered.'
    """
    if not isinstance(spec, FeatureSpec):
        told = text("feature.definition.derived", lang, expression=spec.expression)
        if spec.lookup is not None:
            code, relation = spec.lookup.key, spec.lookup.relation
            told += text("feature.definition.lookup", lang, code=code, relation=relation)
        return told + text("feature.definition.unknown", lang) + stand_in(spec, lang)
    return (
        counted(spec, lang).strip()
        + expressed(spec, lang)
        + (" " if Lang(lang) is Lang.EN else "")
        + text(f"feature.definition.{spec.missing.value}", lang)
        + stand_in(spec, lang)
    )


def counted(spec: FeatureSpec, lang: Lang | str = Lang.ZH) -> str:
    """Say what is counted, in which records, over which time.

    >>> from certloan.features.catalog import by_name
    >>> counted(by_name("credit_dpd_max_6m"), "en")
    'credit month, the 6 months before the day: the largest days past due. '
    """
    contract = CONTRACTS[RELATIONS[spec.table].table if spec.table in RELATIONS else spec.table]
    return text(
        "feature.definition.stored",
        lang,
        table=contract.zh if Lang(lang) is Lang.ZH else contract.en,
        value=valued(spec.aggregate, lang, spec.table),
        within=_within(spec.window, lang),
        where=text("feature.definition.where", lang, where=worded(spec.table, spec.where, lang)) if spec.where else "",
    )


def declaration(spec: Spec) -> str:
    """Give the feature as the catalog declares it: every field that says something, one to a line.

    >>> from certloan.features.catalog import by_name
    >>> declaration(by_name("ops_known")).splitlines()[:2]
    ['FeatureSpec(', "    name='ops_known',"]
    """
    told = [f"    {field.name}={_told(getattr(spec, field.name))}," for field in fields(spec) if _says(spec, field)]
    return "\n".join([f"{type(spec).__name__}(", *told, ")"])


def expressed(spec: FeatureSpec, lang: Lang | str = Lang.ZH) -> str:
    """Give the expressions behind the words; empty where records are only counted.

    >>> from certloan.features.catalog import by_name
    >>> expressed(by_name("credit_dpd_max_6m"), "en")
    ' (Expression: value `days_past_due`.)'
    """
    parts = [text("feature.expression.where", lang, where=spec.where)] if spec.where else []
    parts += [
        text("feature.expression.value", lang, value=value)
        for value in vars(spec.aggregate).values()
        if isinstance(value, str)
    ]
    joined = text("feature.expression.join", lang).join(parts)
    return text("feature.expression.apart", lang, parts=joined) if parts else ""


def valued(aggregate: Aggregate, lang: Lang | str, name: str = "") -> str:
    """Word an aggregate; one that has no words of its own is told as it is declared.

    Its expressions are worded as those of relation ``name``, and stand as they are written where none is named.
    """
    told = {place: worded(name, value, lang) if name else f"`{value}`" for place, value in vars(aggregate).items()}
    key = "feature.aggregate." + re.sub(r"(?<!^)(?=[A-Z])", "_", type(aggregate).__name__).lower()
    return text(key, lang, **told) if has(key) else f"`{_told(aggregate)}`"


def _within(window: Window | None, lang: Lang | str) -> str:
    if window is None:
        return ""
    key = "feature.definition.lagged" if window.lag else "feature.definition.window"
    return text(key, lang, months=window.months, first=window.months + window.lag, last=window.lag)


def _says(thing: object, field: Field[Any]) -> bool:
    return field.default is MISSING or getattr(thing, field.name) != field.default


def _told(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if is_dataclass(value) and not isinstance(value, type):
        given = ", ".join(f"{field.name}={_told(getattr(value, field.name))}" for field in fields(value))
        return f"{type(value).__name__}({given})"
    return repr(value)

"""What the prepared columns of a relation are made of, in words: those that a definition names and no file holds."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.features.columns import layers, parts, relation
from certloan.features.definition import valued
from certloan.features.matrix import parts as stored_parts
from certloan.features.reading import columns_wanted
from certloan.features.relations import Previous, Summary
from certloan.features.spec import Lookup, Spec
from certloan.features.wording import label
from certloan.i18n import Lang, text


def prepared(name: str, lang: Lang | str = Lang.ZH) -> Mapping[str, str]:
    """Say of every prepared column of a relation what it is made of.

    >>> prepared("credit_month", "en")["class_counted"]
    'class that counts (1 normal to 5 loss): `greatest(word_class, days_class)`'
    """
    return {column: _labelled(name, made.part, column, lang) for made in parts(name) for column in made.gives}


def prepared_for(spec: Spec, lang: Lang | str = Lang.ZH) -> Mapping[str, str]:
    """Say what the prepared columns are made of that stand behind a feature, the ones that they use included.

    >>> from certloan.features.catalog import by_name
    >>> sorted(prepared_for(by_name("credit_class_now"), "en"))
    ['credit_month.class_counted', 'credit_month.days_class', 'credit_month.word_class']
    """
    found = {}
    for part in stored_parts(spec):
        needed, stacked = layers(part.table, columns_wanted(part))
        for made in (made for layer in stacked for made in layer):
            for column in (column for column in made.gives if column in needed):
                found[f"{part.table}.{column}"] = _labelled(part.table, made.part, column, lang)
    return found


def _labelled(name: str, part: Lookup | Summary | Previous | str, column: str, lang: Lang | str) -> str:
    told, made = label(name, column, lang), _made(name, part, column, lang)
    return made if told is None else text("feature.prepared.labelled", lang, label=told, made=made)


def _made(name: str, part: Lookup | Summary | Previous | str, column: str, lang: Lang | str) -> str:
    if isinstance(part, Lookup):
        return text("feature.prepared.lookup", lang, relation=part.relation, code=part.key, day=part.day)
    if isinstance(part, Previous):
        by = ", ".join(("uscc", *part.by))
        return text("feature.prepared.previous", lang, value=part.value, order=part.order, by=by) + _where(
            part.where, lang
        )
    if isinstance(part, Summary):
        told = part.columns[column]
        by = ", ".join((*(["uscc"] if part.by_subject else []), *part.on.values()))
        value = valued(told.aggregate, lang)
        return text("feature.prepared.summary", lang, table=part.table, by=by, value=value) + _where(told.where, lang)
    computed = relation(name).computed
    if part in computed:
        return f"`{computed[part][0]}`"
    return text("feature.prepared.delivered", lang, table=part.removesuffix("_delivered"))


def _where(where: str, lang: Lang | str) -> str:
    return text("feature.definition.where", lang, where=f"`{where}`") if where else ""

"""Certification schemes, and the code lists in which certification bodies report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from certloan.reference.loading import cached, day, listed, rows

#: What files leave out at the end of a scheme's name.
_ENDINGS = ("认证", "体系认证")


@dataclass(frozen=True)
class Scheme:
    """One certification scheme in one version.

    ``scheme_class`` is management_system, ccc, licence, product, food, green, regional_brand, service, laboratory or
    evaluation. ``strength`` is what its proof is worth where the certificate itself does not say: 1 self-declared,
    2 without accreditation, 3 third party, 4 third party under national accreditation, compulsory, or a demanding
    sector's own scheme. ``parent`` is the broader scheme that it includes, ``rule`` its row of ``validity_rules``,
    ``sectors`` the GB/T 4754 codes that it is made for (none: any). Codes that are not ``verified`` are the house's
    own names: the register's code was not confirmed.
    """

    code: str
    zh: str
    en: str
    scheme_class: str
    dimension: str
    assurance: str
    strength: int
    advanced: bool
    parent: str
    sectors: tuple[str, ...]
    rule: str
    papers: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str
    verified: bool

    @property
    def third_party(self) -> bool:
        """Whether somebody else than the holder vouches for it."""
        return self.assurance == "third_party"


@cached
def schemes() -> tuple[Scheme, ...]:
    """Give every scheme.

    >>> next(scheme.zh for scheme in schemes() if scheme.code == "CCC")
    '强制性产品认证'
    """
    return tuple(
        Scheme(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            scheme_class=row["scheme_class"],
            dimension=row["dimension"],
            assurance=row["assurance"],
            strength=int(row["strength"]),
            advanced=row["advanced"] == "true",
            parent=row["parent"],
            sectors=listed(row["sectors"]),
            rule=row["rule"],
            papers=listed(row["papers"]),
            valid_from=day(row["valid_from"]),
            valid_to=day(row["valid_to"]),
            source=row["source"],
            verified=row["verified"] == "true",
        )
        for row in rows("schemes")
    )


@cached
def scheme_words() -> Mapping[str, str]:
    """Give the code of a scheme for every word that files use for it: names in both languages, and short forms.

    >>> scheme_words()["ISO9001"], scheme_words()["绿色产品"]
    ('A01', 'GREEN')
    """
    words: dict[str, str] = {}
    for scheme in schemes():
        names = (scheme.code, scheme.zh, scheme.en)
        words |= {name: scheme.code for name in names if name not in words}
    for row in rows("scheme_aliases"):
        words.setdefault(row["alias"], row["code"])
    for scheme in schemes():
        for ending in _ENDINGS:
            if scheme.zh.endswith(ending):
                words.setdefault(scheme.zh.removesuffix(ending), scheme.code)
    return words


@cached
def compulsory_categories() -> frozenset[str]:
    """Give every category that the compulsory catalogue lists or listed.

    >>> "0702" in compulsory_categories(), "702" in compulsory_categories()
    (True, False)
    """
    return frozenset(row["code"] for row in rows("ccc_catalogue"))


@cached
def certificate_codes(table: str) -> Mapping[str, str]:
    """Give one code list of the certificate register: states, reasons of suspension, kinds of audit and more.

    >>> certificate_codes("certificate_state")["02"]
    '暂停'
    """
    return {row["code"]: row["name"] for row in rows("certificate_codes") if row["table"] == table}


@cached
def replacement_reasons() -> frozenset[str]:
    """Give the reasons for which an old certificate ends because a new one replaced it, by code and by name.

    The lists of withdrawal and of cancellation share no such code, so a code alone says it.

    >>> sorted(reason for reason in replacement_reasons() if reason.isdigit())
    ['0101', '0102', '0103', '0104', '0120']
    """
    tables = ("system_withdrawal_reason", "system_cancellation_reason")
    told = (pair for table in tables for pair in certificate_codes(table).items())
    return frozenset(reason for code, name in told if "换证书" in name or "换发新证" in name for reason in (code, name))

"""How good the evidence is, as a report: what contradicts what, what is covered, how old it is, what came in badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from certloan.contracts import CONTRACTS
from certloan.i18n import Lang, has, text


@dataclass(frozen=True)
class Finding:
    """One question asked of the whole evidence, and how many of its records answer it badly.

    ``group`` is ``contradiction`` or ``mismatch``. ``found`` are the records, ``of`` those that were asked about; both
    are None where one of the ``tables`` was never delivered, so that nothing could be asked. ``examples`` are keys.
    ``rule`` is the question as it was put to the engine.
    """

    code: str
    group: str
    tables: tuple[str, ...]
    found: int | None
    of: int | None
    examples: tuple[str, ...]
    rule: str

    @property
    def share(self) -> float | None:
        """The share of those asked about; None where there were none."""
        return None if self.found is None or not self.of else self.found / self.of

    def told(self, part: str, lang: Lang | str) -> str:
        """Give the ``title``, the ``meaning`` or the ``treatment``."""
        named, own = CONTRACTS[self.tables[0]], f"quality.{self.group}.{self.code}.{part}"
        label = named.zh if Lang(lang) is Lang.ZH else named.en
        return text(own if has(own) else f"quality.{self.group}.any.{part}", lang, table=label)

    def as_json(self) -> dict[str, object]:
        """Give the finding as values that JSON can hold, with its sentences."""
        parts = {f"{part}_{lang}": self.told(part, lang) for part in ("title", "meaning", "treatment") for lang in Lang}
        return {
            **asdict(self),
            "tables": list(self.tables),
            "examples": list(self.examples),
            "share": self.share,
        } | parts


@dataclass(frozen=True)
class Source:
    """How old one table is: ``ages`` counts its records by the days since they became known, see :data:`AGES`."""

    table: str
    zh: str
    en: str
    records: int
    newest_known_on: date | None
    newest_happened_on: date | None
    days_since: int | None
    ages: tuple[int, ...]


#: The upper ends of the age classes in days; the last class has none.
AGES = (90, 365, 1095)


@dataclass(frozen=True)
class Cover:
    """Of the enterprises, and of the applicants, of one year: how many have evidence of a family.

    An enterprise counts with a record that happened in the year, an applicant with one that was known on the day of the
    application.
    """

    family: str
    year: int
    enterprises: int
    enterprises_of: int
    applicants: int
    applicants_of: int

    @property
    def share(self) -> float | None:
        """The share of the enterprises registered by the end of the year."""
        return self.enterprises / self.enterprises_of if self.enterprises_of else None

    @property
    def applicant_share(self) -> float | None:
        """The share of the year's applications."""
        return self.applicants / self.applicants_of if self.applicants_of else None


@dataclass(frozen=True)
class Arrival:
    """What became of the rows of one table over all deliveries."""

    table: str
    zh: str
    en: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    rows_superseding: int
    rows_unchanged: int


@dataclass(frozen=True)
class Trouble:
    """One kind of problem in one table, over all deliveries."""

    code: str
    severity: str
    table: str
    rows: int

    def told(self, lang: Lang | str) -> str:
        """Name the problem: the rule that the cells did not keep, or its code."""
        key = f"quality.problem.{self.code}"
        return text(key, lang) if has(key) else self.code


@dataclass(frozen=True)
class QualityReport:
    """The account of all evidence as it was known on ``as_of``."""

    as_of: date
    deliveries: int
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    coverage: tuple[Cover, ...]
    arrivals: tuple[Arrival, ...]
    troubles: tuple[Trouble, ...]

    def worst(self, most: int | None = None) -> tuple[Finding, ...]:
        """Give what was found, the largest share first."""
        bad = [finding for finding in self.findings if finding.found]
        return tuple(sorted(bad, key=lambda finding: (-(finding.share or 0), finding.code))[:most])

    def group(self, name: str) -> tuple[Finding, ...]:
        """Give the findings of a group: those found, the largest share first, then the clean, then the unasked."""
        of_group = [finding for finding in self.findings if finding.group == name]
        return tuple(sorted(of_group, key=lambda finding: (finding.found is None, -(finding.share or 0), finding.code)))

    def as_json(self) -> Mapping[str, object]:
        """Give the report as values that JSON can hold."""
        return {
            "as_of": self.as_of.isoformat(),
            "deliveries": self.deliveries,
            "findings": [finding.as_json() for finding in self.findings],
            "sources": [_plain(asdict(source)) | {"age_limits": list(AGES)} for source in self.sources],
            "coverage": [
                asdict(cover) | {"share": cover.share, "applicant_share": cover.applicant_share}
                for cover in self.coverage
            ],
            "arrivals": [asdict(arrival) for arrival in self.arrivals],
            "troubles": [
                asdict(trouble) | {f"told_{lang}": trouble.told(lang) for lang in Lang} for trouble in self.troubles
            ],
        }


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }

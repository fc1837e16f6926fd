"""What goes in and comes out of the interface, beside what the services define themselves. Money is text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from certloan.services.preview import PreviewInput, TypedCertificate

#: No certificate or enterprise here is older, and no day that a person means lies later.
_FIRST, _LAST = dt.date(1949, 10, 1), dt.date(2100, 12, 31)

Day = Annotated[dt.date, Field(ge=_FIRST, le=_LAST)]
Money = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2)]
Count = Annotated[int, Field(ge=0, le=1000)]


class Told(BaseModel):
    """An error, as every address gives it."""

    error: str
    message_zh: str
    message_en: str


class Health(BaseModel):
    """What answers: the champion and the policy in force."""

    version: str
    champion: str
    policy: str


class Found(BaseModel):
    """One application as a search gives it."""

    application_id: str
    uscc: str
    name: str | None
    applied_on: dt.date
    amount: Decimal | None
    has_outcome: bool


class Group(BaseModel):
    """One group of applicants: the share approved with its interval, and the ratio to the reference group."""

    code: str
    zh: str
    en: str
    n: int
    approved: int
    rate: float | None
    low: float | None
    high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    verdict: Literal["within", "outside", "not_enough", "reference"]


class Layer(BaseModel):
    """One layer of the policy on its own: the same groups, counted where the layer had something to judge."""

    layer: Literal["gate", "score", "ladder"]
    groups: list[Group]


class Carrier(BaseModel):
    """An input that the model may read and that tells of an attribute."""

    feature: str
    zh: str
    en: str


class Attribute(BaseModel):
    """One attribute with its groups, whole and by layer. It is no input itself; ``carriers`` tell of it."""

    attribute: str
    zh: str
    en: str
    reference: str | None
    groups: list[Group]
    layers: list[Layer]
    carriers: list[Carrier]


class Audit(BaseModel):
    """Approval rates by group: a screening, never a legal finding."""

    people: int
    approved: int
    threshold: float
    confidence: float
    screening_only: bool
    covers_zh: str
    covers_en: str
    first: dt.date | None
    last: dt.date | None
    since: dt.date | None
    attributes: list[Attribute]


class Certificate(BaseModel):
    """A certificate as its holder types it."""

    model_config = ConfigDict(extra="forbid")

    scheme: str = Field(max_length=64)
    issued_on: Day
    expires_on: Day | None = None
    third_party: bool = True
    accredited: bool | None = None  # untold is unknown


class SelfTold(BaseModel):
    """What an enterprise tells of itself; what is left out stays unknown. Money in yuan."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2)]
    registered_on: Day | None = None
    industry_code: str | None = Field(default=None, max_length=8)
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    revenue: Money | None = None
    certificates: list[Certificate] = Field(default_factory=list, max_length=100)
    inspections_passed: Count = 0
    inspections_failed: Count = 0
    tax_grade: Literal["A", "B", "M", "C", "D"] | None = None
    days_past_due_max: Annotated[int, Field(ge=0, le=36_500)] | None = None
    as_of: Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=_LAST)] | None = None

    def typed(self) -> PreviewInput:
        """Give it as the service takes it."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name not in ("as_of", "certificates")}
        return PreviewInput(
            **told, certificates=tuple(TypedCertificate(**dict(certificate)) for certificate in self.certificates)
        )

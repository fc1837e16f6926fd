"""The enterprises of the world and the two things about them that nobody sees: quality and financial strength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.world import codes
from certloan.world.calendar import APPLICATIONS_FROM, CLOSES, FIRST_YEAR, YEARS
from certloan.world.draws import Arrow, Flags, Floats, Ints, chance, growth, logistic, normal, on, pick, stream, words
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES

#: Company, sole trader, farmers' co-operative, by the second character of the USCC (91, 92, 93). An assumption.
FORM_SHARES = (0.86, 0.11, 0.03)
COMPANY, SOLE_TRADER, COOPERATIVE = 0, 1, 2
OWNERSHIPS = ("private", "state", "foreign", "sole_trader", "cooperative")

_SIZE_IN_STRENGTH, _SIZE_IN_QUALITY, _STRENGTH_IN_QUALITY = 0.35, 0.35, 0.25
#: What stays of a year's deviation from a firm's own level in the next year, and how much of strength is that level.
_PERSISTENCE, _LEVEL = 0.70, 0.80
_NO_HISTORY = -1.9  # log odds of never having borrowed anywhere, before size
_MEDIAN_LOG_HEADCOUNT, _LOG_HEADCOUNT_PER_SIZE = 3.0, 1.25


@dataclass(frozen=True)
class Firms:
    """Everything that later stages may depend on, one entry per firm. Latent values are roughly standard normal."""

    serial: Ints  # 0, 1, …, on from shard to shard: also the order in all files
    form: Ints
    place: Ints
    industry: Ints
    size: Floats  # latent log size
    quality: Floats  # latent
    strength: Floats  # latent, (firms, YEARS), mid-year values
    registered: Ints  # day
    ownership: Ints
    employees: Ints
    revenue: Ints  # yuan of a normal year
    asks: Ints  # day of the first application, if the firm makes one
    borrows: Flags  # whether it has ever borrowed anywhere
    leaning: Floats  # latent: how much of its lines it uses, whatever its strength
    risk_view: Floats  # what the supervisor makes of it: quality, seen dimly
    distress: Ints  # day from which the firm cannot pay, or NEVER: filled by the lending stage
    ended: Ints  # day of deregistration or revocation, or NEVER

    def __len__(self) -> int:
        return len(self.serial)

    def strength_on(self, firm: Ints, days: Ints) -> Floats:
        """Give the latent strength of some firms on some days."""
        return along(self.strength, firm, days)

    def running(self, n: int, most: int) -> Ints:
        """Number ``n`` records from 1, so that no two shards of a world share a number.

        ``most`` is more than a firm has of them on average: so many numbers are kept for each.
        """
        return int(self.serial[0]) * most + np.arange(n, dtype=np.int64) + 1

    def strength_in(self, year: int) -> Floats:
        """Give every firm's latent strength in the middle of a year."""
        return self.strength[:, year - FIRST_YEAR]

    def strength_since(self, year: int) -> Floats:
        """Give every firm's latent strength in each year from ``year`` on."""
        return self.strength[:, year - FIRST_YEAR :]

    def industry_is(self, group: str) -> Flags:
        """Tell which firms belong to an industry group."""
        return np.array([entry.group == group for entry in INDUSTRIES])[self.industry]


def along(strength: Floats, firm: Ints, days: Ints) -> Floats:
    """Read a yearly path on any day, straight between the middles of the years."""
    time = (days - on(FIRST_YEAR, 7, 1)) / 365.25
    left = np.clip(np.floor(time), 0, YEARS - 2).astype(np.int64)
    weight = np.clip(time - left, 0.0, 1.0)
    return np.round(strength[firm, left] * (1 - weight) + strength[firm, left + 1] * weight, 4)


def draw(enterprises: int, seed: int, first: int = 0) -> Firms:
    """Draw the firms, before anything happens to them; their serial numbers begin at ``first``."""
    n = enterprises
    kind = stream(seed, "kind")
    form = pick(kind, FORM_SHARES, n)
    place = pick(kind, [p.weight for p in PLACES], n)
    industry = _industries(kind, form)
    mountain = np.array([p.mountain for p in PLACES])[place]
    size = np.round(normal(stream(seed, "size"), n) - 0.9 * (form == SOLE_TRADER) - 0.25 * mountain, 4)
    strength, quality = _latents(seed, size)
    asks = _first_asks(stream(seed, "first asks"), n)
    return Firms(
        serial=np.arange(first, first + n, dtype=np.int64),
        form=form,
        place=place,
        industry=industry,
        size=size,
        quality=quality,
        strength=strength,
        registered=_registered(stream(seed, "registered"), size, asks),
        ownership=_ownership(stream(seed, "ownership"), form, size),
        employees=_employees(size),
        revenue=_revenue(stream(seed, "revenue"), industry, size),
        asks=asks,
        borrows=~chance(stream(seed, "borrows"), logistic(_NO_HISTORY - 0.9 * size + 0.8 * (form == SOLE_TRADER))),
        leaning=normal(stream(seed, "leaning"), n),
        risk_view=np.round(0.5 * quality + 0.85 * normal(stream(seed, "risk view"), n), 4),
        distress=np.full(n, 2**40, dtype=np.int64),
        ended=np.full(n, 2**40, dtype=np.int64),
    )


def _industries(rng: np.random.Generator, form: Ints) -> Ints:
    """Give sole traders shops and inns more often than factories, co-operatives agriculture and food."""
    weights = np.array([entry.weight for entry in INDUSTRIES])
    small = np.array([3.0 if e.group in ("trade", "service", "food") else 0.4 for e in INDUSTRIES]) * weights
    rural = np.array([6.0 if e.group == "agriculture" else 1.0 if e.group == "food" else 0.0 for e in INDUSTRIES])
    drawn = np.stack([pick(rng, w, len(form)) for w in (weights, small, rural * weights)])
    return drawn[form, np.arange(len(form))]


def _latents(seed: int, size: Floats) -> tuple[Floats, Floats]:
    rng = stream(seed, "latents")
    level = _SIZE_IN_STRENGTH * size + np.sqrt(1 - _SIZE_IN_STRENGTH**2) * normal(rng, len(size))
    noise = normal(rng, len(size), YEARS)
    deviation = noise.copy()
    for year in range(1, YEARS):
        deviation[:, year] = _PERSISTENCE * deviation[:, year - 1] + np.sqrt(1 - _PERSISTENCE**2) * noise[:, year]
    strength = np.round(_LEVEL * level[:, None] + np.sqrt(1 - _LEVEL**2) * deviation, 4)
    own = np.sqrt(1 - (_SIZE_IN_QUALITY**2 + _STRENGTH_IN_QUALITY**2))
    quality = _SIZE_IN_QUALITY * size + _STRENGTH_IN_QUALITY * level + own * normal(rng, len(size))
    return strength, np.round(quality, 4)


def _first_asks(rng: np.random.Generator, n: int) -> Ints:
    span = CLOSES - APPLICATIONS_FROM
    return np.asarray(APPLICATIONS_FROM + np.floor(span * rng.random(n) ** 1.35), dtype=np.int64)


def _registered(rng: np.random.Generator, size: Floats, asks: Ints) -> Ints:
    """Draw the age at which a firm first asks, so that applicants of all years are equally old; the larger are older."""
    age = growth(np.log(6.0) + 0.2 * size + 0.75 * normal(rng, len(size))).clip(0.75, 30.0)
    return np.asarray(asks - np.rint(age * 365.25), dtype=np.int64)


def _ownership(rng: np.random.Generator, form: Ints, size: Floats) -> Ints:
    state = chance(rng, np.where(size > 1.3, 0.12, 0.02))
    foreign = chance(rng, np.where(size > 0.5, 0.16, 0.04))
    company = np.where(state, 1, np.where(foreign, 2, 0))
    return np.where(form == COMPANY, company, np.where(form == SOLE_TRADER, 3, 4)).astype(np.int64)


def _employees(size: Floats) -> Ints:
    return np.rint(growth(_MEDIAN_LOG_HEADCOUNT + _LOG_HEADCOUNT_PER_SIZE * size)).clip(1, 8000).astype(np.int64)


def _revenue(rng: np.random.Generator, industry: Ints, size: Floats) -> Ints:
    output = np.array([entry.output for entry in INDUSTRIES])[industry]
    thousands = output * 10 * _employees(size) * growth(0.45 * normal(rng, len(size)))
    return (np.rint(thousands) * 1000).astype(np.int64)


def uscc(firms: Firms) -> Arrow:
    """Write every firm's code; it is registered where it works."""
    division = np.array([int(place.code) for place in PLACES])[firms.place]
    return codes.uscc(91 + firms.form, division, firms.serial)


def names(firms: Firms) -> Arrow:
    """Write every firm's name."""
    county = words([place.zh for place in PLACES], firms.place)
    trade = words([entry.trade for entry in INDUSTRIES], firms.industry)
    return codes.names(county, firms.serial, trade, firms.form)


def whole(values: Floats, unit: int = 1) -> Ints:
    """Round to whole multiples of ``unit`` yuan."""
    return np.rint(np.asarray(values) / unit).astype(np.int64) * unit

"""Who is certified for what: chains of audits, each renewed cycle after cycle, and the certificates each audit prints.

Whoever is able and willing is certified; some weak firms buy certificates instead, shortly before they ask for a loan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.world.calendar import CLOSES
from certloan.world.draws import Flags, Ints, between, chance, growth, logistic, normal, on, stream
from certloan.world.firms import SOLE_TRADER, Firms
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES
from certloan.world.schemes import SCHEMES, position

#: Log odds of holding a QMS certificate at mean size and quality. Size counts more than quality: the confounder.
_QMS, _PER_SIZE, _PER_QUALITY = 2.2, 0.75, 0.95
#: Given QMS, shares of EMS and of OHSMS as among all certified organisations of the country (December 2024).
_EMS_GIVEN_QMS, _OHSMS_GIVEN_EMS, _OHSMS_GIVEN_NO_EMS = 0.577, 0.80, 0.14
#: Share of the three that come out of one audit (一审多证).
_INTEGRATED = 0.72
#: Days from the last of the three systems to the regional brand that asks for all of them.
_BRAND_AFTER = 120
#: Log odds that a firm whose product is in the CCC catalogue holds the certificate; the rest, weak and small, sells
#: without. Product kinds that the firm declares itself ask for no audit, and so tell less of quality.
_CCC_HELD, _CCC_PER_STRENGTH = 3.3, 0.45
_SELF_DECLARED_KINDS = ("0301", "0302", "0401", "0501", "0603")
#: Log odds that a company buys certificates before it asks for a loan, and how weakness adds to them.
_BUYS, _BUYS_PER_QUALITY, _BUYS_PER_STRENGTH = -4.6, -0.9, -0.5
BOUGHT_WITHIN = 85  # days before the application
_FOR_SALE = ("A01", "A02", "A03", "A05", "IPMS", "SERVICE")
_EARLIEST = on(2006, 6, 1)
#: From here on 品字标 may rest on the firm's own declaration.
_DECLARES_FROM = on(2023, 1, 1)


@dataclass(frozen=True)
class Chains:
    """Audit chains and their members. A chain belongs to a firm and repeats at the end of each validity."""

    firm: Ints
    first: Ints  # day of the first issue
    years: Ints  # validity
    field: Ints  # what its body must be approved for
    own_word: Flags  # declared by the firm itself
    bought: Flags  # sold without an audit worth the name
    member_chain: Ints  # position in the arrays above
    member_scheme: Ints
    member_copy: Ints  # running number among certificates of one scheme from one audit


class _Builder:
    def __init__(self, firms: Firms, seed: int) -> None:
        self.firms = firms
        self.rng = stream(seed, "participation")
        self.parts: list[tuple[Ints, ...]] = []
        self.members: list[tuple[Ints, Ints, Ints]] = []
        self.count = 0
        self.systems = 0  # how many parts, from the first, are the three management systems
        self.not_before = np.zeros(len(firms), dtype=np.int64)  # first day on which a firm's next chains may begin

    def chain(
        self, firm: Ints, scheme: str, first: Ints | None = None, own_word: bool = False, wait: float = 700.0
    ) -> Ints:
        """Begin one chain for each firm given, on the days ``first`` if they are given; give the chains' positions.

        With days given the certificates are bought. ``wait`` is the usual number of days from the start of the firm.
        """
        n = len(firm)
        if first is None:
            start = np.maximum(self.firms.registered[firm] + 120, _EARLIEST)
            after = growth(np.log(wait) - 0.25 * self.firms.size[firm] + 0.9 * normal(self.rng, n))
            days = np.maximum(start + np.rint(after).astype(np.int64), self.not_before[firm])
        else:
            days = first
        kind = SCHEMES[position(scheme)]
        same = (kind.years, kind.field, int(own_word), int(first is not None))
        self.parts.append((firm, days, *(np.full(n, value, dtype=np.int64) for value in same)))
        positions = self.count + np.arange(n, dtype=np.int64)
        self.count += n
        return positions

    def member(self, chain: Ints, scheme: str, copies: Ints | None = None) -> None:
        """Let each chain given print a certificate of ``scheme`` (or several)."""
        number = np.ones(len(chain), dtype=np.int64) if copies is None else copies
        repeated = np.repeat(chain, number)
        running = np.arange(len(repeated)) - np.repeat(np.cumsum(number) - number, number)
        self.members.append((repeated, np.full(len(repeated), position(scheme), dtype=np.int64), running))

    def simple(
        self, scheme: str, holds: Flags, mean_copies: float = 0.0, own_word: bool = False, wait: float = 700.0
    ) -> Ints:
        """Give one scheme a chain of its own."""
        firm = np.flatnonzero(holds).astype(np.int64)
        chain = self.chain(firm, scheme, own_word=own_word, wait=wait)
        copies = 1 + self.rng.poisson(mean_copies, len(firm)).clip(0, 7) if mean_copies else None
        self.member(chain, scheme, None if copies is None else copies.astype(np.int64))
        return firm

    def held(self, scheme: str) -> Flags:
        """Tell which firms have a chain that prints certificates of a scheme."""
        owner = np.concatenate([part[0] for part in self.parts])
        found = np.zeros(len(self.firms), dtype=bool)
        for chain, kind, _ in self.members:
            found[owner[chain[kind == position(scheme)]]] = True
        return found

    def odds(self, base: float, per_size: float, per_quality: float) -> Flags:
        return chance(self.rng, logistic(base + per_size * self.firms.size + per_quality * self.firms.quality))

    def done(self) -> Chains:
        firm, first, years, field, own_word, bought = (
            np.concatenate([part[i] for part in self.parts]) for i in range(6)
        )
        chain, scheme, copy = (np.concatenate([part[i] for part in self.members]) for i in range(3))
        flags = own_word.astype(bool), bought.astype(bool)
        live = first[chain] <= CLOSES
        return Chains(firm, first, years, field, *flags, chain[live], scheme[live], copy[live])


def draw(firms: Firms, seed: int) -> Chains:
    """Draw who takes part in which scheme, and since when."""
    build = _Builder(firms, seed)
    makes = firms.industry_is("industry") | firms.industry_is("food")
    company = firms.form != SOLE_TRADER
    three = _management(build, company)
    _sector_systems(build, makes, company)
    _products(build, makes & company)
    _regional(build, three, makes & company)
    _services(build)
    _rare(build, company)
    _purchases(build, company)
    return build.done()


def _management(build: _Builder, company: Flags) -> Flags:
    """QMS, EMS and OHSMS, mostly out of one audit; tell who holds all three."""
    firms, rng = build.firms, build.rng
    n = len(firms)
    serves = np.where(firms.industry_is("trade") | firms.industry_is("agriculture"), -1.2, 0.0)
    odds = _QMS + _PER_SIZE * firms.size + _PER_QUALITY * firms.quality + serves - 1.5 * ~company
    qms = chance(rng, logistic(odds))
    ems = qms & chance(rng, _EMS_GIVEN_QMS, n)
    ohsms = qms & chance(rng, np.where(ems, _OHSMS_GIVEN_EMS, _OHSMS_GIVEN_NO_EMS))
    integrated = chance(rng, _INTEGRATED, n)
    firm = np.flatnonzero(qms).astype(np.int64)
    chain = build.chain(firm, "A01")
    build.member(chain, "A01")
    build.member(chain[(ems & integrated)[firm]], "A02")
    build.member(chain[(ohsms & integrated)[firm]], "A03")
    build.simple("A02", ems & ~integrated)
    build.simple("A03", ohsms & ~integrated)
    build.systems = len(build.parts)
    return ems & ohsms


def _sector_systems(build: _Builder, makes: Flags, company: Flags) -> None:
    firms = build.firms
    it = firms.industry_is("it")
    build.simple("A05", build.odds(-4.3, 0.6, 0.3) & company & ~it | build.odds(-0.9, 0.7, 0.5) & it & company)
    build.simple("A06", build.odds(-1.5, 0.7, 0.4) & it & company)
    build.simple("ENMS", build.odds(-4.4, 0.9, 0.3) & makes & company)
    build.simple("IPMS", build.odds(-3.9, 0.8, 0.3) & company)
    build.simple("MMS", build.odds(-5.6, 0.9, 0.4) & makes & company)
    food = firms.industry_is("food")
    build.simple("FSMS", build.odds(-0.6, 0.6, 0.6) & food & company)
    build.simple("HACCP", build.odds(-1.0, 0.6, 0.6) & food & company)
    build.simple("ORGANIC", build.odds(-2.2, 0.2, 0.5) & (food | firms.industry_is("agriculture")), 0.4)


def _products(build: _Builder, makes: Flags) -> None:
    firms, rng = build.firms, build.rng
    listed = np.array([bool(entry.ccc) for entry in INDUSTRIES])[firms.industry]
    declared = np.array([entry.ccc in _SELF_DECLARED_KINDS for entry in INDUSTRIES])[firms.industry]
    green = np.array([entry.green for entry in INDUSTRIES])[firms.industry]
    carbon = np.array([entry.low_carbon for entry in INDUSTRIES])[firms.industry]
    able = _CCC_HELD + 0.25 * firms.size + _CCC_PER_STRENGTH * firms.strength_in(2020)
    # The law knows no exception for sole traders, who else are seldom certified.
    listed &= firms.industry_is("industry")
    by_word = declared & chance(rng, 0.7, len(firms))
    build.simple("CCC", listed & ~by_word & chance(rng, logistic(able + 0.6 * firms.quality)), 0.7, wait=80.0)
    build.simple("CCC", listed & by_word & chance(rng, logistic(able)), 0.7, own_word=True, wait=80.0)
    build.simple("VOL", build.odds(-2.3, 0.6, 0.4) & makes, 1.0)
    build.simple("GREEN", (build.odds(-1.9, 0.6, 0.6) & green | build.odds(-5.0, 0.6, 0.5)) & makes, 0.5)
    build.simple("LOWCARBON", build.odds(-2.9, 0.6, 0.4) & carbon & makes, 0.4)
    build.simple("SANTONG", build.odds(-4.4, 0.4, 0.4) & makes)
    build.simple("SANTONG", build.odds(-3.6, 0.4, 0.0) & makes, own_word=True)


def _regional(build: _Builder, three: Flags, makes: Flags) -> None:
    """A holder of 品字标 has all three management systems in place, and a product ahead of the standard.

    Since 2023 a firm may declare this itself: that path asks for less, and tells less.
    """
    for firm, first, *_ in build.parts[: build.systems]:
        np.maximum.at(build.not_before, firm, first + _BRAND_AFTER)
    zhejiang = np.array([place.code.startswith("33") for place in PLACES])[build.firms.place]
    by_audit = build.odds(-2.7, 0.9, 0.9) & three & makes & zhejiang
    build.simple("PZB", by_audit)
    build.simple("GDYZ", build.odds(-3.2, 0.9, 0.8) & three & makes & ~zhejiang)
    build.not_before[:] = np.maximum(build.not_before, _DECLARES_FROM)
    build.simple("PZB", build.odds(-3.3, 0.9, 0.1) & three & makes & zhejiang & ~by_audit, own_word=True)
    build.not_before[:] = 0


def _services(build: _Builder) -> None:
    firms = build.firms
    inns = np.array([entry.code == "6130" for entry in INDUSTRIES])[firms.industry]
    serves = firms.industry_is("service") | firms.industry_is("trade") | firms.industry_is("it")
    build.simple("SERVICE", build.odds(-2.4, 0.7, 0.5) & serves & ~inns)
    build.simple("MINSU", build.odds(-0.9, 0.3, 0.8) & inns)


#: Schemes for few: log odds at mean size and quality, their change with size and quality, and the industries or groups
#: of industries that take part. What is new is taken up by the large; it tells of them.
_RARE: dict[str, tuple[float, float, float, tuple[str, ...]]] = {
    "IATF16949": (-0.6, 0.8, 0.6, ("3670",)),
    "GBT50430": (-0.4, 0.7, 0.5, ("4710",)),
    "TL9000": (-3.0, 0.8, 0.4, ("3982", "6531")),
    "COMPLIANCE": (-4.9, 0.9, 0.4, ("industry", "it", "trade", "building")),
    "INNOVMS": (-5.1, 0.9, 0.4, ("industry", "it")),
    "BCMS": (-3.4, 0.8, 0.3, ("it",)),
    "IIMS": (-4.3, 0.9, 0.2, ("industry",)),
    "CHAIN": (-5.0, 0.8, 0.6, ("industry",)),
    "HIGHEND": (-5.4, 0.8, 0.9, ("industry", "food", "agriculture")),
    "CR": (-0.8, 0.7, 0.5, ("3491",)),
    "ENERGY": (-2.2, 0.6, 0.4, ("3857", "3853", "3852", "3872", "3861")),
    "CARBON": (-3.6, 0.9, 0.3, ("3841", "3812", "3852", "2021", "3011", "3252")),
    "GREENFOOD": (-0.9, 0.4, 0.6, ("agriculture", "1530")),
    "GAP": (-2.2, 0.5, 0.5, ("agriculture",)),
    "PZB-AGRI": (-2.2, 0.6, 0.9, ("agriculture", "food")),
    "SVC-LOGISTICS": (-1.6, 0.7, 0.5, ("5431",)),
    "SVC-ECOM": (-2.4, 0.6, 0.4, ("5213", "6531")),
    "SVC-AFTERSALES": (-4.5, 0.7, 0.5, ("industry", "trade")),
    "CNAS-LAB": (-5.4, 1.1, 0.6, ("industry",)),
    "CMA": (1.0, 0.5, 0.5, ("7452",)),
}


def _rare(build: _Builder, company: Flags) -> None:
    codes = np.array([entry.code for entry in INDUSTRIES])[build.firms.industry]
    groups = np.array([entry.group for entry in INDUSTRIES])[build.firms.industry]
    for scheme, (base, per_size, per_quality, fields) in _RARE.items():
        fits = np.isin(codes, fields) | np.isin(groups, fields)
        build.simple(scheme, build.odds(base, per_size, per_quality) & fits & company)


def _purchases(build: _Builder, company: Flags) -> None:
    """Some weak firms buy two to four certificates, of kinds that they do not hold, in the weeks before they apply.

    A firm whose product needs a CCC certificate and who was refused one may buy that, too.
    """
    firms, rng = build.firms, build.rng
    odds = (
        _BUYS
        + _BUYS_PER_QUALITY * firms.quality
        + _BUYS_PER_STRENGTH * firms.strength_on(np.arange(len(firms)), firms.asks)
    )
    buys = chance(rng, logistic(odds)) & company & (firms.registered + 100 < firms.asks - BOUGHT_WITHIN)
    wanted = between(rng, 2, 4, len(firms))
    order = np.argsort(rng.random((len(firms), len(_FOR_SALE))), axis=1)
    for at, scheme in enumerate(_FOR_SALE):
        firm = np.flatnonzero(buys & (np.argmax(order == at, axis=1) < wanted) & ~build.held(scheme)).astype(np.int64)
        days = firms.asks[firm] - between(rng, 5, BOUGHT_WITHIN, len(firm))
        build.member(build.chain(firm, scheme, days), scheme)
    listed = np.array([bool(entry.ccc) for entry in INDUSTRIES])[firms.industry]
    firm = np.flatnonzero(listed & company & ~build.held("CCC") & chance(rng, 0.25, len(firms))).astype(np.int64)
    firm = firm[firms.registered[firm] + 100 < firms.asks[firm] - 400]
    days = firms.asks[firm] - between(rng, 20, 400, len(firm))
    build.member(build.chain(firm, "CCC", days), "CCC")

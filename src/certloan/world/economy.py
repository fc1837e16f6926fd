"""The whole world before anybody writes it into files: clean tables, and the truth behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world import (
    activity,
    bodies,
    certificate_events,
    certification,
    credit,
    firms,
    incidents,
    innovation,
    inspections,
    lending,
    operations,
    participation,
    products,
    registration,
    reported,
    standing,
    truth,
    utilities,
)
from certloan.world import cycles as cycling
from certloan.world.calendar import SECOND_DELIVERY
from certloan.world.certification import Papers
from certloan.world.draws import Arrow, of_shard
from certloan.world.firms import Firms
from certloan.world.inspections import Checks
from certloan.world.lending import Loans
from certloan.world.planted import Planted
from certloan.world.products import Lines

#: Enterprises that are drawn together where a world is drawn in shards: few enough for two shards to fit into 4 GB.
SHARD = 20_000
#: Tables about others than enterprises: the same in every shard, and delivered with the first only.
SHARED = ("certification_body",)


@dataclass(frozen=True)
class Economy:
    """Every table of the warehouse as the world has it.

    A table holds its contract's columns (money in whole yuan), ``known_on`` always, and ``void_on`` where a record was
    repaired or overturned. A record that changed has several statements, told apart by ``known_on``.
    """

    tables: Mapping[str, pa.Table]
    truth: pa.Table
    planted: pa.Table


def shards(enterprises: int, size: int = SHARD) -> int:
    """Count the shards of a world of that many enterprises."""
    return max(1, -(-enterprises // size))


def draw_shard(enterprises: int, seed: int, shard: int, size: int = SHARD) -> Economy:
    """Draw one shard of a world: its own enterprises among the same certification bodies.

    A world of one shard is what :func:`draw` gives. Nothing that an enterprise does reaches beyond its shard.
    """
    first = shard * size
    drawn = draw(min(size, enterprises - first), of_shard(seed, shard), first)
    if not shard:
        return drawn
    return Economy(
        {name: table for name, table in drawn.tables.items() if name not in SHARED}, drawn.truth, drawn.planted
    )


def draw(enterprises: int, seed: int, first: int = 0) -> Economy:
    """Let a world happen: latent values, certificates and checks, loans and failures, then the evidence.

    ``first`` is the serial number of the first enterprise.
    """
    alike = bodies.draw(seed)
    population = firms.draw(enterprises, seed, first)
    uscc = firms.uscc(population)
    chains = participation.draw(population, seed)
    cycles = cycling.walk(population, chains, alike, seed)
    held = standing.systems(population, chains, cycles, alike)
    lines = products.draw(population, chains, cycles, seed)
    checks = inspections.draw(population, held, (lines.bare_from, lines.bare_to), seed)
    cycles = certificate_events.with_special_audits(chains, cycles, checks, len(population), seed)
    population, loans = lending.lend(population, held, checks.failures(len(population)), seed)
    cycles = cycles.until(chains, np.minimum(population.distress, population.ended))
    papers = certification.papers(population, chains, cycles, alike)
    planted = Planted(uscc)
    tables = _tables(population, uscc, loans, papers, checks, lines, planted, seed)
    known = {name: _known(table) for name, table in tables.items()}
    return Economy(known, truth.table(population, loans, uscc), planted.table())


def _tables(
    population: Firms, uscc: Arrow, loans: Loans, papers: Papers, checks: Checks, lines: Lines, planted: Planted,
    seed: int,
) -> dict[str, pa.Table]:  # fmt: skip
    """Write down the evidence of what happened."""
    number = certification.numbers(papers, planted, seed)
    credit_account, credit_month = credit.tables(population, uscc, seed)
    bought = papers.bought
    products.plant(lines, population, planted)
    certification.plant_purchases(papers, loans, planted)
    return {
        "enterprise": registration.enterprise_table(population, uscc, seed),
        "annual_report": registration.annual_report_table(population, uscc, seed),
        "list_entry": registration.list_entry_table(population, uscc, seed),
        "certificate": certification.table(papers, uscc, number, planted, seed),
        "certificate_event": certificate_events.table(papers, uscc, number, planted, seed),
        "certification_body": papers.register.table,
        "reported_certificate": reported.table(population, uscc, papers, planted, seed),
        "inspection": inspections.table(population, uscc, checks, seed),
        "incident": incidents.table(population, uscc, checks, (papers.firm[bought], papers.issued[bought]), seed),
        "product": products.table(population, uscc, lines, papers.held("SANTONG"), seed),
        "programme": activity.table(population, uscc, seed),
        "credit_account": credit_account,
        "credit_month": credit_month,
        "credit_inquiry": credit.inquiry_table(population, uscc, (loans.firm, loans.applied), seed),
        "tax_grade": credit.tax_grade_table(population, uscc, seed),
        "utility_bill": utilities.table(population, uscc, seed),
        "honour": innovation.honour_table(population, uscc, seed),
        "innovation": innovation.innovation_table(population, uscc, seed),
        "mitigant": innovation.mitigant_table(population, uscc, seed),
        "invoice": operations.invoice_table(population, uscc, planted, seed),
        "application": lending.application_table(population, loans, uscc, seed),
        "outcome": lending.outcome_table(loans, seed),
        "consent": lending.consent_table(population, loans, uscc, seed),
    }


def _known(table: pa.Table) -> pa.Table:
    """Keep what had become known by the time the world closes."""
    return table.filter(pc.less_equal(table["known_on"], pa.scalar(SECOND_DELIVERY, pa.date32()))).combine_chunks()

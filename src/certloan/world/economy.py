"""The whole world before anybody writes it into files: clean tables, and the truth behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from certloan.world import (
    bodies,
    certification,
    credit,
    firms,
    innovation,
    lending,
    operations,
    participation,
    quality,
    registration,
)
from certloan.world.calendar import SECOND_DELIVERY
from certloan.world.draws import of_shard

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
    return Economy({name: table for name, table in drawn.tables.items() if name not in SHARED}, drawn.truth)


def draw(enterprises: int, seed: int, first: int = 0) -> Economy:
    """Let a world happen: latent values first, then loans and failures, then the evidence of them.

    ``first`` is the serial number of the first enterprise.
    """
    population, loans = lending.lend(firms.draw(enterprises, seed, first), seed)
    uscc = firms.uscc(population)
    chains = participation.draw(population, seed)
    body = bodies.draw(population, chains, seed)
    certificate, certificate_event = certification.tables(population, uscc, chains, body, seed)
    inspection, incident = quality.tables(population, uscc, seed)
    credit_account, credit_month = credit.tables(population, uscc, seed)
    tables = {
        "enterprise": registration.enterprise_table(population, uscc, seed),
        "annual_report": registration.annual_report_table(population, uscc, seed),
        "list_entry": registration.list_entry_table(population, uscc, seed),
        "certificate": certificate,
        "certificate_event": certificate_event,
        "certification_body": body.table,
        "inspection": inspection,
        "incident": incident,
        "credit_account": credit_account,
        "credit_month": credit_month,
        "credit_inquiry": credit.inquiry_table(population, uscc, (loans.firm, loans.applied), seed),
        "tax_grade": credit.tax_grade_table(population, uscc, seed),
        "honour": innovation.honour_table(population, uscc, seed),
        "innovation": innovation.innovation_table(population, uscc, seed),
        "mitigant": innovation.mitigant_table(population, uscc, seed),
        "invoice": operations.invoice_table(population, uscc, seed),
        "application": lending.application_table(population, loans, uscc, seed),
        "outcome": lending.outcome_table(loans, seed),
        "consent": lending.consent_table(population, loans, uscc, seed),
    }
    known = {name: _known(table) for name, table in tables.items()}
    return Economy(known, lending.truth_table(population, loans, uscc))


def _known(table: pa.Table) -> pa.Table:
    """Keep what had become known by the time the world closes."""
    return table.filter(pc.less_equal(table["known_on"], pa.scalar(SECOND_DELIVERY, pa.date32()))).combine_chunks()

"""Certificates lapse when firms weaken, bodies fall, some are bought; and what the file of planted flags says is so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from certloan.world import bodies, certification, cycles, firms, participation, standing
from certloan.world.calendar import CLOSES
from certloan.world.cycles import Cycles
from certloan.world.draws import NEVER
from certloan.world.economy import Economy
from certloan.world.firms import Firms
from certloan.world.participation import Chains

from .conftest import ENTERPRISES, SEED


@pytest.fixture(scope="module")
def walked() -> tuple[Firms, Chains, Cycles]:
    """The certificates of many firms before any of them failed."""
    population = firms.draw(ENTERPRISES, SEED)
    chains = participation.draw(population, SEED)
    return population, chains, cycles.walk(population, chains, bodies.draw(SEED), SEED)


@pytest.fixture(scope="module")
def papers(drawn: Economy) -> pd.DataFrame:
    """The certificates with the firm's latent values beside them."""
    truth = drawn.truth.to_pandas().drop_duplicates("uscc").set_index("uscc")[["quality", "size", "strength"]]
    found: pd.DataFrame = (
        drawn.tables["certificate"].to_pandas().drop_duplicates("certificate_no").join(truth, on="uscc")
    )
    return found


def _planted(drawn: Economy, flag: str) -> pd.DataFrame:
    planted: pd.DataFrame = drawn.planted.to_pandas()
    return planted[planted["flag"] == flag]


def test_suspensions_befall_those_who_weakened_and_restorations_those_who_are_strong(
    walked: tuple[Firms, Chains, Cycles],
) -> None:
    population, chains, made = walked

    def strength(kind: int, back: int = 0) -> float:
        at = (made.event == kind) & (made.event_on > 17_000)
        firm = chains.firm[made.chain[made.event_cycle[at]]]
        return float(population.strength_on(firm, made.event_on[at] - back).mean())

    assert strength(cycles.SUSPENDED) < strength(cycles.PASSED) - 0.4
    fell = strength(cycles.SUSPENDED, 365) - strength(cycles.SUSPENDED)
    assert fell > strength(cycles.PASSED, 365) - strength(cycles.PASSED) + 0.1
    assert strength(cycles.RESTORED) > strength(cycles.WITHDRAWN) + 0.2


def test_since_2026_an_overdue_audit_suspends_within_days_and_before_after_fifteen_months(drawn: Economy) -> None:
    events = drawn.tables["certificate_event"].to_pandas()
    issued = drawn.tables["certificate"].to_pandas().drop_duplicates("certificate_no").set_index("certificate_no")
    events = events.join(issued[["issued_on", "scheme"]], on="certificate_no")
    audits = ["surveillance_passed", "restored"]
    events["day"] = pd.to_datetime(events["event_on"])
    events = events.sort_values("day")
    audited = events["day"].where(events["event"].isin(audits))
    last = audited.groupby(events["certificate_no"]).ffill().fillna(pd.to_datetime(events["issued_on"]))
    suspended = events["event"] == "suspended"
    gap = (events["day"] - last).dt.days[suspended]
    # An audit that was due in 2025 was still judged by the rule of that year, and suspends until the spring.
    days = events["day"][suspended]
    strict, before = days >= "2026-04-05", days < "2026-01-05"
    assert strict.sum() > 10
    assert gap[strict].between(365, 400).mean() > 0.9
    assert gap[before].between(440, 475).mean() > 0.9


def test_every_world_sees_bodies_lose_their_licence_and_what_becomes_of_their_holders(
    walked: tuple[Firms, Chains, Cycles],
) -> None:
    _, chains, made = walked
    register = bodies.draw(SEED)
    lost = register.revoked < CLOSES
    assert lost.sum() >= 2
    assert register.lax[lost].all()
    hit = (made.issued < register.revoked[made.body]) & (register.revoked[made.body] < made.expires)
    hit &= ~chains.own_word[made.chain]
    withdrawn = made.stopped[hit] != NEVER
    assert hit.sum() > 100
    assert 0.3 < withdrawn.mean() < 0.75
    after = made.issued > register.revoked[made.body]
    assert chains.bought[made.chain[after]].all()
    told = register.table.to_pandas().dropna(subset=["sanction"])
    assert set(told["body_no"][told["sanction"] == "revoked"]) == set(register.number.filter(lost).to_pylist())
    assert (told["sanction_article"] == "认证认可条例第61条").equals(told["sanction"] == "revoked")


def test_bodies_are_the_same_for_every_world_of_a_seed_however_large(drawn: Economy) -> None:
    assert bodies.draw(SEED).table.equals(bodies.draw(SEED).table)
    known = drawn.tables["certification_body"].to_pylist()
    assert [row for row in bodies.draw(SEED).table.to_pylist() if row in known] == known


def test_what_a_firm_declares_itself_tells_less_of_quality_than_what_a_third_party_found(papers: pd.DataFrame) -> None:
    same = papers[(papers["size"].abs() < 1.0) & papers["scheme"].isin(["PZB", "SANTONG"])]
    by = same.groupby("assurance")["quality"].mean()
    assert by["third_party"] > by["self_declared"] + 0.25


def test_holders_of_the_regional_brand_are_large(papers: pd.DataFrame) -> None:
    holders = papers[papers["scheme"] == "PZB"].drop_duplicates("uscc")
    assert holders["size"].mean() > papers.drop_duplicates("uscc")["size"].mean() + 0.5


def test_who_buys_certificates_is_weak_and_buys_them_in_the_weeks_before_applying(
    drawn: Economy, papers: pd.DataFrame
) -> None:
    flagged = _planted(drawn, "bought_before_applying")
    truth = drawn.truth.to_pandas().set_index("application_id")
    assert len(flagged) > 30
    buyers = truth.loc[flagged["key"]]
    assert buyers["quality"].mean() < truth["quality"].mean() - 0.5
    issued = papers.set_index("uscc")["issued_on"]
    for row in flagged.to_dict("records"):
        days = (pd.Timestamp(row["since"]) - pd.to_datetime(issued.loc[[row["uscc"]]])).dt.days
        assert (days.between(0, 90)).sum() >= 2


def test_planted_certificates_are_what_they_are_said_to_be(drawn: Economy, papers: pd.DataFrame) -> None:
    by_number = papers.set_index("certificate_no")
    malformed = by_number.loc[_planted(drawn, "number_malformed")["key"]]
    assert set(malformed["scheme"]) <= {"CCC", "ORGANIC"}
    ccc = by_number[by_number["scheme"] == "CCC"]
    wrong = ~ccc.index.str.fullmatch(r"\d{16}")
    assert set(ccc.index[wrong]) == set(malformed.index[malformed["scheme"] == "CCC"])
    approved = drawn.tables["certification_body"].to_pandas().drop_duplicates("body_no").set_index("body_no")["schemes"]
    beyond = by_number.loc[_planted(drawn, "body_not_approved")["key"]]
    fields = {"A01": "管理体系", "CCC": "产品", "SERVICE": "服务", "ORGANIC": "食品农产品"}
    for scheme, field in fields.items():
        held = by_number[(by_number["scheme"] == scheme) & by_number["body_no"].notna()]
        unapproved = ~held["body_no"].map(approved).str.split("、").map(lambda told, field=field: field in told)
        assert set(held.index[unapproved]) == set(beyond.index[beyond["scheme"] == scheme])


def test_stated_headcounts_are_far_from_the_annual_report_where_planted_and_near_elsewhere(
    drawn: Economy, papers: pd.DataFrame
) -> None:
    reports = drawn.tables["annual_report"].to_pandas().dropna(subset=["employees"])
    people = reports.groupby("uscc")["employees"].median()
    stated = papers.dropna(subset=["headcount_covered"]).set_index("certificate_no")
    ratio = (stated["headcount_covered"] / stated["uscc"].map(people)).dropna()
    ratio = ratio[stated.loc[ratio.index, "uscc"].map(people) >= 10]
    far = ratio.index.isin(_planted(drawn, "headcount_far")["key"])
    assert far.sum() > 20
    assert ((ratio[far] < 0.3) | (ratio[far] > 3)).mean() > 0.95
    assert ((ratio[~far] < 0.3) | (ratio[~far] > 3)).mean() < 0.005


def test_one_team_of_a_corrupt_body_serves_far_more_firms_than_any_honest_team(drawn: Economy) -> None:
    events = drawn.tables["certificate_event"].to_pandas().dropna(subset=["team"])
    clients = events.groupby("team")["uscc"].nunique().sort_values(ascending=False)
    planted = set(_planted(drawn, "audit_team")["uscc"])
    sold = events[events["uscc"].isin(planted) & events["team"].str.endswith("00009")]
    assert sold["team"].nunique() <= 3
    assert set(clients.index[: sold["team"].nunique()]) == set(sold["team"])


def test_the_credit_report_confirms_most_certificates_and_contradicts_what_was_planted(
    drawn: Economy, papers: pd.DataFrame
) -> None:
    reported = drawn.tables["reported_certificate"].to_pandas()
    both = reported.merge(papers, on=["uscc", "scheme"], how="left")
    near = (pd.to_datetime(both["certified_on"]) - pd.to_datetime(both["issued_on"])).dt.days.between(0, 10)
    confirmed = both[near & (both["ends_on"] == both["expires_on"])]
    keys = ["uscc", "scheme", "certified_on"]
    share = len(confirmed.drop_duplicates(keys)) / len(reported)
    assert 0.93 < share < 0.995
    wrong = _planted(drawn, "report_contradicted").rename(columns={"key": "scheme", "since": "certified_on"})
    assert not len(confirmed.merge(wrong, on=keys))


def test_a_system_that_is_kept_lifts_quality_a_little_and_a_bought_one_does_not() -> None:
    population = firms.draw(3000, 5)
    chains = participation.draw(population, 5)
    register = bodies.draw(5)
    made = cycles.walk(population, chains, register, 5)
    held = standing.systems(population, chains, made, register)
    printed = certification.papers(population, chains, made, register)
    owners = printed.firm[printed.bought]
    only = [firm for firm in set(owners.tolist()) if not (printed.firm[~printed.bought] == firm).any()]
    assert only
    firm = np.arange(3000, dtype=np.int64)
    day = np.full(3000, CLOSES, dtype=np.int64)
    lift = standing.quality_on(population, held, firm, day) - population.quality
    state = held.state_on(firm, day)
    assert set(np.round(lift[state == standing.KEPT], 3)) == {standing.SYSTEM_LIFTS_QUALITY}
    assert (lift[state != standing.KEPT] == 0).all()
    assert not (state[only] == standing.KEPT).any()
    assert set(state.tolist()) == {0, 1, 2, 3}

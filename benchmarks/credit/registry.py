"""Every set and every contender, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.credit.invoices import cumcm
from benchmarks.credit.peers.boosting import CATBOOST, LIGHTGBM
from benchmarks.credit.peers.cards import OPTBINNING, TOAD
from benchmarks.credit.peers.glassbox import EBM
from benchmarks.credit.peers.linear import LOGISTIC
from benchmarks.credit.peers.ours import CARD, CEILING, CERTLOAN
from benchmarks.credit.peers.peer import Peer
from benchmarks.credit.problem import Problem
from benchmarks.credit.sba import sba_2004, sba_2006, sba_case, sba_random
from benchmarks.credit.tables import polish_1, polish_5, south_german, uci_card

SETS: dict[str, Callable[[Path], Problem]] = {
    "sba-random": sba_random,
    "sba-2004": sba_2004,
    "sba-2006": sba_2006,
    "sba-case": sba_case,
    "cumcm": cumcm,
    "uci-card": uci_card,
    "south-german": south_german,
    "polish-1": polish_1,
    "polish-5": polish_5,
}
PEERS: dict[str, Peer] = {
    peer.name: peer for peer in (CERTLOAN, EBM, CATBOOST, LIGHTGBM, LOGISTIC, CARD, OPTBINNING, TOAD, CEILING)
}

"""What a certificate's scope says of the holder's trade: free text, read by the words of GB/T 4754-2017.

The names of an industry division, and of its groups and classes, are cut into pairs of characters; a pair weighs the
more, the fewer divisions use it (inverse document frequency). A scope speaks for the divisions that share its pairs.
Names are short and trades overlap, so a scope is never read finer than the section of its best divisions, and one that
shares too little is not read at all: no answer is better than a wrong one.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from certloan.reference.industries import ancestry, industries
from certloan.reference.loading import cached

#: Words that stand in the scopes and names of every trade alike.
_EVERYWHERE = re.compile(
    "制造|生产|加工|其他|未列明|活动|服务|销售|设计|开发|研发|安装|及其|以及|相关|产品|管理|资质|范围|技术|经营|专用|场所|所涉及|部门"
)
_NO_WORD = re.compile("[^\u4e00-\u9fffA-Za-z0-9]+")
#: Those who trade in goods may hold certificates for any of them.
_TRADE = ("51", "52")
#: What is tested may be a product of any trade; who tests it is a technical service.
_TESTS, _TESTER = re.compile("检测|检验|校准|测试"), "M"
_BEST = 3
#: What a scope must share with its best division to be read: an amount of weight, and a part of its own.
_LEAST_WEIGHT, _LEAST_PART = 7.0, 0.3
#: A division that shares less than this part of the best one's weight is an accident.
_NEAR = 0.5


@dataclass(frozen=True)
class ScopeReading:
    """What a scope speaks for: its best division, and every division that it can be said to fit, in code order."""

    division: str
    fitting: tuple[str, ...]


def read_scope(text: str) -> ScopeReading | None:
    """Read a scope; None where it names no trade clearly enough.

    >>> reading = read_scope("聚氯乙烯绝缘电线电缆的设计、生产")
    >>> reading.division, "38" in reading.fitting, "62" in reading.fitting
    ('38', True, False)
    >>> read_scope("认证范围详见附件") is None
    True
    """
    said = _pairs(text)
    if not said:
        return None
    weights, index = _index()
    found: dict[str, float] = defaultdict(float)
    for pair in sorted(said):
        for division, times in index.get(pair, {}).items():
            found[division] += weights[pair] * (1 + math.log(times))
    best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_BEST]
    whole = sum(weights.get(pair, _heaviest()) for pair in said)
    if not best or best[0][1] < _LEAST_WEIGHT or best[0][1] < _LEAST_PART * whole:
        return None
    sections = {industries()[division].section for division, weight in best if weight >= _NEAR * best[0][1]}
    sections |= {_TESTER} if _TESTS.search(text) else set()
    fitting = {division for division in _divisions() if industries()[division].section in sections}
    return ScopeReading(best[0][0], tuple(sorted(fitting.union(_TRADE))))


def _pairs(text: str) -> frozenset[str]:
    words = _EVERYWHERE.sub(" ", _NO_WORD.sub(" ", text)).split()
    return frozenset(word[at : at + 2] for word in words for at in range(len(word) - 1))


@cached
def _divisions() -> tuple[str, ...]:
    return tuple(code for code, industry in industries().items() if industry.level == 2)


@cached
def _index() -> tuple[Mapping[str, float], Mapping[str, Mapping[str, int]]]:
    """Give the weight of every pair, and how many names of each division hold it."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for code, industry in industries().items():
        if industry.level >= 2:
            division = ancestry(code)[industry.level - 2]
            for pair in _pairs(industry.name):
                held[pair][division] += 1
    return {pair: math.log(len(_divisions()) / len(within)) for pair, within in held.items()}, held


def _heaviest() -> float:
    """Give the weight of a pair that no division uses: such words are told, and not understood."""
    return math.log(len(_divisions()))

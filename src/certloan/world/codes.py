"""Codes and names of invented enterprises: valid in form, belonging to nobody.

Every organisation code begins with ``XN``, which the registry has not assigned, so no code here is a real firm's.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.draws import Arrow, Ints, joined, words

#: GB 32100-2015: 31 characters, no I, O, S, V, Z.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
#: GB 11714: the organisation code's own check, where a letter counts 10 for A up to 35 for Z.
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUE = np.array(["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in ALPHABET], dtype=np.int64)
_UNASSIGNED = (ALPHABET.index("X"), ALPHABET.index("N"))
_SERIAL_LENGTH = 6
_SERIALS = len(ALPHABET) ** _SERIAL_LENGTH
_SPREAD = 387_420_489  # 3 ** 18, prime to 31: consecutive serials look unrelated and never meet

_BRAND_FIRST = "衡沐岚骐珵屿澜铄砺璟茗桓晟钧霖朔祺翊溪恺璞翰嵘昶"
_BRAND_SECOND = "泽岳川禾霁帆麓棠砚舟澍衍朗榆笙漫沅柏槿珩烁屹野陌"
_BRAND_THIRD = "达源力科远工景和盛泰丰联"
_SUFFIXES = ("有限公司", "（个体工商户）", "专业合作社")


def uscc(prefixes: Ints, divisions: Ints, serials: Ints) -> Arrow:
    """Write unified social credit codes with both check digits.

    ``prefixes`` are 91, 92 or 93, ``divisions`` six-digit codes, ``serials`` distinct numbers from 0.

    >>> codes = uscc(np.array([91]), np.array([330521]), np.array([5]))
    >>> len(codes[0].as_py()), codes[0].as_py()[8:10]
    (18, 'XN')
    """
    n = len(serials)
    values = np.zeros((n, 18), dtype=np.int64)
    values[:, 0], values[:, 1] = prefixes // 10, prefixes % 10
    for place in range(6):
        values[:, 2 + place] = divisions // 10 ** (5 - place) % 10
    values[:, 8], values[:, 9] = _UNASSIGNED
    mixed = serials * _SPREAD % _SERIALS
    for place in range(_SERIAL_LENGTH):
        values[:, 15 - place] = mixed // len(ALPHABET) ** place % len(ALPHABET)
    organisation = sum(
        (_ORGANISATION_VALUE[values[:, 8 + i]] * weight for i, weight in enumerate(_ORGANISATION_WEIGHTS)),
        start=np.zeros(n, dtype=np.int64),
    )
    check = 11 - organisation % 11
    values[:, 16] = np.where(check == 10, ALPHABET.index("X"), np.where(check == 11, 0, check))
    total = sum((values[:, i] * weight for i, weight in enumerate(_WEIGHTS)), start=np.zeros(n, dtype=np.int64))
    values[:, 17] = (31 - total % 31) % 31
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)[values]
    text = np.ascontiguousarray(letters).view("S18").ravel()
    return pc.cast(pa.array(text, pa.binary()), pa.string())


def brands(serials: Ints) -> Arrow:
    """Give an invented three-character brand to each serial number."""
    first, rest = serials % len(_BRAND_FIRST), serials // len(_BRAND_FIRST)
    second, rest = (rest * 7 + first) % len(_BRAND_SECOND), rest // len(_BRAND_SECOND)
    third = (rest * 5 + second) % len(_BRAND_THIRD)
    return joined(words(_BRAND_FIRST, first), words(_BRAND_SECOND, second), words(_BRAND_THIRD, third))


def names(counties: Arrow, serials: Ints, trades: Arrow, forms: Ints) -> Arrow:
    """Name enterprises: county, brand, trade and legal form."""
    return joined(counties, brands(serials), trades, words(_SUFFIXES, forms))

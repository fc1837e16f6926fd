"""统一社会信用代码 (GB 32100-2015) checked in SQL (DuckDB).

Eighteen characters: who registered it (1), what it is (1), where (6), the organisation code with its own check
digit (9), and a check digit modulo 31. Letters can stand first (rural collectives N…, others A…, Y…). Early pilot
codes (9……M000…) fail the check digit although they are legal, so they are kept with a warning.
"""

from __future__ import annotations

from certloan.ingest.sql import among, literal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_SHAPE = rf"^[1-9{ALPHABET[10:]}][{ALPHABET}]\d{{6}}[{ALPHABET}]{{10}}$"
_PILOT = r"^9\d{7}M000"

#: The first two digits of a division code: provinces, and 10 for codes given by the state's own registry.
PROVINCES = (
    *("10", "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    *("71", "81", "82", "91"),
)


def compact(text: str) -> str:
    """Compile a code without spaces and hyphens, upper-case."""
    return f"nullif(upper(replace(replace({text}, ' ', ''), '-', '')), '')"


#: What :func:`verdict` gives, in the order in which it asks.
MISSHAPEN, PILOT, WRONG_CHECK, WRONG_ORGANISATION, UNKNOWN_DIVISION = range(1, 6)


def verdict(code: str) -> str:
    """Compile the first thing that is wrong with a code, as a number; null if nothing is.

    ``MISSHAPEN``: wrong length, a character outside the alphabet, or no digits where the division stands.
    ``WRONG_CHECK``: the check digit is wrong; ``PILOT``: it is wrong, but in a pilot code, which is no error.
    ``WRONG_ORGANISATION``: the check digit of the organisation code (characters 9 to 17) is wrong.
    ``UNKNOWN_DIVISION``: the division begins with no province.
    """
    check = " + ".join(
        f"{weight} * (strpos({literal(ALPHABET)}, {code}[{position}]) - 1)"
        for position, weight in enumerate(WEIGHTS, start=1)
    )
    organisation = " + ".join(
        f"{weight} * (strpos({literal(_ORGANISATION_ALPHABET)}, {code}[{position}]) - 1)"
        for position, weight in enumerate(ORGANISATION_WEIGHTS, start=9)
    )
    return (
        # A sum over characters outside the alphabet means nothing: the shape is asked first.
        f"case when {code} is null then null when not regexp_matches({code}, {literal(_SHAPE)}) then {MISSHAPEN} "
        f"when strpos({literal(ALPHABET)}, {code}[18]) - 1 <> (31 - ({check}) % 31) % 31 "
        f"then if(regexp_matches({code}, {literal(_PILOT)}), {PILOT}, {WRONG_CHECK}) "
        f"when {code}[17] <> {literal('0X987654321')}[1 + ({organisation}) % 11] then {WRONG_ORGANISATION} "
        f"when not {among(f'{code}[3:4]', PROVINCES)} then {UNKNOWN_DIVISION} end"
    )

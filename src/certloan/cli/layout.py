"""How the columns of a table share the width of a terminal: names and numbers whole, sentences in what is left."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: Narrower than this, a column of sentences is a column of syllables.
_SENTENCE = 10


@dataclass(frozen=True)
class Layout:
    """The headings with their line breaks, the columns that are never broken, and the blanks beside each cell."""

    heads: tuple[str, ...]
    unbroken: frozenset[int]
    padding: int


def layout(heads: Sequence[str], rows: Sequence[Sequence[str]], whole: Collection[int], width: int) -> Layout:
    r"""Keep the columns ``whole`` on one line each if that fits into ``width``, without blanks beside cells if need be.

    Headings break between words. Where nothing helps no column is held together, because what does not fit would be
    cut off.

    >>> layout(["feature", "days since newest"], [["cert_valid_audits", "7"]], {0, 1}, 40).heads
    ('feature', 'days\nsince\nnewest')
    >>> sorted(layout(["feature"], [["cert_valid_audits"]], {0}, 12).unbroken)
    []
    """
    told, needed = [], 0
    for place, head in enumerate(heads):
        word = max((_wide(part) for part in head.split()), default=0)
        widest = max((_wide(line) for row in rows for line in row[place].splitlines()), default=0)
        if place in whole:
            widest = max(widest, word)
            told.append(
                "\n".join(textwrap.wrap(head, widest, break_long_words=False)) if head.isascii() and head else head
            )
            needed += max(widest, *(_wide(line) for line in (told[-1].splitlines() or [""])))
        else:
            told.append(head)
            needed += max(word, min(widest, _SENTENCE))
    for padding in (1, 0):
        if needed + len(heads) * (1 + 2 * padding) + 1 <= width:
            return Layout(tuple(told), frozenset(whole), padding)
    return Layout(tuple(heads), frozenset(), 1)


def _wide(cell: str) -> int:
    from rich.text import Text

    return Text.from_markup(cell).cell_len

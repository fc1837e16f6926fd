"""The scorecard as one page: every table and pair with its picture, Chinese with English one click away."""

from __future__ import annotations

from html import escape

from certloan.i18n import Lang, text
from certloan.report.page import document, section, table
from certloan.report.scorecard.card import Card, Cell, Main, Tested, Two
from certloan.report.scorecard.labels import signed
from certloan.report.scorecard.pictures import heat_map, staircase, weights

_WEIGHTIEST = 12
#: A pair with more cells than this is told in full by the workbook and the JSON file.
_MOST_CELLS = 400
_SPLITS = ("time", "folds", "random")
_ARROWS = {1: "↑", -1: "↓", 0: "·"}


def page(card: Card) -> str:
    """Give the page. It runs no script and loads nothing; every value in it is escaped."""
    title = f"{text('scorecard.title', Lang.ZH)} · {card.fingerprint[:12]}"
    return document(title, {lang: _body(card, lang) for lang in Lang}, "plot.css", "scorecard.css")


def _body(card: Card, lang: Lang) -> str:
    links = " ".join(f'<a href="#{lang}-{name}">{escape(told(lang))}</a>' for name, told in card.families)
    links += f' <a href="#{lang}-pairs">{escape(_word("pairs", lang))}</a>' if card.pairs else ""
    return "".join(
        (
            _head(card, lang),
            section(_word("weightiest", lang), f"<nav>{links}</nav>{_weightiest(card, lang)}"),
            _grades(card, lang),
            *(_family(card, family, told(lang), lang) for family, told in card.families),
            _pairs(card, lang),
            f"<footer>{escape(_word('foot', lang))}</footer>",
        )
    )


def _head(card: Card, lang: Lang) -> str:
    scale, loss = card.scale, card.loss
    facts = [
        (f"{card.base_points:.1f}", _word("base_short", lang)),
        (f"{len(card.mains)} + {len(card.pairs)}", _word("tables", lang)),
        (f"{loss.printed:,} / {loss.bins:,}", _word("printed", lang)),
    ]
    if card.tested is not None:
        facts.insert(0, (f"{card.tested.auc.value:.3f}", tested_told(card.tested, lang)))
    boxes = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for value, name in facts)
    told = _word("scale", lang, points=f"{scale.points:g}", odds=f"{scale.odds:g}", doubles=f"{scale.doubles:g}")
    notes = "".join(f"<p class='note'>{escape(note)}</p>" for note in notes_of(card, lang))
    return (
        f"<header><h1>{escape(_word('title', lang))}</h1>"
        f"<p class='when'>{escape(_word(f'kind.{card.kind}', lang))} · <code>{escape(card.fingerprint)}</code></p>"
        f"<p class='lead'>{escape(_word('lead', lang))}</p><p class='lead'>{escape(told)}</p></header>"
        f"<div class='sc-facts'>{boxes}</div>{notes}"
    )


def tested_told(tested: Tested, lang: Lang) -> str:
    """Say whose AUC it is: how the loans were chosen, its interval, how many loans and defaults."""
    told = {"low": f"{tested.auc.low:.3f}", "high": f"{tested.auc.high:.3f}"}
    chosen = tested.split if tested.split in _SPLITS else "other"
    return _word(f"tested.{chosen}", lang, **told, n=f"{tested.n:,}", defaults=f"{tested.defaults:,}")


def notes_of(card: Card, lang: Lang) -> list[str]:
    """Say which loans were counted, what printing fewer bins costs, and where error bars come from."""
    loss, notes = card.loss, []
    if card.loans is None:
        notes.append(_word(f"absent.{card.absent}", lang))
    else:
        held = card.loans
        notes.append(
            _word("loans", lang, n=f"{held.n:,}", defaults=f"{held.defaults:,}", first=held.first, last=held.last)
        )
    joined = "loss" if card.loans else "loss_tables"
    notes.append(
        _word(
            "full" if loss.nothing else joined,
            lang,
            printed=loss.printed,
            bins=loss.bins,
            most=f"{loss.most:.2f}",
            mean=f"{loss.mean:.2f}",
        )
    )
    if loss.auc and loss.auc_difference and loss.log_loss_difference:
        gap, truth = loss.auc_difference, loss.log_loss_difference
        notes.append(
            _word(
                "loss_measured",
                lang,
                auc=f"{loss.auc.value:.4f} [{loss.auc.low:.4f}, {loss.auc.high:.4f}]",
                auc_gap=f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
                loss_gap=f"{truth.value:+.5f} [{truth.low:+.5f}, {truth.high:+.5f}]",
            )
        )
    notes.append(_word("bags", lang, bags=card.bags) if card.bags > 1 else _word("no_bags", lang))
    return notes


def _weightiest(card: Card, lang: Lang) -> str:
    chosen = sorted(card.mains, key=lambda main: -main.weight)[:_WEIGHTIEST]
    half, longest = (len(chosen) + 1) // 2, max((main.weight for main in chosen), default=1.0)
    parts = "".join(
        f"<figure>{weights(part, lang, longest)}</figure>" for part in (chosen[:half], chosen[half:]) if part
    )
    return f"<p class='note'>{escape(_word('weight_note', lang))}</p><div class='sc-two'>{parts}</div>"


def _grades(card: Card, lang: Lang) -> str:
    if not card.grades:
        return ""
    head = [_word(f"grade.{name}", lang) for name in ("code", "pd", "rate", "loans")]
    rows = [
        (
            str(grade["code"]),
            f"{grade['pd_from']:.2%} – {grade['pd_below']:.2%}",
            f"{grade['rate']:.2%} [{grade['rate_low']:.2%}, {grade['rate_high']:.2%}]",
            f"{grade['defaults']:,} / {grade['n']:,}",
        )
        for grade in card.grades
    ]
    return section(_word("grade.title", lang), table(head, rows, first_text=1))


def _family(card: Card, family: str, title: str, lang: Lang) -> str:
    mains = card.of_family(family)
    widest = max((abs(cell.points) + cell.error for main in mains for cell in main.told_cells), default=1.0)
    inner = "".join(_figure(main, lang, widest) for main in mains if not main.flat)
    heading = f"{title} ({len(mains)})"
    flat = [main.label(lang) for main in mains if main.flat]
    names = text("scorecard.bin.comma", lang).join(flat)
    note = f"<p class='note sc-flat'>{escape(_word('flat', lang, count=len(flat), names=names))}</p>" if flat else ""
    return f"<div id='{lang}-{family}'>{section(heading, f'<div class=sc-two>{inner}</div>{note}')}</div>"


def _figure(main: Main, lang: Lang, widest: float) -> str:
    direction = _word(f"direction.{ {1: 'good', -1: 'bad', 0: 'none'}[main.direction] }", lang)
    facts = _word(
        "figure",
        lang,
        weight=f"{main.weight:.1f}",
        low=signed(min(cell.points for cell in main.told_cells)),
        high=signed(max(cell.points for cell in main.told_cells)),
        printed=len(main.cells),
        bins=main.bins,
        most=f"{main.lost_most:.2f}",
    )
    rows = [_row(cell, lang) for cell in main.told_cells]
    head = [_word(f"column.{name}", lang) for name in ("value", "points", "share", "rate", "loans")]
    kept = [0, 1, 2] if all(cell.counted is None for cell in main.told_cells) else range(5)
    numbers = table([head[at] for at in kept], [[row[at] for at in kept] for row in rows])
    return (
        f"<figure><figcaption><b>{escape(main.label(lang))} {_ARROWS[main.direction]}</b>"
        f"<code>{escape(main.name)}</code> {escape(direction)} · {escape(facts)}</figcaption>"
        f"{staircase(main, lang, widest)}"
        f"<details><summary>{escape(_word('numbers', lang))}</summary>{numbers}</details></figure>"
    )


def _row(cell: Cell, lang: Lang) -> list[str]:
    error = f" ±{cell.error:.1f}" if cell.error else ""
    told = [cell.label(lang), f"{signed(cell.points)}{error}", f"{cell.share:.1%}"]
    if cell.counted is None or not cell.counted.n:
        return [*told, "–", "0" if cell.counted is not None else "–"]
    rate = cell.counted.rate
    counted = f"{cell.counted.defaults:,}/{cell.counted.n:,}"
    return [*told, f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]", counted]


def _pairs(card: Card, lang: Lang) -> str:
    if not card.pairs:
        return ""
    widest = max((abs(points) for pair in card.pairs for row in pair.points for points in row), default=0.0)
    inner = "".join(_pair(pair, lang, widest) for pair in card.pairs)
    note = f"<p class='note'>{escape(_word('pairs_note', lang))}</p>"
    heading = f"{_word('pairs', lang)} ({len(card.pairs)})"
    return f"<div id='{lang}-pairs'>{section(heading, f'{note}<div class=sc-two>{inner}</div>')}</div>"


def _pair(pair: Two, lang: Lang, widest: float) -> str:
    columns = "".join(f"<li>{escape(told(lang))}</li>" for told in pair.columns)
    rows = [[told(lang), *(signed(points) for points in pair.points[r])] for r, told in enumerate(pair.rows)]
    head = ["", *(told(lang) for told in pair.columns)]
    few = len(pair.rows) * len(pair.columns) <= _MOST_CELLS
    numbers = (
        f"<details><summary>{escape(_word('numbers', lang))}</summary>{table(head, rows)}</details>" if few else ""
    )
    return (
        f"<figure><figcaption><b>{escape(pair.label_first(lang))} × {escape(pair.label_second(lang))}</b>"
        f"{escape(_word('pair_figure', lang, weight=f'{pair.weight:.1f}', second=pair.label_second(lang)))}"
        f"</figcaption>{heat_map(pair, lang, widest)}<ol>{columns}</ol>{numbers}</figure>"
    )


def _word(name: str, lang: Lang, **facts: object) -> str:
    return text(f"scorecard.{name}", lang, **facts)

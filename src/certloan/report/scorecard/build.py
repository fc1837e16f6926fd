"""From a bundle, and from loans where there are any, to the scorecard that is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from certloan.domain.evidence import Family
from certloan.features.spec import Spec
from certloan.i18n import both
from certloan.report.scorecard.card import Card, Cell, Counted, Loans, Loss, Main, Tested, Told
from certloan.report.scorecard.labels import axis_told, bounds_of
from certloan.report.scorecard.observed import Observed
from certloan.report.scorecard.pairs import PrintedPair, printed_pair
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.export.groups import Groups, joined
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.proper import log_loss_difference, log_loss_interval
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.tables import Integers, Tables
from certloan.scoring.weights import weight_of_features

#: Where a feature belongs that is in no catalog.
OTHER = "other"
#: Points that joining bins for print may cost any bin of a table, however wide its error bar. Over a hundred tables it
#: adds up: at 1 the average applicant of the demo moved by 1.4 points, at 3 by 5.3.
MOST_LOST = 1.0


def build_card(
    bundle: Bundle,
    specs: Mapping[str, Spec],
    observed: Observed | None = None,
    *,
    absent: str = "no-warehouse",
    full: bool = False,
) -> Card:
    """Give the card; ``full`` prints every bin of the model, otherwise neighbours within their error bars are joined.

    ``specs`` describe features by name; one that is not among them goes by its name alone.
    """
    weights = dict(weight_of_features(bundle))
    most = MOST_LOST / abs(bundle.points_per_margin)
    groups = [_groups(bundle.tables, at, most, full=full) for at in range(len(bundle.features))]
    bins = None if observed is None else bundle.tables.bins(observed.values)
    mains = [
        _main(bundle, at, specs.get(bundle.names[at]), grouped, weights, observed, bins)
        for at, grouped in enumerate(groups)
    ]
    pairs = [printed_pair(bundle, pair, specs, observed, bins, most, full=full) for pair in bundle.tables.pairs]
    families = [*dict.fromkeys(main.family for main in mains)]
    known = [family.value for family in Family if family in families] + [OTHER] * (OTHER in families)
    return Card(
        fingerprint=bundle.fingerprint,
        kind=bundle.kind,
        scale=bundle.scale,
        base_points=bundle.base_points,
        points_per_margin=bundle.points_per_margin,
        families=tuple((name, _family(name)) for name in known),
        mains=tuple(sorted(mains, key=lambda main: (known.index(main.family), -main.weight, main.name))),
        pairs=tuple(printed.two for printed in sorted(pairs, key=lambda printed: -printed.two.weight)),
        loss=_loss(bundle, groups, pairs, mains, observed),
        loans=None if observed is None else _loans(bundle, observed),
        absent="" if observed is not None else absent,
        bags=len(bundle.boosters),
        grades=tuple(bundle.grades.as_json()["grades"]) if bundle.grades is not None else (),
        tested=_tested(bundle),
    )


def _groups(tables: Tables, at: int, most: float, *, full: bool) -> Groups:
    """Join the bins of one table; what is missing stands alone, and comes last."""
    axis, cells, errors = tables.axes[at], tables.mains[at], tables.spread[at]
    order = list(range(axis.missing))
    if axis.thresholds is None:
        order.sort(key=lambda bin_: (cells[bin_], bin_))
    if full:
        members = tuple((bin_,) for bin_ in (*order, axis.missing))
        return Groups(members, cells[[*order, axis.missing]][:, None])
    found = joined(cells[:, None], errors[:, None], tables.shares[at], order, most)
    return Groups((*found.members, (axis.missing,)), np.vstack([found.values, cells[axis.missing]]))


def _main(
    bundle: Bundle,
    at: int,
    spec: Spec | None,
    groups: Groups,
    weights: Mapping[str, float],
    observed: Observed | None,
    bins: Sequence[Integers] | None,
) -> Main:
    feature, axis, tables = bundle.features[at], bundle.tables.axes[at], bundle.tables
    shares, per_margin = tables.shares[at], bundle.points_per_margin
    counted = None if observed is None or bins is None else _counted(groups, bins[at], observed)
    labels = axis_told(spec, feature, axis.thresholds, groups)
    cells = []
    for number, members in enumerate(groups.members):
        held = list(members)
        error = float(np.average(tables.spread[at][held], weights=shares[held] + 1e-9))
        low, high = bounds_of(axis.thresholds, members)
        kind = "missing" if axis.missing in members else "levels" if feature.categorical else "range"
        cells.append(
            Cell(
                label=labels[number],
                kind=kind,
                points=float(groups.values[number, 0]) * per_margin,
                error=error * abs(per_margin),
                share=float(shares[held].sum()),
                bins=members,
                low=low,
                high=high,
                counted=None if counted is None else counted[number],
            )
        )
    lost = np.abs(_as_printed(groups, axis.bins) - tables.mains[at]) * abs(per_margin)
    return Main(
        name=feature.name,
        label=Told(feature.name, feature.name) if spec is None else Told(spec.zh, spec.en),
        family=OTHER if spec is None else spec.family.value,
        unit="category" if feature.categorical else "ratio" if spec is None else spec.unit.value,
        direction=feature.direction,
        weight=weights[feature.name],
        bins=axis.bins,
        lost_most=float(lost.max()),
        lost_mean=float(shares @ lost),
        cells=tuple(cells),
    )


def _counted(groups: Groups, bins: Integers, observed: Observed) -> list[Counted]:
    size = sum(len(members) for members in groups.members)
    group_of = np.empty(size, dtype=np.int64)
    for number, members in enumerate(groups.members):
        group_of[list(members)] = number
    return observed.counted(group_of[bins], len(groups.members))


def _as_printed(groups: Groups, size: int) -> Floats:
    """Give each bin the value that it is printed with."""
    cells = np.empty(size)
    for number, members in enumerate(groups.members):
        cells[list(members)] = groups.values[number, 0]
    return cells


def _loss(
    bundle: Bundle,
    groups: Sequence[Groups],
    pairs: Sequence[PrintedPair],
    mains: Sequence[Main],
    observed: Observed | None,
) -> Loss:
    tables = bundle.tables
    printed = replace(
        tables,
        mains=tuple(_as_printed(grouped, axis.bins) for grouped, axis in zip(groups, tables.axes, strict=True)),
        pairs=tuple(entry.pair for entry in pairs),
    )
    plain = Loss(
        bins=tables.cells,
        printed=printed.cells - sum(map(len, printed.mains)) + sum(len(main.cells) for main in mains),
        most=max((main.lost_most for main in mains), default=0.0),
        mean=float(np.mean([main.lost_mean for main in mains])) if mains else 0.0,
    )
    if observed is None or not 0 < np.count_nonzero(observed.defaulted) < len(observed.defaulted):
        return plain
    whole, short = (bundle.calibrator.apply(held.margin(observed.values)) for held in (tables, printed))
    bad, weights = observed.defaulted, observed.weights
    moved = np.abs(whole - short) * bundle.scale.factor
    return replace(
        plain,
        most=float(moved.max()),
        mean=float(np.average(moved, weights=weights)),
        auc=auc_interval(bad, whole, weights),
        auc_difference=auc_difference(bad, short, whole, weights),
        log_loss=log_loss_interval(bad, probability(whole), weights),
        log_loss_difference=log_loss_difference(bad, probability(short), probability(whole), weights),
    )


def _tested(bundle: Bundle) -> Tested | None:
    held, split = bundle.provenance.get("metrics", {}), bundle.provenance.get("split", {})
    if not {"auc", "auc_low", "auc_high", "n", "defaults"} <= set(held):
        return None
    auc = Interval(float(held["auc"]), float(held["auc_low"]), float(held["auc_high"]))
    return Tested(auc, int(held["n"]), int(held["defaults"]), str(split.get("kind", "")))


def _loans(bundle: Bundle, observed: Observed) -> Loans:
    taught = bundle.provenance.get("window", {}).get("n_train")
    defaults = int(np.count_nonzero(observed.defaulted))
    return Loans(len(observed.defaulted), defaults, observed.first, observed.last, taught)


def _family(name: str) -> Told:
    return Told(*both("scorecard.family_other" if name == OTHER else f"feature.family.{name}"))

"""How much each feature weighs in a model."""

from __future__ import annotations

from certloan.scoring.bundle import Bundle


def weight_of_features(bundle: Bundle) -> list[tuple[str, float]]:
    """Give each feature with the standard deviation of its main points over the reference population, largest first.

    0 means that the feature moves nobody's score by itself.
    """
    weights = []
    for name, cells, shares in zip(bundle.names, bundle.tables.mains, bundle.tables.shares, strict=True):
        spread = float(shares @ cells**2) ** 0.5
        weights.append((name, abs(bundle.points_per_margin) * spread))
    return sorted(weights, key=lambda entry: (-entry[1], entry[0]))

"""LightGBM's own text format, read without LightGBM: which way each node sends a value, and what each leaf says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats

#: What LightGBM calls zero: ``kZeroThreshold``, a float that it widens to a double (``include/LightGBM/meta.h``).
ZERO = float(np.float32(1e-35))

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_IS_ZERO, _MISSING_IS_NAN = 1, 2


@dataclass(frozen=True)
class Tree:
    """One tree. Child ``c >= 0`` is a node; child ``c < 0`` is the leaf ``-c - 1``."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    decision: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf_value: tuple[float, ...]
    category_bounds: tuple[int, ...] = ()
    category_bits: tuple[int, ...] = ()

    def is_categorical(self, node: int) -> bool:
        """Whether the node asks for membership in a set of levels."""
        return bool(self.decision[node] & _CATEGORICAL)

    def cuts(self, node: int) -> tuple[float, ...]:
        """Give the values up to which a number behaves alike at this node.

        LightGBM reads whatever is within :data:`ZERO` of zero as zero, so a threshold in there moves to the edge; a
        node that takes zero for missing cuts at both edges. A node at infinity parts the missing from everybody else,
        which needs no cut: missing has its own bin.
        """
        if self.is_categorical(node) or np.isinf(self.threshold[node]):
            return ()
        below = float(np.nextafter(-ZERO, -np.inf))
        if _missing_type(self.decision[node]) == _MISSING_IS_ZERO:
            return self._moved(node, below), below, ZERO
        return (self._moved(node, below),)

    def _moved(self, node: int, below: float) -> float:
        threshold = self.threshold[node]
        if abs(threshold) > ZERO:
            return threshold
        return ZERO if threshold >= 0 else below

    def goes_left(self, node: int, values: Floats) -> NDArray[np.bool_]:
        """Tell which ``values`` the node sends left, exactly as LightGBM's ``Tree::Decision`` does."""
        if self.is_categorical(node):
            return np.isin(values, self._levels(node))
        decision = self.decision[node]
        missing_type, default_left = _missing_type(decision), bool(decision & _DEFAULT_LEFT)
        absent = np.isnan(values)
        if missing_type != _MISSING_IS_NAN:
            values = np.where(absent, 0.0, values)
        values = np.where(np.abs(values) <= ZERO, 0.0, values)
        if missing_type != _MISSING_IS_NAN:
            absent = (values == 0.0) & (missing_type == _MISSING_IS_ZERO)
        return np.where(absent, default_left, values <= self.threshold[node])

    def _levels(self, node: int) -> list[int]:
        number = int(self.threshold[node])
        words = self.category_bits[self.category_bounds[number] : self.category_bounds[number + 1]]
        return [32 * at + bit for at, word in enumerate(words) for bit in range(32) if word >> bit & 1]


def _missing_type(decision: int) -> int:
    return decision >> 2 & 3


def parse_trees(model_text: str) -> list[Tree]:
    """Read every tree of a LightGBM text model; ``ValueError`` when the text is not one."""
    if not model_text.startswith("tree\n") or "end of trees" not in model_text:
        raise ValueError("not a complete LightGBM text model")
    body = model_text.split("end of trees", 1)[0]
    return [_parse_tree(block) for block in body.split("\nTree=")[1:]]


def _parse_tree(block: str) -> Tree:
    fields = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)
    if fields.get("is_linear", "0") != "0":
        raise ValueError("a linear tree is no step function")

    def integers(name: str) -> tuple[int, ...]:
        return tuple(int(item) for item in fields.get(name, "").split())

    def numbers(name: str) -> tuple[float, ...]:
        return tuple(float(item) for item in fields.get(name, "").split())

    return Tree(
        feature=integers("split_feature"),
        threshold=numbers("threshold"),
        decision=integers("decision_type"),
        left=integers("left_child"),
        right=integers("right_child"),
        leaf_value=numbers("leaf_value"),
        category_bounds=integers("cat_boundaries"),
        category_bits=integers("cat_threshold"),
    )


def merge(model_texts: Sequence[str], names: Sequence[str], slope: float = 1.0, offset: float = 0.0) -> str:
    """Write one LightGBM model whose raw score is ``offset + slope * mean(raw scores of the models)``.

    Its probability is then the calibrated probability of default, from any LightGBM in any language, and its columns
    are called ``names``.
    """
    factor = slope / len(model_texts)

    def rescale(number: int, lines: list[str]) -> list[str]:
        shift = offset if number == 0 else 0.0
        return [_rescaled(line, factor, shift) if line.startswith("leaf_value=") else line for line in lines]

    return _with_line(_rewrite(model_texts, rescale), "feature_names=", " ".join(names))


def slim(model_text: str) -> str:
    """Leave out of a model what only describes its training: the weight of each node, and each feature's extremes.

    The extremes are single applicants' figures and have no place in a file that is handed on.
    """

    def strip(_number: int, lines: list[str]) -> list[str]:
        return [line for line in lines if not line.startswith(_OF_TRAINING)]

    features = model_text.split("\nfeature_names=", 1)[1].split("\n", 1)[0].split()
    return _with_line(_rewrite((model_text,), strip), "feature_infos=", " ".join("none" for _ in features))


_OF_TRAINING = ("split_gain=", "leaf_weight=", "leaf_count=", "internal_value=", "internal_weight=", "internal_count=")


def _rewrite(model_texts: Sequence[str], change: Callable[[int, list[str]], list[str]]) -> str:
    """Write the changed trees of all models under the head of the first, with the sizes that LightGBM reads them by."""
    head, _ = model_texts[0].split("\nTree=0", 1)
    tail = "end of trees" + model_texts[0].split("end of trees", 1)[1]
    blocks = [block for text in model_texts for block in text.split("end of trees", 1)[0].split("\nTree=")[1:]]
    trees = []
    for number, block in enumerate(blocks):
        lines = change(number, block.strip("\n").splitlines()[1:])
        trees.append("\n".join([f"Tree={number}", *lines]) + "\n\n\n")
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    lines = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in head.splitlines()]
    return "\n".join(lines) + "\n\n" + "".join(trees) + tail


def _with_line(model_text: str, key: str, content: str) -> str:
    before, after = model_text.split(f"\n{key}", 1)
    return f"{before}\n{key}{content}\n" + after.split("\n", 1)[1]


def _rescaled(line: str, factor: float, shift: float) -> str:
    values = (float(item) * factor + shift for item in line.removeprefix("leaf_value=").split())
    return "leaf_value=" + " ".join(repr(value) for value in values)

"""Fit forests and write them in the form that `indexer.cleaning.forest` reads. Wants scikit-learn (extra `bench`)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

_DIGITS = 5


def fit(
    names: Sequence[str], matrix: NDArray[Any], known: NDArray[np.bool_], weights: NDArray[Any], **options: Any
) -> bytes:
    """A forest as JSON.

    names    of the columns of `matrix`
    known    which rows are what is looked for
    weights  of the rows
    options  of scikit-learn's HistGradientBoostingClassifier
    """
    ensemble: Any = import_module("sklearn.ensemble")
    model = ensemble.HistGradientBoostingClassifier(random_state=1, early_stopping=False, **options)
    model.fit(matrix, known, sample_weight=weights / weights.mean())
    trees = [predictors[0].nodes for predictors in model._predictors]
    asked = sorted({int(node["feature_idx"]) for nodes in trees for node in nodes if not node["is_leaf"]})
    columns = {feature: column for column, feature in enumerate(asked)}
    written: dict[str, list[Any]] = {name: [] for name in ("roots", "property", "threshold", "left", "right", "value")}
    depth = 0
    for nodes in trees:
        start = len(written["property"])
        written["roots"].append(start)
        depth = max(depth, int(nodes["depth"].max()))
        for i, node in enumerate(nodes):
            leaf = bool(node["is_leaf"])
            written["property"].append(0 if leaf else columns[int(node["feature_idx"])])
            written["threshold"].append(0 if leaf else _rounded(node["num_threshold"]))
            written["left"].append(start + (i if leaf else int(node["left"])))
            written["right"].append(start + (i if leaf else int(node["right"])))
            written["value"].append(_rounded(node["value"]) if leaf else 0)
    base = float(np.ravel(model._baseline_prediction)[0])
    return orjson.dumps({"properties": [names[i] for i in asked], "base": base, "depth": depth, **written})


def _rounded(value: Any) -> float:
    return float(f"{float(value):.{_DIGITS}g}")

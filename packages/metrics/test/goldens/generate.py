"""Writes metrics.golden.json: inputs and what scikit-learn's metrics make of them.

Run with a Python that has scikit-learn (the committed file: 1.2.1, numpy 1.24.2):
    python3 generate.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20240613)


def classification(predicted, actual):
    macro = dict(average="macro", zero_division=0)
    return {
        "predicted": predicted,
        "actual": actual,
        "accuracy": metrics.accuracy_score(actual, predicted),
        "precision": metrics.precision_score(actual, predicted, **macro),
        "recall": metrics.recall_score(actual, predicted, **macro),
        "f1": metrics.f1_score(actual, predicted, **macro),
        "confusionMatrix": metrics.confusion_matrix(
            actual, predicted, labels=list(range(max(predicted + actual) + 1))
        ).tolist(),
    }


def regression(predicted, actual):
    mse = metrics.mean_squared_error(actual, predicted)
    return {
        "predicted": predicted,
        "actual": actual,
        "mae": metrics.mean_absolute_error(actual, predicted),
        "mse": mse,
        "rmse": metrics.mean_squared_error(actual, predicted, squared=False),
        "r2": metrics.r2_score(actual, predicted),
    }


def ranking(scores, actual):
    return {"scores": scores, "actual": actual, "rocAuc": metrics.roc_auc_score(actual, scores)}


def probabilities(logits, actual):
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    p = shifted / shifted.sum(1, keepdims=True)
    labels = list(range(logits.shape[1]))
    return {
        "logits": logits.tolist(),
        "probabilities": p.tolist(),
        "actual": actual.tolist(),
        "logLoss": metrics.log_loss(actual, p, labels=labels),
    }


def classes(n, k):
    return rng.integers(0, k, n).tolist()


many = rng.normal(size=300)
golden = {
    "sklearn": sklearn.__version__,
    "classification": {
        "three classes": classification(classes(200, 3), classes(200, 3)),
        "two classes": classification(classes(50, 2), classes(50, 2)),
        "a class never predicted": classification(classes(60, 2), classes(60, 4)),
        "a class predicted that never occurs": classification(classes(60, 5), classes(60, 3)),
        "a class in neither": classification([0, 2, 2, 0, 4], [0, 2, 0, 0, 4]),
        "all right": classification([0, 1, 2], [0, 1, 2]),
        "all wrong": classification([1, 2, 0], [0, 1, 2]),
        "one class only": classification([0, 0], [0, 0]),
    },
    "regression": {
        "noise": regression((many + rng.normal(size=300) * 0.3).tolist(), many.tolist()),
        "far from zero": regression((many + 1e6 + rng.normal(size=300) * 0.3).tolist(), (many + 1e6).tolist()),
        "worse than the mean": regression([3.0, -1.0, 2.0], [1.0, 2.0, 3.0]),
        "perfect": regression([1.0, 2.0], [1.0, 2.0]),
        "equal targets, missed": regression([1.0, 2.0], [5.0, 5.0]),
        "equal targets, met": regression([5.0, 5.0], [5.0, 5.0]),
    },
    "ranking": {
        "continuous": ranking(rng.normal(size=200).tolist(), classes(200, 2)),
        "many ties": ranking(rng.integers(0, 5, 200).astype(float).tolist(), classes(200, 2)),
        "all tied": ranking([0.5] * 10, classes(9, 2) + [1]),
        "perfect": ranking([0.1, 0.2, 0.8], [0, 0, 1]),
        "inverted": ranking([0.9, 0.2, 0.1], [0, 1, 1]),
    },
    "probabilities": {
        "three classes": probabilities(rng.normal(size=(80, 3)) * 3, rng.integers(0, 3, 80)),
        "two classes": probabilities(rng.normal(size=(40, 2)), rng.integers(0, 2, 40)),
    },
}
path = pathlib.Path(__file__).with_name("metrics.golden.json")
path.write_text(json.dumps(golden) + "\n")

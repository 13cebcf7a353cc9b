"""Writes metrics.golden.json: inputs and what scikit-learn's and SciPy's metrics make of them.

Run with a Python that has scikit-learn (the committed file: Debian's python3-sklearn 1.2.1, SciPy 1.10.1, numpy 1.24.2):
    python3 generate.py

Where there is no such function the formula is written out here in numpy.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from scipy import stats
from sklearn import metrics as sk

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20240613)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def clean(value):
    """Not-a-number and infinity as text, arrays as lists: JSON knows neither."""
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [clean(v) for v in value]
    if isinstance(value, (float, np.floating)) and not np.isfinite(value):
        return str(float(value))
    return value.item() if isinstance(value, np.generic) else value


cases = []
arrays = {}  # many cases share inputs: each is written once, and named by its index


def shared(values):
    return None if values is None else arrays.setdefault(json.dumps(clean(values)), len(arrays))


def case(name, metric, expected, output, target, weight=None, **options):
    inputs = dict(output=shared(output), target=shared(target), weight=shared(weight))
    cases.append(dict(name=name, metric=metric, options=options, **inputs, expected=expected))


# ---- classes ----------------------------------------------------------------------------------------------------------
def report(actual, predicted, w, labels, multilabel):
    p, r, f, s = sk.precision_recall_fscore_support(actual, predicted, labels=labels, sample_weight=w, zero_division=0)
    averages = {}
    for average in ["micro", "macro", "weighted"]:
        seen = labels if multilabel else None
        a = sk.precision_recall_fscore_support(
            actual, predicted, labels=seen, average=average, sample_weight=w, zero_division=0
        )
        averages[average] = dict(precision=a[0], recall=a[1], f1=a[2], support=s.sum())
    rows = [dict(precision=a, recall=b, f1=c, support=d) for a, b, c, d in zip(p, r, f, s)]
    return dict(classes=rows, **averages)


def one_vs_rest(actual, predicted, w, average, of, multilabel=False):
    """A share of tn, fp, fn, tp, averaged as scikit-learn averages recall."""
    labels = [0, 1] if average == "binary" else None
    m = sk.multilabel_confusion_matrix(actual, predicted, sample_weight=w, labels=labels)
    if average == "binary":
        return of(*m[1].ravel())
    if average == "micro":
        return of(*m.sum(0).ravel())
    each = [of(*x.ravel()) for x in m]
    return float(np.average(each, weights=None if average == "macro" else [x[1].sum() for x in m]))


def share(a, b):
    return 0.0 if b == 0 else a / b


def averaged(name, actual, predicted, w, averages, multilabel):
    extra = dict(multilabel=True) if multilabel else {}
    output = predicted.astype(float) if multilabel else predicted
    for average in averages:
        kw = dict(average=average, sample_weight=w, zero_division=0)
        put = lambda metric, value, **o: case(
            f"{name}, {average}", metric, value, output, actual, w, **{"from": "classes"}, average=average, **extra, **o
        )
        put("precision", sk.precision_score(actual, predicted, **kw))
        put("recall", sk.recall_score(actual, predicted, **kw))
        put("f1", sk.f1_score(actual, predicted, **kw))
        put("diceScore", sk.f1_score(actual, predicted, **kw))
        put("fBeta", sk.fbeta_score(actual, predicted, beta=2, **kw), beta=2)
        put("fBeta", sk.fbeta_score(actual, predicted, beta=0.5, **kw), beta=0.5)
        put("iou", sk.jaccard_score(actual, predicted, **kw))
        put("specificity", one_vs_rest(actual, predicted, w, average, lambda tn, fp, fn, tp: share(tn, tn + fp)))
        put(
            "negativePredictiveValue",
            one_vs_rest(actual, predicted, w, average, lambda tn, fp, fn, tp: share(tn, tn + fn)),
        )


def classes(name, predicted, actual, w=None):
    predicted, actual = np.asarray(predicted), np.asarray(actual)
    count = int(max(predicted.max(), actual.max())) + 1
    labels = list(range(count))
    o = {"from": "classes"}
    put = lambda metric, value, **options: case(name, metric, value, predicted, actual, w, **o, **options)
    put("accuracy", sk.accuracy_score(actual, predicted, sample_weight=w))
    put("hammingLoss", sk.hamming_loss(actual, predicted, sample_weight=w))
    put("balancedAccuracy", sk.balanced_accuracy_score(actual, predicted, sample_weight=w))
    if len(set(actual.tolist())) > 1:
        put("balancedAccuracy", sk.balanced_accuracy_score(actual, predicted, sample_weight=w, adjusted=True), adjusted=True)
    put("matthewsCorrCoef", sk.matthews_corrcoef(actual, predicted, sample_weight=w))
    for weights in ["none", "linear", "quadratic"]:
        kind = None if weights == "none" else weights
        put("cohenKappa", sk.cohen_kappa_score(actual, predicted, labels=labels, weights=kind, sample_weight=w), weights=weights)
    for normalize in ["none", "actual", "predicted", "all"]:
        kind = {"none": None, "actual": "true", "predicted": "pred", "all": "all"}[normalize]
        matrix = sk.confusion_matrix(actual, predicted, labels=labels, normalize=kind, sample_weight=w)
        put("confusionMatrix", matrix, normalize=normalize)
    put("multilabelConfusionMatrix", sk.multilabel_confusion_matrix(actual, predicted, labels=labels, sample_weight=w))
    put("classificationReport", report(actual, predicted, w, labels, False))
    averaged(name, actual, predicted, w, ["macro", "micro", "weighted"] + (["binary"] if count <= 2 else []), False)


def draw(n, k):
    return rng.integers(0, k, n)


classes("three classes", draw(60, 3), draw(60, 3))
classes("three classes, weighted rows", draw(60, 3), draw(60, 3), rng.uniform(0.1, 3, 60))
classes("two classes", draw(40, 2), draw(40, 2))
classes("a class never predicted", draw(40, 2), draw(40, 4))
classes("a class predicted that never occurs", draw(40, 5), draw(40, 3))
classes("a class in neither", [0, 2, 2, 0, 4], [0, 2, 0, 0, 4])
classes("all right", [0, 1, 2], [0, 1, 2])
classes("all wrong", [1, 2, 0], [0, 1, 2])
classes("one class only", [0, 0], [0, 0])

for name, w in [("labels", None), ("labels, weighted rows", rng.uniform(0.1, 3, 40))]:
    said, actual = rng.integers(0, 2, (40, 4)), rng.integers(0, 2, (40, 4))
    actual[:, 3] = 0
    said[0], actual[0] = 0, 0
    o = {"from": "classes", "multilabel": True}
    case(name, "accuracy", sk.accuracy_score(actual, said, sample_weight=w), said.astype(float), actual, w, **o)
    case(name, "hammingLoss", sk.hamming_loss(actual, said, sample_weight=w), said.astype(float), actual, w, **o)
    m = sk.multilabel_confusion_matrix(actual, said, sample_weight=w)
    case(name, "multilabelConfusionMatrix", m, said.astype(float), actual, w, **o)
    case(name, "classificationReport", report(actual, said, w, [0, 1, 2, 3], True), said.astype(float), actual, w, **o)
    averaged(name, actual, said, w, ["macro", "micro", "weighted"], True)

# ---- outputs of classifiers -------------------------------------------------------------------------------------------
for name, w in [("logits", None), ("logits, weighted rows", rng.uniform(0.1, 3, 50))]:
    z, actual = rng.normal(size=(50, 5)) * 2, draw(50, 5)
    for k in [1, 2, 5]:
        value = sk.top_k_accuracy_score(actual, z, k=k, labels=range(5), sample_weight=w) if k < 5 else 1.0
        case(name, "topKAccuracy", value, z, actual, w, k=k)
    case(name, "accuracy", sk.accuracy_score(actual, z.argmax(1), sample_weight=w), z, actual, w)
    one_hot = np.eye(5)[actual]
    case(f"{name}, one-hot", "f1", sk.f1_score(actual, z.argmax(1), average="macro", sample_weight=w), z, one_hot, w)
    y = draw(50, 2)
    for t in [0.5, 0.8]:
        value = sk.accuracy_score(y, 1 / (1 + np.exp(-z[:, 0])) > t, sample_weight=w)
        case(f"{name}, threshold {t}", "accuracy", value, z[:, :1], y, w, threshold=t)


# ---- rankings ---------------------------------------------------------------------------------------------------------
def roc(actual, scores, w):
    fpr, tpr, thresholds = sk.roc_curve(actual, scores, sample_weight=w, drop_intermediate=False)
    thresholds[0] = np.inf
    both = 0 < actual.sum() < len(actual)
    auc = sk.roc_auc_score(actual, scores, sample_weight=w) if both else np.nan
    return dict(falsePositiveRate=fpr, truePositiveRate=tpr, thresholds=thresholds, auc=auc)


def pr(actual, scores, w):
    # scikit-learn leaves out nothing but the point of no rows, which it puts at the end
    p, r, t = sk.precision_recall_curve(actual, scores, sample_weight=w)
    keep = np.unique(scores)
    assert len(t) == len(keep)
    ap = sk.average_precision_score(actual, scores, sample_weight=w)
    return dict(precision=p[::-1], recall=r[::-1], thresholds=np.append(t, np.inf)[::-1], averagePrecision=ap)


def best(values, others, least):
    chosen = values[others >= least]
    return float(chosen.max()) if len(chosen) else 0.0


def equal_error_rate(fpr, tpr):
    # where the polyline meets fpr = 1 - tpr, by bisection of the interpolated curve
    x, y = np.asarray(fpr), np.asarray(tpr)
    gap = 1 - y - x
    i = int(np.argmax(gap <= 0))
    return float(np.interp(0, [gap[i], gap[i - 1]], [x[i], x[i - 1]]))


def ranking(name, scores, actual, w=None):
    scores, actual = np.asarray(scores, float), np.asarray(actual)
    o = {"from": "probabilities"}
    put = lambda metric, value, **options: case(name, metric, value, scores, actual, w, **o, **options)
    put("rocAuc", sk.roc_auc_score(actual, scores, sample_weight=w))
    put("averagePrecision", sk.average_precision_score(actual, scores, sample_weight=w))
    curve = roc(actual, scores, w)
    put("rocCurve", [curve])
    put("precisionRecallCurve", [pr(actual, scores, w)])
    fpr, tpr = curve["falsePositiveRate"][1:], curve["truePositiveRate"][1:]
    precision = pr(actual, scores, w)["precision"][1:]
    for least in [0.3, 0.6, 0.9]:
        put("recallAtPrecision", best(tpr, precision, least), precision=least)
        put("precisionAtRecall", best(precision, tpr, least), recall=least)
        put("sensitivityAtSpecificity", best(tpr, 1 - fpr, least), specificity=least)
        put("specificityAtSensitivity", best(1 - fpr, tpr, least), sensitivity=least)
    put("equalErrorRate", equal_error_rate(curve["falsePositiveRate"], curve["truePositiveRate"]))


ranking("continuous", rng.normal(size=60), draw(60, 2))
ranking("weighted rows", rng.normal(size=40).round(1), draw(40, 2), rng.integers(1, 5, 40).astype(float))
ranking("many ties", rng.integers(0, 5, 60).astype(float), draw(60, 2))
ranking("all tied", [0.5] * 10, [0, 1] * 5)
ranking("perfect", [0.1, 0.2, 0.8], [0, 0, 1])
ranking("inverted", [0.9, 0.2, 0.1], [0, 1, 1])
case("one class", "averagePrecision", 1.0, [0.1, 0.4], [1, 1], **{"from": "probabilities"})
case("one class", "rocAuc", np.nan, [0.1, 0.4], [1, 1])
case("one class", "averagePrecision", np.nan, [0.1, 0.4], [0, 0])
case("a score is no number", "rocAuc", np.nan, [0.1, np.nan], [1, 0])

for name, w in [("three classes", None), ("three classes, weighted rows", rng.uniform(0.1, 3, 50))]:
    p, actual = softmax(rng.normal(size=(50, 3))), draw(50, 3)
    indicator = np.eye(3)[actual]
    for average in ["macro", "weighted", "micro"]:
        ovr = sk.roc_auc_score(indicator, p, average=average, sample_weight=w)
        ap = sk.average_precision_score(indicator, p, average=average, sample_weight=w)
        for output, o in [(p, {"from": "probabilities"}), (np.log(p), {})]:
            case(f"{name}, {average}", "rocAuc", ovr, output, actual, w, average=average, **o)
            case(f"{name}, {average}", "averagePrecision", ap, output, actual, w, average=average, **o)
        tied = p.round(1)
        o = {"from": "probabilities", "average": average}
        ovr = sk.roc_auc_score(indicator, tied, average=average, sample_weight=w)
        ap = sk.average_precision_score(indicator, tied, average=average, sample_weight=w)
        case(f"{name}, {average}, ties", "rocAuc", ovr, tied, actual, w, **o)
        case(f"{name}, {average}, ties", "averagePrecision", ap, tied, actual, w, **o)
    case(name, "rocCurve", [roc(indicator[:, c], p[:, c], w) for c in range(3)], p, actual, w, **{"from": "probabilities"})
    labels = rng.integers(0, 2, (50, 3))
    for average in ["macro", "weighted", "micro"]:
        o = {"from": "probabilities", "multilabel": True, "average": average}
        case(f"labels, {average}", "rocAuc", sk.roc_auc_score(labels, p, average=average, sample_weight=w), p, labels, w, **o)
        ap = sk.average_precision_score(labels, p, average=average, sample_weight=w)
        case(f"labels, {average}", "averagePrecision", ap, p, labels, w, **o)
    ties = p.round(1)
    ties[:, 0] = ties[:, 1]
    labels[0], labels[1] = 0, 1
    case("labels", "coverageError", sk.coverage_error(labels, ties, sample_weight=w), ties, labels, w)
    value = sk.label_ranking_average_precision_score(labels, ties, sample_weight=w)
    case("labels", "labelRankingAveragePrecision", value, ties, labels, w)
    case("labels", "labelRankingLoss", sk.label_ranking_loss(labels, ties, sample_weight=w), ties, labels, w)


# ---- probabilities ----------------------------------------------------------------------------------------------------
def calibration(confidence, right, w, bins, norm):
    w = np.ones(len(right)) if w is None else w
    at = np.minimum(np.searchsorted(np.arange(bins + 1) / bins, confidence, side="right") - 1, bins - 1)
    gaps, shares = [], []
    for b in range(bins):
        if w[at == b].sum() == 0:
            continue
        gaps.append(abs(np.average(confidence[at == b], weights=w[at == b]) - np.average(right[at == b], weights=w[at == b])))
        shares.append(w[at == b].sum() / w.sum())
    gaps, shares = np.array(gaps), np.array(shares)
    return {"l1": (gaps * shares).sum(), "l2": np.sqrt((gaps**2 * shares).sum()), "max": gaps.max()}[norm]


for k in [2, 3]:
    for name, w in [(f"{k} classes", None), (f"{k} classes, weighted rows", rng.uniform(0.1, 3, 60))]:
        z, actual = rng.normal(size=(60, k)) * 3, draw(60, k)
        p = softmax(z)
        forms = [(z, "logits"), (np.log(p), "logProbabilities"), (p, "probabilities")]
        if k == 2:
            forms += [(z[:, 1] - z[:, 0], "logits"), (p[:, 1:], "probabilities")]
        loss = sk.log_loss(actual, p, labels=range(k), sample_weight=w)
        squares = (p - np.eye(k)[actual]) ** 2
        brier = np.average(squares.sum(1), weights=w) if k > 2 else sk.brier_score_loss(actual, p[:, 1], sample_weight=w)
        confidence = p[:, 1] if k == 2 else p.max(1)
        right = actual if k == 2 else (p.argmax(1) == actual).astype(float)
        for output, form in forms:
            o = {"from": form}
            case(name, "logLoss", loss, output, actual, w, **o)
            case(name, "perplexity", np.exp(loss), output, actual, w, **o)
            case(name, "brierScore", brier, output, actual, w, **o)
            for norm in ["l1", "l2", "max"]:
                for bins in [15, 4]:
                    value = calibration(confidence, right, w, bins, norm)
                    case(name, "calibrationError", value, output, actual, w, norm=norm, bins=bins, **o)


# ---- numbers ----------------------------------------------------------------------------------------------------------
def ccc(x, y, w):
    w = np.ones(len(x)) if w is None else w
    mx, my = np.average(x, weights=w), np.average(y, weights=w)
    cov = np.average((x - mx) * (y - my), weights=w)
    return 2 * cov / (np.average((x - mx) ** 2, weights=w) + np.average((y - my) ** 2, weights=w) + (mx - my) ** 2)


def errors(name, predicted, actual, w=None):
    x, y = np.asarray(predicted, float), np.asarray(actual, float)
    kw = dict(sample_weight=w)
    each = None if w is None else np.broadcast_to(w.reshape(-1, *[1] * (x.ndim - 1)), x.shape)
    put = lambda metric, value, **options: case(name, metric, value, x, y, w, **options)
    put("mae", sk.mean_absolute_error(y, x, **kw))
    put("mse", sk.mean_squared_error(y, x, **kw))
    put("rmse", np.sqrt(sk.mean_squared_error(y, x, **kw)))
    put("mape", sk.mean_absolute_percentage_error(y, x, **kw))
    put("smape", np.average(2 * abs(x - y) / (abs(x) + abs(y)), weights=each))
    put("wmape", np.average(abs(x - y), weights=each) / np.average(abs(y), weights=each))
    put("logCoshError", np.average(np.log(np.cosh(x - y)), weights=each))
    put("maxError", abs(x - y).max())
    put("r2", sk.r2_score(y, x, **kw))
    put("explainedVariance", sk.explained_variance_score(y, x, **kw))
    put("r2", sk.r2_score(y, x, multioutput="variance_weighted", **kw), multioutput="varianceWeighted")
    value = sk.explained_variance_score(y, x, multioutput="variance_weighted", **kw)
    put("explainedVariance", value, multioutput="varianceWeighted")
    for quantile in [0.5, 0.9]:
        put("pinball", sk.mean_pinball_loss(y, x, alpha=quantile, **kw), quantile=quantile)
    repeated = abs(x - y).ravel() if w is None else np.repeat(abs(x - y), w.astype(int))
    put("medianAbsoluteError", np.median(repeated))
    columns = [(x, y)] if x.ndim == 1 else list(zip(x.T, y.T))
    grow = (lambda v: v) if w is None else (lambda v: np.repeat(v, w.astype(int)))  # SciPy knows no weights
    put("pearsonCorrCoef", np.mean([stats.pearsonr(grow(a), grow(b))[0] for a, b in columns]))
    put("spearmanCorrCoef", np.mean([stats.spearmanr(grow(a), grow(b))[0] for a, b in columns]))
    put("kendallRankCorrCoef", np.mean([stats.kendalltau(grow(a), grow(b))[0] for a, b in columns]))
    put("concordanceCorrCoef", np.mean([ccc(a, b, w) for a, b in columns]))
    if x.ndim == 2:
        cosines = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        put("meanCosineSimilarity", np.average(cosines, weights=w))


many = rng.normal(size=60)
integers = rng.integers(1, 4, 60).astype(float)
errors("noise", many + rng.normal(size=60) * 0.3, many)
errors("weighted rows", many + rng.normal(size=60) * 0.3, many, integers)
errors("ties", rng.integers(0, 5, 60), rng.integers(1, 6, 60))
errors("ties, weighted rows", rng.integers(0, 5, 60), rng.integers(1, 6, 60), integers)
errors("columns", rng.normal(size=(30, 3)), rng.normal(size=(30, 3)) * [1, 2, 5])
errors("far from zero", many + 1e6 + rng.normal(size=60) * 0.3, many + 1e6)
errors("worse than the mean", [3.0, -1.0, 2.0], [1.0, 2.0, 3.0])
errors("perfect", [1.0, 2.0], [1.0, 2.0])
errors("equal targets, missed", [1.0, 2.0], [5.0, 5.0])
errors("equal targets, met", [5.0, 5.0], [5.0, 5.0])
case("a target of 0", "mape", sk.mean_absolute_percentage_error([0.0], [1.0]), [1.0], [0.0])
case("zeros", "smape", 0.0, [0.0], [0.0])
case("zeros, missed", "wmape", np.inf, [1.0], [0.0])
x, y = rng.gamma(2, size=30), rng.poisson(2, 30).astype(float)
case("counts", "msle", sk.mean_squared_log_error(y, x), x, y)
for name, w in [("powers", None), ("powers, weighted rows", rng.uniform(0.1, 3, 30))]:
    for power in [-1, 0, 1, 1.5]:
        case(name, "tweedieDeviance", sk.mean_tweedie_deviance(y, x, power=power, sample_weight=w), x, y, w, power=power)
    for power in [2, 3]:
        value = sk.mean_tweedie_deviance(y + 1, x, power=power, sample_weight=w)
        case(name, "tweedieDeviance", value, x, y + 1, w, power=power)

path = pathlib.Path(__file__).with_name("metrics.golden.json")
lines = ",\n".join(json.dumps(clean(c)) for c in cases)
inputs = ",\n".join(arrays)
path.write_text(f'{{ "sklearn": "{sklearn.__version__}", "arrays": [\n{inputs}\n], "cases": [\n{lines}\n] }}\n')

"""Golden values of the losses: values and gradients that the tests compare with.

    /usr/bin/python3 packages/losses/test/goldens/generate.py

Needs Debian's python3-torch (1.13.1) and numpy. Everything runs in float64 with fixed seeds and explicit options, so
that the output is the same on every run. Inputs are rounded to float32 first: a float32 backend then starts from the
very same numbers, and the comparison measures the computation alone.

PyTorch's losses come from PyTorch. Keras's cross-entropies have no PyTorch twin (probabilities as input); theirs are
plain NumPy with the gradient derived by hand: p is divided by its sum and clipped to [1e-7, 1 - 1e-7] before the log.

One file a loss, a list of cases:
  options   as the TypeScript factory takes them (a weight of more than one dimension is {shape, data})
  input, target   {shape, data, dtype?}; float unless dtype says int32
  upstream  what the gradient of reduction 'none' starts from
  mean, sum, none   {value, input, target?}: value, then the gradient of the input and, where there is one, the target
Numbers keep float64's full precision; what JSON lacks is a string: "NaN", "Infinity", "-Infinity".
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

import keras_losses
import optax_losses
import pytorch_losses

HERE = Path(__file__).parent
REDUCTIONS = ("mean", "sum", "none")


def float32(array):
    """The nearest float32, held as float64."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def number(x):
    x = float(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    return int(x) if x == int(x) and abs(x) < 2**53 and not (x == 0 and math.copysign(1, x) < 0) else x


def numbers(array):
    return [number(x) for x in np.asarray(array, dtype=np.float64).reshape(-1)]


def encode(array):
    array = np.asarray(array)
    out = {"shape": list(array.shape), "data": numbers(array)}
    if array.dtype.kind == "i":
        out["dtype"] = "int32"
    return out


def option(value):
    """An option as JSON; a weight is an array of numbers, or {shape, data} when it has more than one dimension."""
    if isinstance(value, np.ndarray):
        return numbers(value) if value.ndim == 1 else encode(value)
    return value


def golden(name, options, input, target, upstream, results):
    return {
        "name": name,
        "options": {key: option(value) for key, value in options.items() if value is not None},
        "input": encode(input),
        "target": encode(target),
        "upstream": numbers(upstream),
        **results,
    }


def write(loss, cases):
    path = HERE / f"{loss}.golden.json"
    body = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    path.write_text(f"[\n{body}\n]\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size:,} bytes")


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────


def torch_case(name, build, options, input, target, rng, target_gradient=True):
    """`build(reduction)` gives the module; `options` is what the TypeScript factory is given."""
    results = {}
    upstream = None
    for reduction in ("none", "mean", "sum"):
        exact, rounded = {}, {}
        for dtype, out in ((torch.float64, exact), (torch.float32, rounded)):
            x = torch.tensor(input, dtype=dtype, requires_grad=True)
            indices = np.asarray(target).dtype.kind == "i"
            if indices:
                t = torch.tensor(target, dtype=torch.int64)
            else:
                t = torch.tensor(target, dtype=dtype, requires_grad=target_gradient)
            value = build(reduction).to(dtype)(x, t)
            if reduction == "none":
                if upstream is None:
                    upstream = float32(rng.standard_normal(tuple(value.shape)))
                value.backward(torch.tensor(upstream, dtype=dtype))
            else:
                value.backward()
            out.update(value=value.detach(), input=x.grad)
            if not indices and target_gradient:
                out["target"] = t.grad
        for key in exact:
            well_conditioned(f"{name}, {reduction}, {key}", exact[key], rounded[key])
        results[reduction] = {key: numbers(array) for key, array in exact.items()}
    return golden(name, options, input, target, upstream, {r: results[r] for r in REDUCTIONS})


def well_conditioned(what, exact, rounded):
    """PyTorch's own float32 must meet the tolerance of the tests, or a case asks for digits that float32 has not."""
    exact, rounded = exact.numpy(), rounded.double().numpy()
    finite = np.isfinite(exact)
    greatest = np.abs(exact[finite]).max(initial=0)
    with np.errstate(invalid="ignore"):
        off = np.abs(rounded - exact) > 1e-5 * np.abs(exact) + 1e-6 * greatest
    assert not off[finite].any(), f"{what}: float32 gives {rounded} for {exact}; choose other numbers"


def maybe(weight):
    return None if weight is None else torch.tensor(weight, dtype=torch.float64)


def label(**parts):
    """A case's name: what is there, in words."""
    shown = {key.replace("_", " "): value for key, value in parts.items() if value not in (None, False, 0)}
    return ", ".join(key if value is True else f"{key} {value}" for key, value in shown.items())


def probabilities(rng, shape, axis):
    p = rng.random(shape) + 0.05
    return float32(p / p.sum(axis=axis, keepdims=True))


def cross_entropy():
    rng = np.random.default_rng(1)
    cases = []

    def add(name, input, target, weight=None, ignore=-100, smoothing=0.0):
        options = {"weight": weight, "ignoreIndex": ignore, "labelSmoothing": smoothing}
        cases.append(torch_case(name, lambda reduction: torch.nn.CrossEntropyLoss(
            weight=maybe(weight), ignore_index=ignore, reduction=reduction, label_smoothing=smoothing), options, input, target, rng))

    for shape in ((5,), (4, 5), (2, 3, 4), (2, 3, 2, 3)):
        axis = 0 if len(shape) == 1 else 1
        classes = shape[axis]
        rest = shape[:axis] + shape[axis + 1:]
        for weighted in (False, True):
            weight = float32(rng.random(classes) + 0.25) if weighted else None
            for smoothing in (0.0, 0.1):
                for ignore in (None, 1, -100):
                    input = float32(rng.standard_normal(shape) * 2)
                    target = rng.integers(0, classes, rest)
                    if ignore is not None and rest:
                        flat = target.reshape(-1)
                        flat[0] = ignore
                        flat[-1] = (ignore + 1) % classes  # at least one that counts
                    add(label(indices=str(list(shape)), weight=weighted, smoothing=smoothing, ignore=ignore),
                        input, target, weight, -100 if ignore is None else ignore, smoothing)
                input = float32(rng.standard_normal(shape) * 2)
                add(label(probabilities=str(list(shape)), weight=weighted, smoothing=smoothing),
                    input, probabilities(rng, shape, axis), weight, -100, smoothing)

    weight = float32([0.5, 0, 2])
    for smoothing in (0.0, 0.1):
        for w in (None, weight):
            add(label(all_ignored=True, weight=w is not None, smoothing=smoothing),
                float32(rng.standard_normal((2, 3))), np.array([-100, -100]), w, -100, smoothing)
            add(label(extreme_indices=True, weight=w is not None, smoothing=smoothing),
                float32([[1000, -1000, 0], [-1000, 1000, 1000], [1000, 999.5, -1000], [-1000, -1000, -1000], [1000, 1000, -1000]]),
                np.array([0, 0, 1, 2, 2]), w, -100, smoothing)
            add(label(extreme_probabilities=True, weight=w is not None, smoothing=smoothing),
                float32([[1000, -1000, 0], [-1000, 1000, 1000], [1000, 999.5, -1000]]),
                float32([[1, 0, 0], [0.5, 0.25, 0.25], [0, 0, 1]]), w, -100, smoothing)
        add(label(empty_batch_indices=True, smoothing=smoothing), np.zeros((0, 3)), np.zeros((0,), dtype=np.int64), None, -100, smoothing)
        add(label(empty_batch_probabilities=True, smoothing=smoothing), np.zeros((0, 3)), np.zeros((0, 3)), None, -100, smoothing)
        add(label(one_class=True, smoothing=smoothing), float32(rng.standard_normal((3, 1))), np.array([0, 0, 0]), None, -100, smoothing)
        add(label(one_sample=True, smoothing=smoothing), float32(rng.standard_normal((1, 7))), np.array([6]), None, -100, smoothing)
    add("one-hot probabilities", float32(rng.standard_normal((3, 4))), np.eye(4)[[2, 0, 3]])
    add("every class has weight 0", float32(rng.standard_normal((2, 3))), np.array([1, 1]), weight)
    add("37 samples of 11 classes", float32(rng.standard_normal((37, 11)) * 3), rng.integers(0, 11, 37))
    write("crossEntropyLoss", cases)


def nll():
    rng = np.random.default_rng(2)
    cases = []

    def add(name, input, target, weight=None, ignore=-100):
        options = {"weight": weight, "ignoreIndex": ignore}
        cases.append(torch_case(name, lambda reduction: torch.nn.NLLLoss(
            weight=maybe(weight), ignore_index=ignore, reduction=reduction), options, input, target, rng))

    for shape in ((5,), (4, 5), (2, 3, 4), (2, 3, 2, 3)):
        axis = 0 if len(shape) == 1 else 1
        classes = shape[axis]
        rest = shape[:axis] + shape[axis + 1:]
        for weighted in (False, True):
            weight = float32(rng.random(classes) + 0.25) if weighted else None
            for ignore in (None, 1, -100):
                p = rng.random(shape) + 0.02
                input = float32(np.log(p / p.sum(axis=axis, keepdims=True)))
                target = rng.integers(0, classes, rest)
                if ignore is not None and rest:
                    flat = target.reshape(-1)
                    flat[0] = ignore
                    flat[-1] = (ignore + 1) % classes
                add(label(shape=str(list(shape)), weight=weighted, ignore=ignore), input, target, weight, -100 if ignore is None else ignore)
    add("all ignored", float32(rng.standard_normal((2, 3))), np.array([-100, -100]))
    add("extreme", float32([[0, -1000, -2000], [-2000, -1000, 0]]), np.array([2, 2]))
    add("empty batch", np.zeros((0, 3)), np.zeros((0,), dtype=np.int64))
    add("one class", float32([[-0.5]]), np.array([0]))
    write("nllLoss", cases)


def bce():
    rng = np.random.default_rng(3)
    cases = []

    def add(name, input, target, weight=None, target_gradient=True):
        cases.append(torch_case(name, lambda reduction: torch.nn.BCELoss(weight=maybe(weight), reduction=reduction),
                                {"weight": weight}, input, target, rng, target_gradient))

    for shape in ((), (1,), (5,), (3, 4), (2, 3, 5)):
        p, t = float32(rng.random(shape) * 0.98 + 0.01), float32(rng.random(shape))
        add(label(shape=str(list(shape))), p, t)
        if shape:
            add(label(shape=str(list(shape)), weight="of the same shape"), p, t, float32(rng.random(shape) + 0.1))
            add(label(shape=str(list(shape)), weight="of the last dimension"), p, t, float32(rng.random(shape[-1:]) + 0.1))
    add("weight of one a sample", float32(rng.random((3, 4)) * 0.98 + 0.01), float32(rng.random((3, 4))), float32(rng.random((3, 1)) + 0.1))
    add("targets 0 and 1", float32(rng.random((6,)) * 0.98 + 0.01), float32([0, 1, 1, 0, 1, 0]))
    # At p = 0 and 1 PyTorch's gradient of the target is infinite although its value is clamped; ours is the derivative
    # of the value, so that gradient is left out here.
    add("clamped at -100", float32([0, 1, 0, 1, 0, 1]), float32([0, 1, 1, 0, 0.5, 0.25]), target_gradient=False)
    add("clamped at -100, weight", float32([0, 1, 0, 1, 0, 1]), float32([0, 1, 1, 0, 0.5, 0.25]), float32([1, 2, 3, 0.5, 0.25, 4]), target_gradient=False)
    add("tiny probabilities", float32([1e-6, 1e-11, 1e-13, 1e-30, 1e-30, 1e-20]), float32([1, 1, 1, 1, 0, 0.5]))
    add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)))
    write("bceLoss", cases)


def bce_with_logits():
    rng = np.random.default_rng(14)
    cases = []

    def add(name, input, target, weight=None, positive=None):
        cases.append(torch_case(name, lambda reduction: torch.nn.BCEWithLogitsLoss(
            weight=maybe(weight), reduction=reduction, pos_weight=maybe(positive)),
            {"weight": weight, "posWeight": positive}, input, target, rng))

    for shape in ((), (1,), (5,), (3, 4), (2, 3, 5)):
        last = shape[-1:] or (1,)
        for weighted in (None, "of the same shape", "of the last dimension"):
            for positive in (False, True):
                if not shape and (weighted or positive):
                    continue
                weight = None if weighted is None else float32(rng.random(shape if weighted == "of the same shape" else last) + 0.1)
                add(label(shape=str(list(shape)), weight=weighted, positive=positive),
                    float32(rng.standard_normal(shape) * 2), float32(rng.random(shape)), weight, float32(rng.random(last) * 3 + 0.1) if positive else None)
    add("posWeight over the positions of an image", float32(rng.standard_normal((2, 3, 4))), float32(rng.random((2, 3, 4))),
        float32(rng.random((2, 1, 1)) + 0.1), float32(rng.random((3, 1)) + 0.1))
    extremes = [0, 0, 0, 1000, -1000, 1000, -1000, 1000, -1000, 88, -88, 20, -20]
    targets = [0, 1, 0.5, 1, 1, 0, 0, 0.25, 0.25, 1, 1, 0, 0]
    add("extreme", float32(extremes), float32(targets))
    add("extreme, positive", float32(extremes), float32(targets), None, float32([3.5]))
    add("extreme, weight, positive", float32(extremes), float32(targets), float32(rng.random(13) + 0.1), float32(rng.random(13) + 0.1))
    add("zeros", float32(np.zeros((2, 2))), float32([[0, 1], [0.5, 0.25]]))
    add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)))
    write("bceWithLogitsLoss", cases)


def element_wise(loss, seed, build, option_sets):
    rng = np.random.default_rng(seed)
    cases = []
    for options in option_sets:
        def add(name, input, target):
            parts = [f"{key} {value}" for key, value in options.items()]
            cases.append(torch_case(", ".join([*parts, name]), lambda reduction: build(reduction, **options), options, input, target, rng))

        for shape in ((), (1,), (7,), (3, 5), (2, 3, 5), (1, 1, 1)):
            add(f"shape {list(shape)}", float32(rng.standard_normal(shape) * 2), float32(rng.standard_normal(shape) * 2))
        x = float32([0, 0.5, -0.5, 1, -1, 2, -2, 3, -3, 0.25])
        add("at zero and at the joins", x, np.zeros(10))
        add("equal", x, x.copy())
        add("extreme", float32([1000, -1000, 1000, 1e6, 1e-6, 1e-3]), float32([-1000, 1000, 1000, 0, 0, -1e-3]))
        add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)))
    write(loss, cases)


# ── Keras, in plain NumPy ────────────────────────────────────────────────────────────────────────────────────

EPSILON = 1e-7


def log_probabilities(input, from_logits, axis):
    """log p and a function that takes the gradient of log p to that of the input."""
    if from_logits:
        shifted = input - input.max(axis=axis, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
        return logp, lambda g: g - np.exp(logp) * g.sum(axis=axis, keepdims=True)
    total = input.sum(axis=axis, keepdims=True)
    q = input / total
    clipped = np.clip(q, EPSILON, 1 - EPSILON)

    def back(g):
        gq = np.where((q > EPSILON) & (q < 1 - EPSILON), g / clipped, 0)
        return (gq - (gq * q).sum(axis=axis, keepdims=True)) / total

    return np.log(clipped), back


def keras_case(name, options, input, target, rng, from_logits, axis=-1, ignore=None, smoothing=None):
    classes = input.shape[axis]
    logp, back = log_probabilities(input, from_logits, axis)
    valid = np.ones([])
    if smoothing is None:  # sparse
        index = np.expand_dims(target, axis)
        valid = np.ones(target.shape) if ignore is None else (target != ignore).astype(np.float64)
        shape = [1] * input.ndim
        shape[axis] = classes
        weights = (np.arange(classes).reshape(shape) == index) * np.expand_dims(valid, axis)
    else:
        weights = target * (1 - smoothing) + smoothing / classes
    value = -(weights * logp).sum(axis=axis)
    count = valid.sum() if ignore is not None else value.size
    upstream = float32(rng.standard_normal(value.shape))
    results = {}
    with np.errstate(all="ignore"):
        # Keras divides by the number of labels that count, and calls 0 / 0 a loss of 0
        mean = value.sum() / count if count or ignore is None else 0.0
        scale = 1 / count if count else 0.0
    for reduction, v, g in (("mean", mean, np.full(value.shape, scale)), ("sum", value.sum(), np.ones(value.shape)), ("none", value, upstream)):
        g = np.expand_dims(g, axis)
        results[reduction] = {"value": numbers(v), "input": numbers(back(-weights * g))}
        if smoothing is not None:
            results[reduction]["target"] = numbers(-logp * g * (1 - smoothing))
    return golden(name, options, input, target, upstream, results)


def keras():
    rng = np.random.default_rng(5)
    sparse, dense = [], []

    def values(shape, from_logits, axis=-1):
        return float32(rng.standard_normal(shape) * 2) if from_logits else probabilities(rng, shape, axis)

    for from_logits in (False, True):
        kind = "logits" if from_logits else "probabilities"

        def add_sparse(name, input, target, ignore=None, axis=-1):
            options = {"fromLogits": from_logits, "ignoreClass": ignore}
            if axis != -1:
                options["axis"] = axis
            sparse.append(keras_case(f"{kind}, {name}", options, input, target, rng, from_logits, axis, ignore))

        def add_dense(name, input, target, smoothing=0.0, axis=-1):
            options = {"fromLogits": from_logits, "labelSmoothing": smoothing}
            if axis != -1:
                options["axis"] = axis
            dense.append(keras_case(f"{kind}, {name}", options, input, target, rng, from_logits, axis, None, smoothing))

        for shape in ((5,), (4, 5), (2, 3, 4), (1, 2)):
            add_sparse(f"shape {list(shape)}", values(shape, from_logits), rng.integers(0, shape[-1], shape[:-1]))
            for smoothing in (0.0, 0.1):
                add_dense(label(shape=str(list(shape)), smoothing=smoothing), values(shape, from_logits), probabilities(rng, shape, -1), smoothing)
        for ignore in (0, -1, 255):
            target = rng.integers(1, 4, (3, 2))
            target[0, 1] = target[2, 0] = ignore
            add_sparse(f"ignore {ignore}", values((3, 2, 4), from_logits), target, ignore)
        add_sparse("all ignored", values((2, 3), from_logits), np.array([-1, -1]), -1)
        add_sparse("classes in dimension 1", values((2, 3, 4), from_logits, 1), rng.integers(0, 3, (2, 4)), None, 1)
        add_dense("classes in dimension 1", values((2, 3, 4), from_logits, 1), probabilities(rng, (2, 3, 4), 1), 0.1, 1)
        add_dense("one-hot", values((3, 4), from_logits), np.eye(4)[[1, 3, 0]])
    from_logits = True
    kind = "logits"
    extreme = float32([[1000, -1000, 0], [-1000, 1000, 1000], [1000, 999.5, -1000]])
    sparse.append(keras_case("logits, extreme", {"fromLogits": True}, extreme, np.array([1, 1, 0]), rng, True))
    dense.append(keras_case("logits, extreme", {"fromLogits": True, "labelSmoothing": 0.1}, extreme, np.eye(3)[[1, 1, 0]], rng, True, smoothing=0.1))
    hard = float32([[1, 0, 0], [0, 1, 0], [0.5, 0.5, 0], [1e-9, 0.75, 0.25]])
    sparse.append(keras_case("probabilities, clipped", {"fromLogits": False}, hard, np.array([0, 0, 2, 0]), rng, False))
    dense.append(keras_case("probabilities, clipped", {"fromLogits": False, "labelSmoothing": 0.1}, hard, np.eye(3)[[0, 0, 2, 0]], rng, False, smoothing=0.1))
    scaled = float32(rng.random((3, 4)) * 5 + 0.1)
    sparse.append(keras_case("probabilities, not normalised", {"fromLogits": False}, scaled, np.array([0, 3, 2]), rng, False))
    dense.append(keras_case("probabilities, not normalised", {"fromLogits": False, "labelSmoothing": 0.0}, scaled, np.eye(4)[[0, 3, 2]], rng, False, smoothing=0.0))
    write("sparseCategoricalCrossEntropy", sparse)
    write("categoricalCrossEntropy", dense)


cross_entropy()
nll()
bce()
bce_with_logits()
element_wise("mseLoss", 6, lambda reduction: torch.nn.MSELoss(reduction=reduction), [{}])
element_wise("l1Loss", 7, lambda reduction: torch.nn.L1Loss(reduction=reduction), [{}])
# beta 0 is L1Loss, as current versions have it; 1.13's gradient is then -1 where input and target are equal
element_wise("smoothL1Loss", 8, lambda reduction, beta: torch.nn.SmoothL1Loss(reduction=reduction, beta=beta) if beta
             else torch.nn.L1Loss(reduction=reduction), [{"beta": b} for b in (0.0, 0.5, 1.0)])
element_wise("huberLoss", 9, lambda reduction, delta: torch.nn.HuberLoss(reduction=reduction, delta=delta), [{"delta": d} for d in (0.5, 1.0, 2.0)])
keras()
pytorch_losses.generate()
keras_losses.generate()
optax_losses.generate()

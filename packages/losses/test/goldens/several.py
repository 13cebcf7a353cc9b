"""Goldens of losses with any number of inputs. `pytorch_losses.py`, `keras_losses.py` and `optax_losses.py` use it; `generate.py` runs them.

One file a loss, a list of cases:
  options   as the TypeScript factory takes them
  inputs    {shape, data, dtype?, fixed?} each; int32 inputs and fixed ones have no gradient
  softmax   present where the first input goes through logSoftmax over its last dimension
  upstream  what the gradient of reduction 'none' starts from
  results   by reduction: {value, gradients}, one gradient an input, null where there is none

Inputs are multiples of 1/64, so that they are short here and the same in float32; results have 14 digits.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent


def grid(array):
    """The nearest multiples of 1/64."""
    return np.round(np.asarray(array, dtype=np.float64) * 64) / 64


class Fixed:
    """An input whose gradient is not compared."""

    def __init__(self, array):
        self.array = np.asarray(array, dtype=np.float64)


def short(x):
    x = float(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    if x == int(x) and abs(x) < 1e15:
        return int(x)
    return float(f"{x:.14g}")


def shorts(array):
    return [short(x) for x in np.asarray(array, dtype=np.float64).reshape(-1)]


def encode(given):
    array = given.array if isinstance(given, Fixed) else np.asarray(given)
    out = {"shape": list(array.shape), "data": [short(x) for x in array.astype(np.float64).reshape(-1)]}
    if array.dtype.kind == "f":
        assert not array.size or (array.astype(np.float32) == array).all(), "choose inputs that float32 has"
    if array.dtype.kind == "i":
        out["dtype"] = "int32"
    elif isinstance(given, Fixed):
        out["fixed"] = True
    return out


def option(value):
    if isinstance(value, np.ndarray):
        return shorts(value) if value.ndim == 1 else {"shape": list(value.shape), "data": shorts(value)}
    return "Infinity" if value == math.inf else value


class Goldens:
    """Cases of one loss. `compute(reduction, options, *inputs)` is the reference, in torch, for its gradients."""

    def __init__(self, name, seed, compute, reductions=("none", "mean", "sum")):
        self.name, self.compute, self.reductions = name, compute, reductions
        self.rng = np.random.default_rng(seed)
        self.cases = []

    def normal(self, *shape, scale=1.0):
        return grid(self.rng.standard_normal(shape) * scale)

    def uniform(self, *shape, low=0.0, high=1.0):
        return grid(self.rng.random(shape) * (high - low) + low)

    def signs(self, *shape):
        return self.rng.choice([-1.0, 1.0], shape)

    def add(self, name, *inputs, softmax=False, check=True, **options):
        given = [x.array if isinstance(x, Fixed) else np.asarray(x) for x in inputs]
        differentiable = [x.dtype.kind == "f" and not isinstance(i, Fixed) for i, x in zip(inputs, given)]
        results, upstream = {}, None
        for reduction in self.reductions:
            both = []
            for dtype in (torch.float64, torch.float32):
                tensors = [torch.tensor(x, dtype=torch.int64 if x.dtype.kind == "i" else dtype, requires_grad=d)
                           for x, d in zip(given, differentiable)]
                used = [tensors[0].log_softmax(-1), *tensors[1:]] if softmax else tensors
                value = self.compute(reduction, {k: torch.tensor(v, dtype=dtype) if isinstance(v, np.ndarray) else v
                                                 for k, v in options.items()}, *used)
                if reduction == "none" and upstream is None:
                    upstream = grid(self.rng.standard_normal(tuple(value.shape)))
                if value.requires_grad:
                    value.backward(torch.tensor(upstream, dtype=dtype) if reduction == "none" else None)
                gradients = [t.grad if t.grad is not None or not d else torch.zeros_like(t) for t, d in zip(tensors, differentiable)]
                both.append([value.detach(), *gradients])
            for i, (exact, rounded) in enumerate(zip(*both)):
                if exact is not None and check:
                    well_conditioned(f"{self.name}: {name}, {reduction}, {i}", exact.numpy(), rounded.double().numpy())
            value, *gradients = both[0]
            results[reduction] = {"value": shorts(value), "gradients": [None if g is None else shorts(g) for g in gradients]}
        case = {"name": name, "options": {k: option(v) for k, v in options.items()}, "inputs": [encode(x) for x in inputs]}
        if softmax:
            case["softmax"] = True
        self.cases.append({**case, "upstream": shorts(upstream), "results": results})

    def write(self):
        path = HERE / f"{self.name}.golden.json"
        body = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self.cases)
        path.write_text(f"[\n{body}\n]\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size:,} bytes")


def well_conditioned(what, exact, rounded):
    """The reference's own float32 must meet the tolerance of the tests, or a case asks for digits that float32 has not."""
    finite = np.isfinite(exact)
    greatest = np.abs(exact[finite]).max(initial=0)
    with np.errstate(invalid="ignore"):
        off = np.abs(rounded - exact) > 1e-5 * np.abs(exact) + 1e-6 * greatest
    assert not off[finite].any(), f"{what}: float32 gives {rounded} for {exact}; choose other numbers"


def reduced(reduction, value, weight=None):
    """The usual reductions of values, for references that are formulas."""
    if reduction == "none":
        return value
    if reduction == "sum":
        return value.sum()
    return value.mean() if weight is None else value.sum() / weight.sum()

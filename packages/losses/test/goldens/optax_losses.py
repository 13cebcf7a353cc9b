"""Goldens of Optax's losses and others: their formulas written out in torch, whose float64 gradients they take."""

import numpy as np
import torch

from several import Fixed, Goldens, grid, reduced


def poly():
    def compute(r, o, x, q):
        axis = o.get("axis", -1)
        log = x.log_softmax(axis)
        return reduced(r, -(q * log).sum(axis) + o.get("epsilon", 2.0) * (q * (1 - log.exp())).sum(axis))

    g = Goldens("polyLoss", 61, compute)
    for shape, options in (((4,), {}), ((5, 4), {}), ((5, 4), {"epsilon": -0.5}), ((2, 3, 4), {"axis": 1, "epsilon": 1.0})):
        g.add(f"{list(shape)} {options or ''}", g.normal(*shape), g.uniform(*shape), **options)
    g.add("extreme", [[1000.0, -1000, 0]], Fixed([[0, 1, 0]]))
    g.add("epsilon 0", g.normal(3, 4), Fixed(np.eye(4)[[1, 3, 0]]), epsilon=0.0)
    g.write()


def projected(x):
    """The projection to the simplex by sorting, as its authors have it."""
    z, _ = x.sort(descending=True)
    k = torch.arange(1, len(z) + 1, dtype=x.dtype)
    support = 1 + k * z > z.cumsum(0)
    size = support.sum()
    return (x - (z[:size].sum() - 1) / size).clamp(min=0)


def sparsemax():
    def compute(r, o, x, q):
        rows = x.reshape(-1, x.shape[-1])
        targets = torch.nn.functional.one_hot(q, x.shape[-1]).to(x.dtype) if q.dtype == torch.int64 else q
        values = []
        for row, target in zip(rows, targets.reshape(-1, x.shape[-1])):
            p = projected(row)
            values.append(0.5 * (target ** 2).sum() - 0.5 * (p ** 2).sum() + (p * row).sum() - (target * row).sum())
        return reduced(r, torch.stack(values).reshape(x.shape[:-1]))

    g = Goldens("sparsemaxLoss", 62, compute)
    for shape in ((4,), (5, 4), (2, 3, 6)):
        g.add(f"{list(shape)}", g.normal(*shape), g.rng.integers(0, 4, shape[:-1]))
        g.add(f"{list(shape)}, probabilities", g.normal(*shape), g.uniform(*shape, high=0.5))
    g.add("sure", [[3.0, 1, 0], [0, 1.5, 3]], np.array([0, 0]))
    g.add("ties", [[1.0, 1, 1], [2, 2, 0]], np.array([0, 2]), check=False)
    g.write()


def ntxent():
    def compute(r, o, x, t):
        unit = x / x.norm(dim=1, keepdim=True)
        s = unit @ unit.T / o.get("temperature", 0.07)
        different = t[:, None] != t[None, :]
        alike = ~different & ~torch.eye(len(t), dtype=torch.bool)
        values = []
        for i in range(len(t)):
            pairs = [torch.cat([s[i, j].reshape(1), s[i][different[i]]]).logsumexp(0) - s[i, j] for j in range(len(t)) if alike[i, j]]
            values.append(sum(pairs, (x[i] * 0).sum()))
        return reduced(r, torch.stack(values), alike.to(x.dtype).sum(1))

    g = Goldens("ntXent", 63, compute)
    g.add("pairs", g.normal(6, 3), np.array([0, 1, 2, 0, 1, 2]), temperature=0.5)
    g.add("several of one kind", g.normal(6, 3), np.array([0, 0, 0, 1, 1, 2]), temperature=1.0)
    g.add("as it comes", g.normal(4, 5), np.array([3, 3, 8, 8]))
    g.write()


def ranking():
    def compute(r, o, x, t, mask=None):
        t = t.to(x.dtype)
        if mask is None:
            return reduced(r, -(x.log_softmax(-1) * t).sum(-1))
        rows = []
        for row, label, m in zip(x, t, mask):
            keep = m > 0
            rows.append(-(row[keep].log_softmax(-1) * label[keep]).sum() if keep.any() else (row * 0).sum())
        return reduced(r, torch.stack(rows), (mask.sum(-1) > 0).to(x.dtype))

    g = Goldens("rankingSoftmaxLoss", 64, compute)
    for shape in ((5,), (3, 5), (2, 2, 4)):
        g.add(f"{list(shape)}", g.normal(*shape), g.rng.integers(0, 4, shape))
    g.add("relevances with gradients", g.normal(3, 4), g.uniform(3, 4))
    g.add("mask", g.normal(3, 4), g.rng.integers(0, 4, (3, 4)), np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 1]]))
    g.add("mask of the highest", [[1000.0, 0, 1, -1000]], np.array([[0, 2, 1, 0]]), np.array([[0, 1, 1, 0]]))
    g.write()


def quantile():
    def compute(r, o, x, t):
        e = t - x
        return reduced(r, torch.maximum(o["quantile"] * e, (o["quantile"] - 1) * e))

    g = Goldens("quantileLoss", 65, compute)
    for q in (0.5, 0.1, 0.9, 0.0, 1.0):
        for shape in ((), (7,), (2, 3)):
            g.add(f"{list(shape)}, quantile {q}", g.normal(*shape), g.normal(*shape), quantile=q)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), quantile=0.5)
    g.write()


def fenchel_young():
    g = Goldens("fenchelYoungLoss", 66, lambda r, o, x, t: reduced(
        r, ((x * x).sum(-1) / 2 if o.get("maxFunction") == "halfSquare" else x.logsumexp(-1)) - (t * x).sum(-1)))
    for shape in ((4,), (3, 5), (2, 2, 3)):
        for options in ({}, {"maxFunction": "halfSquare"}):
            g.add(f"{list(shape)} {options or ''}", g.normal(*shape), g.uniform(*shape), **options)
    g.write()


def generate():
    for group in (poly, sparsemax, ntxent, ranking, quantile, fenchel_young):
        group()

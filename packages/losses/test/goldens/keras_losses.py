"""Goldens of Keras's losses: their formulas written out in torch, whose float64 gradients they take."""

import numpy as np
import torch

from several import Fixed, Goldens, grid, reduced

EPSILON = 1e-7


def binary_cross_entropy():
    def compute(r, o, x, t):
        s = o.get("labelSmoothing", 0.0)
        t = t.to(x.dtype) * (1 - s) + s / 2
        if o["fromLogits"]:
            return reduced(r, -(t * torch.nn.functional.logsigmoid(x) + (1 - t) * torch.nn.functional.logsigmoid(-x)))
        p = x.clamp(EPSILON, 1 - EPSILON)
        return reduced(r, -(t * p.log() + (1 - t) * (1 - p).log()))

    g = Goldens("binaryCrossEntropy", 47, compute)
    for logits in (False, True):
        for shape, options in (((3, 4), {}), ((5,), {"labelSmoothing": 0.125}), ((), {}), ((2, 3, 2), {"labelSmoothing": 1.0})):
            x = g.normal(*shape) if logits else g.uniform(*shape, low=0.1, high=0.9)
            g.add(f"{'logits' if logits else 'probabilities'} {list(shape)} {options or ''}", x, g.uniform(*shape, low=0.1, high=0.9), fromLogits=logits, **options)
    g.add("labels", g.uniform(5, low=0.1, high=0.9), np.array([0, 1, 1, 0, 1]), fromLogits=False)
    g.add("clipped", [0.0, 1, 0.5], Fixed([1, 0, 1]), fromLogits=False, check=False)
    g.add("extreme logits", [100.0, -100, 0], Fixed([0, 1, 1]), fromLogits=True)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), fromLogits=True)
    g.write()


def focal():
    def binary(r, o, x, t):
        t = t.to(x.dtype)
        s = o.get("labelSmoothing", 0.0)
        t = t * (1 - s) + s / 2
        p = torch.sigmoid(x) if o["fromLogits"] else x
        if not o["fromLogits"]:
            p = p.clamp(EPSILON, 1 - EPSILON)
        yes, no = (torch.nn.functional.logsigmoid(x), torch.nn.functional.logsigmoid(-x)) if o["fromLogits"] else (p.log(), (1 - p).log())
        pt = t * p + (1 - t) * (1 - p)
        loss = (1 - pt) ** o.get("gamma", 2.0) * -(t * yes + (1 - t) * no)
        if o.get("applyClassBalancing"):
            a = o.get("alpha", 0.25)
            loss = loss * (t * a + (1 - t) * (1 - a))
        return reduced(r, loss)

    g = Goldens("binaryFocalCrossEntropy", 41, binary)
    for logits in (False, True):
        for options in ({}, {"gamma": 1.5}, {"gamma": 0.0}, {"applyClassBalancing": True}, {"applyClassBalancing": True, "alpha": 0.75, "labelSmoothing": 0.125}):
            x = g.normal(3, 4) if logits else g.uniform(3, 4, low=0.1, high=0.9)
            g.add(f"{'logits' if logits else 'probabilities'} {options or ''}", x, g.uniform(3, 4, low=0.1, high=0.9), fromLogits=logits, **options)
    g.add("labels", g.uniform(5, low=0.1, high=0.9), np.array([0, 1, 1, 0, 1]), fromLogits=False)
    g.add("clipped", [0.0, 1, 0.5], Fixed([1, 0, 1]), fromLogits=False, check=False)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), fromLogits=False)
    g.write()

    def categorical(r, o, x, q):
        axis = o.get("axis", -1)
        s = o.get("labelSmoothing", 0.0)
        q = q * (1 - s) + s / x.shape[axis]
        if o["fromLogits"]:
            log = x.log_softmax(axis)
            p = log.exp()
        else:
            p = (x / x.sum(axis, keepdim=True)).clamp(EPSILON, 1 - EPSILON)
            log = p.log()
        return reduced(r, (o.get("alpha", 0.25) * (1 - p) ** o.get("gamma", 2.0) * -q * log).sum(axis))

    g = Goldens("categoricalFocalCrossEntropy", 42, categorical)
    for logits in (False, True):
        for shape, options in (((3, 4), {}), ((3, 4), {"gamma": 1.5, "alpha": 1.0}), ((2, 3, 4), {"labelSmoothing": 0.125}), ((2, 3, 4), {"axis": 1}), ((5,), {})):
            x = g.normal(*shape) if logits else g.uniform(*shape, low=0.1, high=0.9)
            g.add(f"{'logits' if logits else 'probabilities'} {list(shape)} {options or ''}", x, g.uniform(*shape), fromLogits=logits, **options)
    g.write()

    def generalized(r, o, x, t):
        p = x.gather(-1, t.unsqueeze(-1)).squeeze(-1)
        return reduced(r, (1 - p ** o["q"]) / o["q"])

    g = Goldens("categoricalGeneralizedCrossEntropy", 43, generalized)
    for shape in ((4,), (5, 4), (2, 3, 4)):
        for q in (0.5, 0.125, 0.75):
            g.add(f"{list(shape)}, q {q}", g.uniform(*shape, low=0.1, high=0.9), g.rng.integers(0, 4, shape[:-1]), q=q)
    g.write()


def regression():
    cases = {
        "meanAbsolutePercentageError": (44, lambda x, t: 100 * ((t - x) / t.abs().maximum(torch.tensor(EPSILON, dtype=x.dtype))).abs(), (-2, 2)),
        "meanSquaredLogarithmicError": (45, lambda x, t: (torch.log1p(t.clamp(min=EPSILON)) - torch.log1p(x.clamp(min=EPSILON))) ** 2, (-0.5, 4)),
        "logCosh": (46, lambda x, t: (x - t).abs() + torch.log1p((-2 * (x - t).abs()).exp()) - np.log(2), (-3, 3)),
        "poisson": (47, lambda x, t: x - t * (x + EPSILON).log(), (0.2, 4)),
    }
    for name, (seed, formula, (low, high)) in cases.items():
        g = Goldens(name, seed, lambda r, o, x, t: reduced(r, formula(x, t)))
        for shape in ((), (7,), (3, 4), (2, 3, 2)):
            x, t = g.uniform(*shape, low=low, high=high), g.uniform(*shape, low=low, high=high)
            # no equal pairs, no zeros: their gradients are zero by rounding, or depend on the order of operations
            x, t = x + (np.abs(x - t) < 0.05) * 0.25, t + (np.abs(t) < 0.05) * 0.25
            g.add(f"{list(shape)}", x, t, check=name != "logCosh")
        if name == "meanSquaredLogarithmicError":
            g.add("below zero", [-1.0, -0.5, 2], [2.0, -3, -1])
        if name == "logCosh":
            g.add("large", [1000.0, -1000, 50], [-1000.0, 0, 0])
        g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)))
        g.write()

    def cosine(r, o, x, t):
        axis = o.get("axis", -1)
        return reduced(r, -(x * t).sum(axis) / (x.pow(2).sum(axis).sqrt() * t.pow(2).sum(axis).sqrt()))

    g = Goldens("cosineSimilarity", 48, cosine)
    for shape, axis in (((4,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1)):
        g.add(f"{list(shape)}, axis {axis}", g.normal(*shape), g.normal(*shape), axis=axis)
    g.write()


def hinges():
    def signed(t):
        return torch.where(((t == 0) | (t == 1)).all(), 2 * t - 1, t)

    for name, seed, power in (("hinge", 49, 1), ("squaredHinge", 50, 2)):
        g = Goldens(name, seed, lambda r, o, x, t: reduced(r, (1 - signed(t.to(x.dtype)) * x).clamp(min=0) ** power))
        for shape in ((), (7,), (2, 3, 2)):
            g.add(f"{list(shape)}, −1 and 1", g.normal(*shape, scale=2), Fixed(g.signs(*shape)))
            g.add(f"{list(shape)}, 0 and 1", g.normal(*shape, scale=2), g.rng.integers(0, 2, shape))
        g.add("empty batch", np.zeros((0, 3)), Fixed(np.zeros((0, 3))))
        g.write()

    g = Goldens("categoricalHinge", 51, lambda r, o, x, t: reduced(r, (((1 - t) * x).amax(-1) - (t * x).sum(-1) + 1).clamp(min=0)))
    for shape in ((4,), (5, 4), (2, 3, 4)):
        g.add(f"{list(shape)}", g.normal(*shape, scale=2), Fixed(np.eye(4)[g.rng.integers(0, 4, shape[:-1])]))
    g.add("shares", g.normal(3, 4), g.uniform(3, 4, low=0.1))
    g.add("all below zero", [[-3.0, -2, -1]], Fixed([[0, 0, 1]]))
    g.write()


def overlaps():
    def sums(o):
        axis = o.get("axis")
        return (lambda x: x.sum()) if axis is None else (lambda x: x.sum(tuple(axis)))

    def dice(r, o, x, t):
        s = sums(o)
        return reduced(r, 1 - 2 * s(x * t) / (s(t) + s(x) + EPSILON))

    def tversky(r, o, x, t):
        s = sums(o)
        found = s(x * t)
        return reduced(r, 1 - found / (found + o["alpha"] * s((1 - t) * x) + o["beta"] * s(t * (1 - x)) + EPSILON))

    g = Goldens("dice", 52, dice)
    h = Goldens("tversky", 53, tversky)
    for shape, axis in (((7,), None), ((2, 3, 4), None), ((2, 3, 4), [1, 2]), ((2, 3, 4), [-1])):
        options = {} if axis is None else {"axis": axis}
        g.add(f"{list(shape)} {options or ''}", g.uniform(*shape), g.uniform(*shape), **options)
        for a, b in ((0.5, 0.5), (0.25, 0.75)):
            h.add(f"{list(shape)} {options or ''}, {a} and {b}", h.uniform(*shape), h.uniform(*shape), alpha=a, beta=b, **options)
    g.add("labels", g.uniform(3, 4), g.rng.integers(0, 2, (3, 4)))
    g.add("nothing at all", np.zeros(3), Fixed(np.zeros(3)))
    g.write()
    h.write()


def circles():
    def circle(r, o, x, t):
        gamma, m = o.get("gamma", 80.0), o.get("margin", 0.4)
        d = (1 - x @ x.T).clamp(min=0)
        alike = t[:, None] == t[None, :]
        different = ~alike
        if o.get("removeDiagonal", True):
            alike = alike & ~torch.eye(len(t), dtype=torch.bool)
        values = []
        for i in range(len(t)):
            if not alike[i].any() or not different[i].any():
                values.append((x[i] * 0).sum())
                continue
            p = (gamma * (m + d[i]).clamp(min=0) * (d[i] - m))[alike[i]].logsumexp(0)
            n = (gamma * (1 + m - d[i]).clamp(min=0) * (1 - m - d[i]))[different[i]].logsumexp(0)
            values.append(torch.nn.functional.softplus(p + n, threshold=1e9))
        return reduced(r, torch.stack(values))

    g = Goldens("circle", 54, circle)
    for options in ({"gamma": 4.0}, {"gamma": 2.0, "margin": 0.25}, {"gamma": 2.0, "removeDiagonal": False}):
        x = g.rng.standard_normal((6, 3))
        g.add(f"[6, 3] {options}", grid(x / np.linalg.norm(x, axis=1, keepdims=True)), np.array([0, 1, 0, 2, 1, 1]), **options)
    x = g.rng.standard_normal((4, 3))
    g.add("no strangers", grid(x / np.linalg.norm(x, axis=1, keepdims=True)), np.array([1, 1, 1, 1]), gamma=2.0)
    g.write()


def generate():
    for group in (binary_cross_entropy, focal, regression, hinges, overlaps, circles):
        group()

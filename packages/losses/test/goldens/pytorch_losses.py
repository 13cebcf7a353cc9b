"""Goldens of PyTorch's losses with options or inputs of their own, from PyTorch."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from several import Fixed, Goldens, grid


def kl_div():
    g = Goldens("klDivLoss", 21, lambda r, o, x, t: F.kl_div(x, t, reduction=r, log_target=o["logTarget"]),
                ("none", "mean", "sum", "batchmean"))
    for shape in ((5,), (3, 4), (2, 3, 2)):
        p = grid(g.rng.random(shape) * 0.9 + 0.05)
        g.add(f"{list(shape)}", g.normal(*shape), p, logTarget=False)
        g.add(f"{list(shape)}, log target", g.normal(*shape), -p * 3, logTarget=True)
    g.add("zeros in the target", g.normal(2, 3), Fixed([[0, 1, 0], [0.5, 0, 0.5]]), logTarget=False)
    g.add("extreme", [[-1000.0, 0, -50], [-1e6, -1e-6 * 0, -1]], Fixed([[0.5, 0.5, 0], [1, 0, 0]]), logTarget=False)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), logTarget=False)
    g.write()


def poisson():
    g = Goldens("poissonNLLLoss", 22, lambda r, o, x, t: F.poisson_nll_loss(
        x, t, log_input=o["logInput"], full=o["full"], eps=o.get("eps", 1e-8), reduction=r))
    for shape in ((), (6,), (2, 3, 2)):
        for log in (True, False):
            x = g.normal(*shape) if log else g.uniform(*shape, low=0.1, high=4)
            g.add(f"{list(shape)}", x, g.uniform(*shape, high=5), logInput=log, full=False)
            g.add(f"{list(shape)}, full", x, g.uniform(*shape, low=0.1, high=5), logInput=log, full=True)
    g.add("counts, full", g.normal(5), Fixed([0, 1, 2, 3, 170]), logInput=True, full=True)
    g.add("no rate", [0.0, 0, 1], Fixed([0, 2, 1]), logInput=False, full=False)
    g.add("eps", [0.0, 0, 1], Fixed([0, 2, 1]), logInput=False, full=False, eps=0.125)
    g.add("large", [20.0, -80, 3], Fixed([1e6, 5, 0]), logInput=True, full=True)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), logInput=True, full=False)
    g.write()


def gaussian():
    g = Goldens("gaussianNLLLoss", 23, lambda r, o, x, t, v: F.gaussian_nll_loss(
        x, t, v, full=o["full"], eps=o.get("eps", 1e-6), reduction=r))
    for shape, variance in (((5,), (5,)), ((3, 4), (3, 4)), ((3, 4), (3, 1)), ((3, 4), (3,)), ((2, 3, 2), (2, 3, 1))):
        for full in (False, True):
            g.add(f"{list(shape)}, variance {list(variance)}" + (", full" if full else ""),
                  g.normal(*shape), g.normal(*shape), g.uniform(*variance, low=0.2, high=2), full=full)
    g.add("target of size 1", g.normal(3, 4), g.normal(3, 1), g.uniform(3, 4, low=0.2, high=2), full=False)
    g.add("variance below eps", g.normal(4), g.normal(4), [0.0, 0.0625, 0.5, 0.125], full=False, eps=0.125)
    g.add("no variance", [1.0, 2], [1.0, 2], [0.0, 0], full=False)
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), full=False)
    g.write()


def pairs():
    g = Goldens("hingeEmbeddingLoss", 24, lambda r, o, x, t: F.hinge_embedding_loss(x, t, reduction=r, margin=o.get("margin", 1.0)))
    for shape in ((), (6,), (2, 3, 2)):
        for options in ({}, {"margin": 0.25}):
            g.add(f"{list(shape)} {options or ''}", g.normal(*shape), Fixed(g.signs(*shape)), **options)
    g.add("at the margin, and neither", [1.0, 1, 0, 0, 0.5, 2], Fixed([1, -1, 1, -1, 0, 0]))
    g.add("integers", g.normal(4), np.array([1, -1, -1, 1]))
    g.add("empty batch", np.zeros((0,)), Fixed(np.zeros((0,))))
    g.write()

    g = Goldens("marginRankingLoss", 25, lambda r, o, a, b, t: F.margin_ranking_loss(a, b, t, reduction=r, margin=o.get("margin", 0.0)))
    for shape in ((), (6,), (3, 2)):
        for options in ({}, {"margin": 0.5}):
            g.add(f"{list(shape)} {options or ''}", g.normal(*shape), g.normal(*shape), Fixed(g.signs(*shape)), **options)
    g.add("at the margin", [1.0, 1, 2], [1.0, 2, 1], Fixed([1, 1, -1]), margin=1.0)
    g.add("empty batch", np.zeros((0,)), np.zeros((0,)), Fixed(np.zeros((0,))))
    g.write()

    g = Goldens("cosineEmbeddingLoss", 26, lambda r, o, a, b, t: F.cosine_embedding_loss(a, b, t, reduction=r, margin=o.get("margin", 0.0)))
    for shape in ((4,), (5, 3), (1, 7)):
        for options in ({}, {"margin": 0.25}, {"margin": -0.5}):
            g.add(f"{list(shape)} {options or ''}", g.normal(*shape), g.normal(*shape), Fixed(g.signs(*shape[:-1])), **options)
    g.add("a vector of zeros", [[0.0, 0], [1, 2]], [[1.0, 2], [1.5, 3.25]], Fixed([-1, -1]))
    g.add("neither", g.normal(2, 3), g.normal(2, 3), Fixed([0, 2]))
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)), Fixed(np.zeros((0,))))
    g.write()


def triplets():
    g = Goldens("tripletMarginLoss", 27, lambda r, o, a, p, n: F.triplet_margin_loss(
        a, p, n, margin=o.get("margin", 1.0), p=o.get("p", 2.0), eps=o.get("eps", 1e-6), swap=o.get("swap", False), reduction=r))
    for shape in ((4,), (5, 3)):
        for options in ({}, {"swap": True}, {"margin": 3.5}, {"p": 1.0, "margin": 2.0}, {"p": 3.5, "margin": 2.0, "swap": True},
                        {"p": math.inf, "margin": 2.0}, {"eps": 0.125, "margin": 2.0}):
            g.add(f"{list(shape)} {options or ''}", *(g.normal(*shape) for _ in range(3)), **options)
    g.add("all equal", *(np.ones((2, 3)) for _ in range(3)), eps=0.0)
    g.add("empty batch", *(np.zeros((0, 3)) for _ in range(3)))
    g.write()

    g = Goldens("tripletMarginWithDistanceLoss", 28, lambda r, o, a, p, n: F.triplet_margin_with_distance_loss(
        a, p, n, margin=o.get("margin", 1.0), swap=o.get("swap", False), reduction=r,
        distance_function=(lambda x, y: (x - y).abs().amax(-1)) if o.get("distanceFunction") else None))
    for options in ({}, {"swap": True, "margin": 2.0}, {"distanceFunction": "greatest"}, {"distanceFunction": "greatest", "swap": True, "margin": 2.0}):
        g.add(f"[5, 3] {options or ''}", *(g.normal(5, 3) for _ in range(3)), **options)
    g.write()


def margins():
    g = Goldens("multiMarginLoss", 29, lambda r, o, x, t: F.multi_margin_loss(
        x, t, p=o.get("p", 1), margin=o.get("margin", 1.0), weight=o.get("weight"), reduction=r))
    for options in ({}, {"p": 2}, {"margin": 0.25}, {"weight": grid([0.5, 2, 0.25, 1])}, {"p": 2, "margin": 2.0, "weight": grid([0.5, 2, 0, 1])}):
        shown = ", ".join(options)
        g.add(f"[5, 4] {shown}", g.normal(5, 4), g.rng.integers(0, 4, 5), **options)
        g.add(f"[4] {shown}", g.normal(4), np.array(2), **options)
    g.add("at the margin", [[1.0, 0, 2], [0, 0, 0]], np.array([0, 1]))
    g.add("extreme", [[1000.0, -1000, 0], [-1000, 1000, 1000]], np.array([1, 1]), p=2)
    g.write()

    g = Goldens("multiLabelMarginLoss", 30, lambda r, o, x, t: F.multilabel_margin_loss(x, t, reduction=r))
    g.add("[4]", g.normal(4), np.array([3, 0, -1, 1]))
    g.add("[5, 4]", g.normal(5, 4), np.array([[3, 0, -1, 1], [-1, 2, 2, 2], [0, 1, 2, 3], [1, -1, -1, -1], [2, 2, -1, 0]]))
    g.add("at the margin", [[1.0, 0, 2], [0, 0, 0]], np.array([[0, -1, -1], [1, 2, -1]]))
    g.add("extreme", [[1000.0, -1000, 0]], np.array([[1, -1, -1]]))
    g.write()

    g = Goldens("multiLabelSoftMarginLoss", 31, lambda r, o, x, t: F.multilabel_soft_margin_loss(x, t, weight=o.get("weight"), reduction=r))
    for shape in ((4,), (5, 4), (2, 3, 4)):
        g.add(f"{list(shape)}", g.normal(*shape, scale=2), g.uniform(*shape))
        g.add(f"{list(shape)}, weight", g.normal(*shape, scale=2), Fixed(g.rng.integers(0, 2, shape)), weight=grid([0.5, 2, 0, 1]))
    g.add("extreme", [[1000.0, -1000, 1000, -1000]], Fixed([[1, 1, 0, 0]]))
    g.add("empty batch", np.zeros((0, 3)), np.zeros((0, 3)))
    g.write()

    g = Goldens("softMarginLoss", 32, lambda r, o, x, t: F.soft_margin_loss(x, t, reduction=r))
    for shape in ((), (6,), (2, 3, 2)):
        g.add(f"{list(shape)}", g.normal(*shape, scale=2), Fixed(g.signs(*shape)))
    g.add("large", [16.0, -16, 14, -30, 0], Fixed([1, 1, -1, -1, 1]))
    g.add("targets between", g.normal(4), Fixed(g.normal(4)))
    g.add("empty batch", np.zeros((0, 3)), Fixed(np.zeros((0, 3))))
    g.write()


def ctc():
    def compute(r, o, x, targets, inputs, lengths):
        return F.ctc_loss(x, targets, inputs, lengths, blank=o.get("blank", 0), reduction=r, zero_infinity=o.get("zeroInfinity", False))

    g = Goldens("ctcLoss", 33, compute)

    def add(name, x, *rest, **options):
        g.add(name, x, *(np.array(a) for a in rest), softmax=True, **options)

    add("shorter inputs", g.normal(7, 3, 4), [[1, 2, 3], [2, 2, 0], [3, 1, 3]], [5, 3, 7], [3, 2, 3])
    add("one after another", g.normal(6, 3, 5), [1, 2, 4, 4, 3, 1], [6, 5, 6], [1, 3, 2])
    add("blank 2", g.normal(6, 2, 4), [[1, 0, 3], [3, 3, 0]], [6, 6], [3, 2], blank=2)
    add("empty targets", g.normal(4, 2, 3), [[1, 2], [1, 1]], [4, 3], [0, 2])
    add("no batch", g.normal(6, 4), [1, 3, 3], 6, 3)
    add("one step, one label", g.normal(1, 2, 3), [[1], [2]], [1, 1], [1, 1])
    add("just long enough", g.normal(5, 1, 3), [[1, 1, 2, 1]], [5], [4])
    add("too long, zeroInfinity", g.normal(3, 2, 3), [[1, 1, 2], [1, 2, 1]], [3, 3], [3, 3], zeroInfinity=True)
    add("confident", grid([[[4.0, 0, 0]], [[0, 4, 0]], [[0, 0, 4]], [[4, 0, 0]]]), [[1, 2]], [4], [2])
    add("10 steps", g.normal(10, 2, 6), [[1, 2, 3, 3, 5], [5, 4, 4, 1, 2]], [10, 9], [5, 4])
    g.write()


def weighted():
    def sums(r, value, weight):
        return {"none": lambda: value, "sum": value.sum, "mean": lambda: value.sum() / weight.sum()}[r]()

    for name, seed, compute in (
        ("mseLoss", 34, lambda r, o, x, t, w: sums(r, (x - t) ** 2 * w, w)),
        ("l1Loss", 35, lambda r, o, x, t, w: sums(r, (x - t).abs() * w, w)),
        ("huberLoss", 36, lambda r, o, x, t, w: {"none": lambda v: v, "sum": torch.sum, "mean": torch.mean}[r](
            F.huber_loss(x, t, reduction="none", delta=o["delta"]) * w)),
    ):
        g = Goldens(f"{name}.weighted", seed, compute)
        for shape in ((5,), (2, 3, 2)):
            g.add(f"{list(shape)}", g.normal(*shape), g.normal(*shape), g.uniform(*shape, low=0.1, high=2),
                  **({"delta": 0.5} if name == "huberLoss" else {}))
        g.write()


def linear_cross_entropy():
    # 1.13 has only its parts: a linear layer, then cross_entropy
    def compute(r, o, x, t, w, b=None):
        z = torch.nn.functional.linear(x, w, b)
        t = t.to(x.dtype) if t.is_floating_point() else t
        return torch.nn.functional.cross_entropy(z, t, weight=o.get("weight"), ignore_index=o.get("ignoreIndex", -100),
                                                 label_smoothing=o.get("labelSmoothing", 0.0), reduction=r)

    g = Goldens("linearCrossEntropyLoss", 71, compute)
    weights = grid(np.linspace(0.5, 2, 7))
    for bias in (False, True):
        for options in ({}, {"chunks": 1}, {"chunks": 3, "weight": weights}, {"labelSmoothing": 0.125}, {"labelSmoothing": 0.25, "weight": weights, "chunks": 20}):
            more = [g.normal(7)] if bias else []
            g.add(f"classes, bias {bias}, {sorted(options)}", g.normal(5, 4), g.rng.integers(0, 7, 5), g.normal(7, 4), *more, **options)
            shares = g.uniform(5, 7, high=0.25)
            g.add(f"probabilities, bias {bias}, {sorted(options)}", g.normal(5, 4), Fixed(shares), g.normal(7, 4), *more, **options)
    g.add("ignored", g.normal(5, 4), np.array([3, -100, 0, -100, 6]), g.normal(7, 4), labelSmoothing=0.125, weight=weights)
    g.add("ignored class", g.normal(5, 4), np.array([3, 0, 0, 2, 6]), g.normal(7, 4), ignoreIndex=0)
    g.add("all ignored", g.normal(2, 4), np.array([-100, -100]), g.normal(7, 4))
    g.add("one sample", g.normal(4), np.array(3), g.normal(7, 4), g.normal(7), labelSmoothing=0.125)
    g.add("large", g.normal(3, 4, scale=200), np.array([0, 3, 6]), g.normal(7, 4))
    g.write()


def generate():
    linear_cross_entropy()
    for group in (kl_div, poisson, gaussian, pairs, triplets, margins, ctc, weighted):
        group()

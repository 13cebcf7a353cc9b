"""The update rules that Debian's PyTorch lacks, in plain float64 NumPy, from their papers and documentation.

Each is `rule(p, g, s, t, **options)`: parameter, gradient, state (a dict that it fills), step 1, 2, …, options under the
names of the TypeScript factory. It gives the new parameter. `generate.py` runs them, and compares NAdam and RAdam with
PyTorch's where that has the options.
"""

import math

import numpy as np


def mean(s, key, value, beta, start=0.0):
    s[key] = beta * s.get(key, np.full_like(value, start)) + (1 - beta) * value
    return s[key]


def nadam(p, g, s, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weightDecay=0.0, momentumDecay=4e-3, decoupledWeightDecay=False, twice=False):
    if decoupledWeightDecay:
        p = p * (1 - lr * weightDecay)
    else:
        g = g + weightDecay * p
    mu, following = (betas[0] * (1 - 0.5 * 0.96 ** (n * momentumDecay)) for n in (t, t + 1))
    product = s["muProduct"] = s.get("muProduct", np.ones(())) * mu
    m, v = mean(s, "expAvg", g, betas[0]), mean(s, "expAvgSq", g * g, betas[1])
    ahead = following * m / (1 - product * following * (mu if twice else 1)) + (1 - mu) * g / (1 - product)
    return p - lr * ahead / (np.sqrt(v / (1 - betas[1] ** t)) + eps)


def radam(p, g, s, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weightDecay=0.0, decoupledWeightDecay=False):
    if decoupledWeightDecay:
        p = p * (1 - lr * weightDecay)
    else:
        g = g + weightDecay * p
    m, v = mean(s, "expAvg", g, betas[0]), mean(s, "expAvgSq", g * g, betas[1])
    m = m / (1 - betas[0] ** t)
    longest = 2 / (1 - betas[1]) - 1
    rho = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    if rho <= 5:
        return p - lr * m
    r = math.sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho))
    return p - lr * r * m * math.sqrt(1 - betas[1] ** t) / (np.sqrt(v) + eps)


def lion(p, g, s, t, lr=1e-4, betas=(0.9, 0.99), weightDecay=1e-3):
    m = s.get("expAvg", np.zeros_like(p))
    u = np.sign(betas[0] * m + (1 - betas[0]) * g)
    s["expAvg"] = betas[1] * m + (1 - betas[1]) * g
    return p - lr * (u + weightDecay * p)


def ratio(p, u, coefficient=1.0, eps=0.0):
    a, b = np.linalg.norm(p), np.linalg.norm(u)
    return 1.0 if a == 0 or b == 0 else coefficient * a / (b + eps)


def lamb(p, g, s, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weightDecay=0.0):
    m, v = mean(s, "expAvg", g, betas[0]), mean(s, "expAvgSq", g * g, betas[1])
    u = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weightDecay * p
    return p - lr * ratio(p, u) * u


def lars(p, g, s, t, lr=1.0, momentum=0.9, weightDecay=0.0, trustCoefficient=1e-3, eps=0.0, nesterov=False):
    g = g + weightDecay * p
    u = lr * ratio(p, g, trustCoefficient, eps) * g
    b = s["momentumBuffer"] = momentum * s.get("momentumBuffer", np.zeros_like(p)) + u
    return p - (u + momentum * b if nesterov else b)


def ftrl(p, g, s, t, lr=1e-3, lrPower=-0.5, initialAccumulatorValue=0.1, l1=0.0, l2=0.0, l2Shrinkage=0.0, beta=0.0):
    n = s.get("accumulator", np.full_like(p, initialAccumulatorValue))
    z = s.get("linear", np.zeros_like(p))
    now = n + g * g
    sigma = (now ** -lrPower - n ** -lrPower) / lr
    z = z + g + 2 * l2Shrinkage * p - sigma * p
    s["accumulator"], s["linear"] = now, z
    return np.where(np.abs(z) <= l1, 0, (np.sign(z) * l1 - z) / (now ** -lrPower / lr + 2 * (l2 + beta / (2 * lr))))


def adaBelief(p, g, s, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-16, epsRoot=1e-16, weightDecay=0.0):
    m = mean(s, "expAvg", g, betas[0])
    v = s["expAvgVar"] = mean(s, "expAvgVar", (g - m) ** 2, betas[1]) + epsRoot
    return p - lr * (m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weightDecay * p)


def adan(p, g, s, t, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, epsRoot=1e-8, weightDecay=0.0):
    change = g - s.get("prev", g)
    s["prev"] = g
    m, d = mean(s, "expAvg", g, betas[0]), mean(s, "expAvgDiff", change, betas[1])
    n = mean(s, "expAvgSq", (g + betas[1] * change) ** 2, betas[2])
    m, d, n = (x / (1 - beta ** t) for x, beta in zip((m, d, n), betas))
    return p - lr * ((m + betas[1] * d) / (np.sqrt(n + epsRoot) + eps) + weightDecay * p)


def yogi(p, g, s, t, lr=1e-2, betas=(0.9, 0.999), eps=1e-3, initialAccumulatorValue=1e-6, weightDecay=0.0):
    m = mean(s, "expAvg", g, betas[0], initialAccumulatorValue)
    v = s.get("expAvgSq", np.full_like(p, initialAccumulatorValue))
    v = s["expAvgSq"] = v - (1 - betas[1]) * np.sign(v - g * g) * g * g
    return p - lr * (m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weightDecay * p)


def adEMAMix(p, g, s, t, lr=1e-3, betas=(0.9, 0.999, 0.9999), alpha=5.0, eps=1e-8, weightDecay=0.0, warmup=0):
    slow = betas[2]
    if t < warmup:
        # half-lives grow in proportion to the step: log ½ / log β between those of β₁ and β₃
        part = t / warmup
        lives = [1 / math.log(b) for b in (betas[0], betas[2])]
        slow, alpha = math.exp(1 / ((1 - part) * lives[0] + part * lives[1])), alpha * part
    m, m2, v = mean(s, "expAvg", g, betas[0]), mean(s, "expAvgSlow", g, slow), mean(s, "expAvgSq", g * g, betas[1])
    u = (m / (1 - betas[0] ** t) + alpha * m2) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p - lr * (u + weightDecay * p)


def adafactor(p, g, s, t, lr=1e-2, beta2Decay=-0.8, eps=(None, 1e-3), d=1.0, weightDecay=0.0, spacing=2.0 ** -52):
    def rms(x):
        return math.sqrt((x * x).mean())

    eps1, eps2 = spacing if eps[0] is None else eps[0], eps[1]
    gamma = t ** beta2Decay
    alpha = max(eps2, rms(p)) * min(lr, 1 / math.sqrt(t))
    p = p * (1 - lr * weightDecay)
    if p.ndim > 1:
        r = mean(s, "rowVar", (g * g).mean(-1, keepdims=True), 1 - gamma)
        c = mean(s, "colVar", (g * g).mean(-2, keepdims=True), 1 - gamma)
        v = r @ c / np.maximum(r.mean(-2, keepdims=True), eps1)
    else:
        v = mean(s, "variance", g * g, 1 - gamma)
    u = g / np.sqrt(np.maximum(v, eps1 ** 2))
    return p - alpha * u / max(1.0, rms(u) / d)


def muon(p, g, s, t, lr=1e-3, weightDecay=0.1, momentum=0.95, nesterov=True, nsCoefficients=(3.4445, -4.775, 2.0315), eps=1e-7, nsSteps=5, adjustLrFn="original"):
    m = mean(s, "momentumBuffer", g, momentum)
    u = (1 - momentum) * g + momentum * m if nesterov else m
    # the iteration, as its polynomial of the singular values
    left, values, right = np.linalg.svd(u, full_matrices=False)
    values = values / max(np.linalg.norm(u), eps)
    a, b, c = nsCoefficients
    for _ in range(nsSteps):
        values = a * values + b * values ** 3 + c * values ** 5
    rows, columns = p.shape
    scale = math.sqrt(max(1, rows / columns)) if adjustLrFn == "original" else 0.2 * math.sqrt(max(rows, columns))
    return p * (1 - lr * weightDecay) - lr * scale * (left * values) @ right


# ── optimizers of the whole model ──


def schedule_free(p, g, s, t, beta, direction, rate, r, weightLrPower):
    """As the paper has it: iterate z, average x, and y between them."""
    z, x = s.get("z", p), s.get("_x", p)
    s["lrMax"] = max(rate, s.get("lrMax", -1.0))
    weight = t ** r * s["lrMax"] ** weightLrPower
    s["weightSum"] = s.get("weightSum", 0.0) + weight
    c = weight / s["weightSum"] if s["weightSum"] else 0.0
    s["z"] = z - rate * direction
    s["_x"] = (1 - c) * x + c * s["z"]
    return (1 - beta) * s["z"] + beta * s["_x"]


def scheduleFreeSGD(p, g, s, t, lr=1.0, momentum=0.9, weightDecay=0.0, warmupSteps=0, r=0.0, weightLrPower=2.0):
    rate = lr * min(1.0, t / max(1, warmupSteps))
    return schedule_free(p, g, s, t, momentum, g + weightDecay * p, rate, r, weightLrPower)


def scheduleFreeAdamW(p, g, s, t, lr=2.5e-3, betas=(0.9, 0.999), eps=1e-8, weightDecay=0.0, warmupSteps=0, r=0.0, weightLrPower=2.0):
    v = mean(s, "expAvgSq", g * g, betas[1])
    rate = lr * min(1.0, t / max(1, warmupSteps)) * math.sqrt(1 - betas[1] ** t)
    return schedule_free(p, g, s, t, betas[0], g / (np.sqrt(v) + eps) + weightDecay * p, rate, r, weightLrPower)


def prodigy(ps, gs, states, shared, t, lr=1.0, betas=(0.9, 0.999), beta3=None, eps=1e-8, weightDecay=0.0, decouple=True,
            useBiasCorrection=False, safeguardWarmup=False, d0=1e-6, dCoef=1.0, growthRate=math.inf):
    """Parameters, gradients (of some) and states by name; changes ps, states and shared."""
    (b1, b2), d = betas, shared.setdefault("d", d0)
    b3 = math.sqrt(b2) if beta3 is None else beta3
    rate = d * lr * (math.sqrt(1 - b2 ** t) / (1 - b1 ** t) if useBiasCorrection else 1.0)
    if lr == 0:
        return
    r, length = b3 * shared.setdefault("dNumerator", 0.0), 0.0
    for key, g in gs.items():
        s, p = states[key], ps[key]
        g = g if decouple else g + weightDecay * p
        s.setdefault("p0", p)
        r += d / d0 * rate * float((g * (s["p0"] - p)).sum())
        s["expAvg"] = b1 * s.get("expAvg", 0 * p) + d * (1 - b1) * g
        s["expAvgSq"] = b2 * s.get("expAvgSq", 0 * p) + d * d * (1 - b2) * g * g
        s["s"] = b3 * s.get("s", 0 * p) + d / d0 * (d if safeguardWarmup else rate) * g
        length += float(np.abs(s["s"]).sum())
    estimate = dCoef * r / length
    begun = max(d, estimate) if d == d0 else d
    shared["dMax"] = max(shared.setdefault("dMax", d0), estimate)
    shared["d"], shared["dNumerator"] = min(shared["dMax"], begun * growthRate), r
    for key in gs:
        s, p = states[key], ps[key]
        start = p - rate * weightDecay * p if decouple else p
        ps[key] = start - rate * s["expAvg"] / (np.sqrt(s["expAvgSq"]) + shared["d"] * eps)

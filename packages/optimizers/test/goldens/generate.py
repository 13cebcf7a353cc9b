"""Golden trajectories of the optimizers: 50 steps of PyTorch's, which the tests follow.

    /usr/bin/python3 packages/optimizers/test/goldens/generate.py

Needs Debian's python3-torch (1.13.1); what that lacks comes from `references.py`. float64, a fixed seed, every hyper-parameter explicit, the single-tensor form.

The problem is two parameters, a matrix and a vector, whose gradient at step t is given: noise[t] + 0.1 * parameter.
So a trajectory tests the optimizer alone, not autograd. Start and noise are rounded to float32, so that a float32
backend starts from the very same numbers. `problem.golden.json` holds {parameters: {w, b}, noise: {w, b}}, noise with
one row a step.

One file an optimizer, a list of cases:
  options   as the TypeScript factory takes them
  groups    present when there are two: what `w` (the first) and `b` (the second) override
  lrs       present when the learning rate changes: one row a step, one number a group
  only      present when not both are given to the optimizer: those that are
  skipped   present when `b` has no gradient at some steps: those steps (PyTorch then leaves it and its state alone)
  evaluation  present where other weights are to be used than are trained: those after the last step
  steps     the parameters after that many steps
  state     the optimizer's tensors after the last step, under the names the TypeScript state uses

`prodigy` also has {shared}: the tensors of the whole model after the last step; and {float64} where float32 cannot follow,
since d comes from how far parameters are from where they began, which at first is a few units in their last place. `lbfgs` has no given gradients but a loss,
`valley` of all elements in a row; its steps are a list of {loss, evaluations, w, b}.

`schedules.golden.json`: for each schedule and its options the learning rates of two groups, from the start on.
`laterSchedules.golden.json`: as well, with {momenta} where it changes, {adam} where the optimizer is not SGD, {given} what
`step` is told; functions and schedules by name.
`defaults.golden.json`: for each of PyTorch's optimizers all options that change the mathematics, with their defaults; null
where PyTorch has None.
`clipping.golden.json`: gradients, {normType, maxNorm} or {clipValue}, the norm and the gradients afterwards.
"""

import inspect
import json
import math
from pathlib import Path

import numpy as np
import torch

import references

HERE = Path(__file__).parent
STEPS = 50
SHOWN = (1, 2, 5, 10, 50)
COUPLING = 0.1
SHAPES = {"w": (3, 2), "b": (3,)}

rng = np.random.default_rng(7)
START = {name: rng.standard_normal(shape).astype(np.float32).astype(np.float64) for name, shape in SHAPES.items()}
NOISE = {name: rng.standard_normal((STEPS, *shape)).astype(np.float32).astype(np.float64) for name, shape in SHAPES.items()}

# PyTorch's names and ours
OPTIONS = {"weight_decay": "weightDecay"}
STATE = {
    "momentum_buffer": "momentumBuffer",
    "exp_avg": "expAvg",
    "exp_avg_sq": "expAvgSq",
    "max_exp_avg_sq": "maxExpAvgSq",
    "square_avg": "squareAvg",
    "grad_avg": "gradAvg",
}


def numbers(array):
    out = [float(x) for x in np.asarray(array, dtype=np.float64).reshape(-1)]
    assert all(math.isfinite(x) for x in out)
    return out


def tensors(named):
    return {name: {"shape": list(np.asarray(array).shape), "data": numbers(array)} for name, array in named.items()}


def ours(options):
    return {OPTIONS.get(key, key): list(value) if isinstance(value, tuple) else value for key, value in options.items()}


def run(make, defaults, name, groups=None, lrs=None, skipped=(), **options):
    """`lrs(t, group)` is the learning rate of step t = 1, 2, … of a group."""
    options = {**defaults, **options}
    parameters = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in START.items()}
    overrides = groups or [{}]
    members = [["w"], ["b"]] if groups else [["w", "b"]]
    optimizer = make([{"params": [parameters[m] for m in ms], **o} for ms, o in zip(members, overrides)], foreach=False, **options)
    rows, steps = [], {}
    for t in range(1, STEPS + 1):
        if lrs:
            rows.append([lrs(t, g) for g in range(len(optimizer.param_groups))])
            for group, lr in zip(optimizer.param_groups, rows[-1]):
                group["lr"] = lr
        for key, p in parameters.items():
            p.grad = None if key == "b" and t in skipped else torch.tensor(NOISE[key][t - 1]) + COUPLING * p.detach()
        optimizer.step()
        if t in SHOWN:
            steps[t] = {key: numbers(p.detach()) for key, p in parameters.items()}
    state = {key: {STATE[k]: numbers(v) for k, v in optimizer.state[p].items() if k not in ("step", "mu") and v is not None} for key, p in parameters.items()}
    case = {"name": name, "options": ours(options)}
    if groups:
        case["groups"] = [ours(o) for o in overrides]
    if lrs:
        case["lrs"] = rows
    if skipped:
        case["skipped"] = list(skipped)
    return {**case, "steps": steps, "state": state}


def write(optimizer, cases):
    path = HERE / f"{optimizer}.golden.json"
    body = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    path.write_text(f"[\n{body}\n]\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size:,} bytes")


def cosine(peak, least=0.0):
    return lambda t, group: least + peak * (0.5 if group else 1) * (1 + math.cos(math.pi * t / STEPS)) / 2


def through_0_and_1(base):
    """Learning rates that a compiler might be tempted to fold."""
    return lambda t, group: {2: 0.0, 3: 1.0, 4: 0.0}.get(t, base)


def trajectories(optimizer, make, defaults, lr, sets, groups):
    def case(name, **more):
        return run(make, defaults, name, **more)

    cases = [case(name, **options) for name, options in sets.items()]
    cases.append(case("two groups", groups=groups))
    cases.append(case("changing lr", lrs=cosine(lr)))
    cases.append(case("changing lr, two groups", groups=groups, lrs=cosine(lr)))
    cases.append(case("lr 0 and 1", lrs=through_0_and_1(lr)))
    cases.append(case("b has no gradient at times", skipped=(1, 2, 5, 17)))
    write(optimizer, cases)


(HERE / "problem.golden.json").write_text(
    json.dumps({"coupling": COUPLING, "parameters": tensors(START), "noise": tensors(NOISE)}, separators=(",", ":")) + "\n")

trajectories(
    "sgd", torch.optim.SGD,
    {"lr": 0.05, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False}, 0.1,
    {
        "plain": {"momentum": 0.0},
        "plain, weight decay": {"momentum": 0.0, "weight_decay": 0.1},
        "plain, maximize": {"momentum": 0.0, "maximize": True, "lr": 0.01},
        "plain, dampening without momentum": {"momentum": 0.0, "dampening": 0.5},
        "momentum": {},
        "momentum, dampening": {"dampening": 0.3},
        "momentum, dampening 1": {"dampening": 1.0},
        "momentum, nesterov": {"nesterov": True},
        "momentum, weight decay": {"weight_decay": 0.1},
        "momentum, maximize": {"maximize": True, "lr": 0.01},
        "momentum, nesterov, weight decay, maximize": {"nesterov": True, "weight_decay": 0.05, "maximize": True, "lr": 0.01},
        "momentum, dampening, weight decay, maximize": {"dampening": 0.3, "weight_decay": 0.05, "maximize": True, "lr": 0.01},
        "momentum 0.5, lr 0.001": {"momentum": 0.5, "lr": 1e-3},
    },
    [{"lr": 0.02}, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.01, "dampening": 0.1}],
)

ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False, "maximize": False}
ADAM_SETS = {
    "as it comes": {},
    "lr 0.1": {"lr": 0.1},
    "betas": {"lr": 0.05, "betas": (0.8, 0.95)},
    "betas 0": {"lr": 0.05, "betas": (0.0, 0.0), "eps": 0.1},
    "eps": {"lr": 0.05, "eps": 0.01},
    "amsgrad": {"lr": 0.05, "amsgrad": True, "betas": (0.9, 0.9)},
    "maximize": {"lr": 0.05, "maximize": True},
    "amsgrad, weight decay, maximize": {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1, "maximize": True, "betas": (0.9, 0.95)},
}
trajectories(
    "adam", torch.optim.Adam, ADAM, 0.1, {**ADAM_SETS, "weight decay": {"lr": 0.05, "weight_decay": 0.1}},
    [{"lr": 0.02}, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.01, "eps": 1e-3}],
)
trajectories(
    "adamw", torch.optim.AdamW, {**ADAM, "weight_decay": 1e-2}, 0.1,
    {**ADAM_SETS, "weight decay": {"lr": 0.05, "weight_decay": 0.5}, "no weight decay": {"lr": 0.05, "weight_decay": 0.0}},
    [{"lr": 0.02}, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.0, "eps": 1e-3}],
)

trajectories(
    "rmsprop", torch.optim.RMSprop,
    {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False, "maximize": False}, 0.02,
    {
        "as it comes": {},
        "alpha": {"alpha": 0.8},
        "alpha 0": {"alpha": 0.0, "eps": 0.1},
        "eps": {"eps": 0.1},
        "weight decay": {"weight_decay": 0.1},
        "momentum": {"momentum": 0.9},
        "centered": {"centered": True},
        "centered, alpha": {"centered": True, "alpha": 0.8},
        "maximize": {"maximize": True},
        "centered, momentum, weight decay": {"centered": True, "momentum": 0.5, "weight_decay": 0.1},
        "centered, momentum, weight decay, maximize": {"centered": True, "momentum": 0.9, "weight_decay": 0.1, "maximize": True},
    },
    [{"lr": 0.005}, {"lr": 0.05, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.01}],
)


# ── the optimizers that came later: fewer cases each ─────────────────────────────────────────────────────────

torch.set_default_dtype(torch.float64)  # PyTorch keeps some numbers of state as tensors of the default dtype
STATE.update({"exp_inf": "expInf", "sum": "sum", "acc_delta": "accDelta", "prev": "prev", "step_size": "stepSize", "ax": "ax", "eta": "eta", "mu_product": "muProduct"})
OPTIONS.update({"lr_decay": "lrDecay", "initial_accumulator_value": "initialAccumulatorValue", "step_sizes": "stepSizes"})


def some(optimizer, make, defaults, lr, sets, group):
    """As `trajectories`, with the sets, two groups under a changing learning rate, and gradients that are missing."""
    cases = [run(make, defaults, name, **options) for name, options in sets.items()]
    cases.append(run(make, defaults, "changing lr, two groups", groups=[{}, group], lrs=cosine(lr)))
    cases.append(run(make, defaults, "b has no gradient at times", skipped=(1, 2, 5, 17)))
    write(optimizer, cases)


some("adamax", torch.optim.Adamax, {"lr": 2e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "maximize": False}, 0.1, {
    "as it comes": {},
    "betas, eps, weight decay": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weight_decay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9), "weight_decay": 0.01})
some("adagrad", torch.optim.Adagrad,
     {"lr": 1e-2, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10, "maximize": False}, 0.1, {
         "as it comes": {},
         "everything": {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 0.01},
         "maximize": {"lr": 0.05, "maximize": True},
     }, {"lr_decay": 0.1, "weight_decay": 0.01})
some("adadelta", torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0, "maximize": False}, 1.0, {
    "as it comes": {},
    "everything": {"lr": 2.0, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1},
    "maximize": {"maximize": True},
}, {"rho": 0.99, "eps": 1e-4})
some("rprop", torch.optim.Rprop, {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50.0), "maximize": False}, 0.1, {
    "as it comes": {},
    "etas, sizes": {"lr": 0.05, "etas": (0.25, 1.5), "step_sizes": (1e-3, 0.125)},
    "maximize": {"maximize": True},
}, {"etas": (0.75, 1.1)})
some("asgd", torch.optim.ASGD, {"lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0.0, "maximize": False}, 0.1, {
    "as it comes": {},
    "average from step 10 on": {"lr": 0.1, "lambd": 0.05, "alpha": 0.5, "t0": 10.0, "weight_decay": 0.1},
    "average from the start": {"lr": 0.05, "t0": 0.0, "maximize": True},
}, {"lambd": 0.01, "weight_decay": 0.01})


def follow(rule, name, groups=None, lrs=None, skipped=(), only=("w", "b"), shown=SHOWN, **options):
    """As `run`, for a rule of `references`."""
    parameters, states, counts = dict(START), {key: {} for key in START}, dict.fromkeys(START, 0)
    overrides = groups or [{}]
    rows, steps = [], {}
    for t in range(1, STEPS + 1):
        if lrs:
            rows.append([lrs(t, g) for g in range(len(overrides))])
        for i, key in enumerate(parameters):
            if key not in only or key == "b" and t in skipped:
                continue
            member = i if groups else 0
            given = {**options, **overrides[member], **({"lr": rows[-1][member]} if lrs else {})}
            up = given.pop("maximize", False)
            gradient = NOISE[key][t - 1] + COUPLING * parameters[key]
            counts[key] += 1
            parameters[key] = rule(parameters[key], -gradient if up else gradient, states[key], counts[key], **given)
        if t in shown:
            steps[t] = {key: numbers(p) for key, p in parameters.items()}
    case = {"name": name, "options": {k: v for k, v in ours(options).items() if k not in ("twice", "spacing")}}
    if groups:
        case["groups"] = [ours(o) for o in overrides]
    if lrs:
        case["lrs"] = rows
    if skipped:
        case["skipped"] = list(skipped)
    if tuple(only) != ("w", "b"):
        case["only"] = list(only)
    if all("_x" in s for s in states.values()):
        case["evaluation"] = {key: numbers(s["_x"]) for key, s in states.items()}
    return {**case, "steps": steps, "state": {key: {k: numbers(v) for k, v in s.items() if k[0] != "_"} for key, s in states.items()}}


def same(case, other):
    """A reference and PyTorch, where both have a form."""
    for t in case["steps"]:
        for key in START:
            assert np.allclose(case["steps"][t][key], other["steps"][t][key], rtol=1e-12, atol=1e-13), (case["name"], t)


def referenced(optimizer, lr, sets, group, only=("w", "b"), skipped=(1, 2, 5, 17)):
    rule = getattr(references, optimizer)
    cases = [follow(rule, name, only=only, **options) for name, options in sets.items()]
    cases.append(follow(rule, "changing lr, two groups" if len(only) == 2 else "changing lr", only=only,
                        lrs=cosine(lr, 0.01 if optimizer == "ftrl" else 0.0),  # ftrl divides by it
                       
                        **({"groups": [{}, group]} if len(only) == 2 else group)))
    if len(only) == 2:
        cases.append(follow(rule, "b has no gradient at times", skipped=skipped))
    write(optimizer, cases)


for options in ({"lr": 2e-3}, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weight_decay": 0.1, "momentum_decay": 0.1}):
    renamed = {{"momentum_decay": "momentumDecay", **OPTIONS}.get(k, k): v for k, v in options.items()}
    same(follow(references.nadam, "nadam", twice=True, **renamed), run(torch.optim.NAdam, {}, "nadam", **options))
for options in ({"lr": 2e-3}, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weight_decay": 0.1}):
    same(follow(references.radam, "radam", **{OPTIONS.get(k, k): v for k, v in options.items()}), run(torch.optim.RAdam, {}, "radam", **options))

referenced("nadam", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weightDecay": 0.1, "momentumDecay": 0.1},
    "decoupled weight decay, maximize": {"lr": 0.05, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("radam", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weightDecay": 0.1},
    "decoupled weight decay, maximize": {"lr": 0.05, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("lion", 0.1, {
    "as it comes": {},
    "betas, weight decay": {"lr": 0.05, "betas": (0.5, 0.8), "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("lamb", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("lars", 1.0, {
    "as it comes": {},
    "everything": {"lr": 2.0, "momentum": 0.5, "weightDecay": 0.1, "trustCoefficient": 0.01, "eps": 0.5},
    "nesterov, maximize": {"trustCoefficient": 0.01, "nesterov": True, "maximize": True},
}, {"momentum": 0.0})
referenced("ftrl", 0.1, {
    "as it comes": {},
    "penalties": {"lr": 0.5, "l1": 0.5, "l2": 0.1, "l2Shrinkage": 0.05, "beta": 0.2, "initialAccumulatorValue": 0.5},
    "power, maximize": {"lr": 0.1, "lrPower": -0.75, "maximize": True},
}, {"l1": 0.1})
referenced("adaBelief", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "epsRoot": 1e-3, "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("adan", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.7, 0.9), "eps": 0.01, "epsRoot": 1e-3, "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9, 0.9)})
referenced("yogi", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.01, "initialAccumulatorValue": 0.25, "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"betas": (0.5, 0.9)})
referenced("adEMAMix", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "betas": (0.8, 0.9, 0.99), "alpha": 2.0, "eps": 0.01, "weightDecay": 0.1},
    "warmup, maximize": {"lr": 0.01, "betas": (0.8, 0.9, 0.99), "warmup": 20, "maximize": True},
}, {"betas": (0.5, 0.9, 0.95)})
referenced("adafactor", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.5, "beta2Decay": -0.5, "eps": (1e-3, 0.5), "d": 1.5, "weightDecay": 0.1},
    "maximize": {"lr": 0.05, "maximize": True},
}, {"d": 2.0})
referenced("muon", 0.1, {
    "as it comes": {},
    "everything": {"lr": 0.05, "weightDecay": 0.5, "momentum": 0.5, "nesterov": False, "nsSteps": 3, "adjustLrFn": "match_rms_adamw"},
    "other coefficients, maximize": {"lr": 0.05, "nsCoefficients": (2.0, -1.5, 0.5), "maximize": True},
    "short matrices stay short": {"lr": 0.05, "eps": 5.0},
}, {"momentum": 0.8}, only=("w",))
torch.set_default_dtype(torch.float32)


# ── schedules and clipping ───────────────────────────────────────────────────────────────────────────────────


# ── optimizers of the whole model ────────────────────────────────────────────────────────────────────────────

for optimizer, lr in (("scheduleFreeSGD", 0.1), ("scheduleFreeAdamW", 0.05)):
    share = {"momentum": 0.8} if optimizer == "scheduleFreeSGD" else {"betas": (0.8, 0.99), "eps": 1e-3}
    referenced(optimizer, lr, {
        "as it comes": {},
        "everything": {"lr": lr, "weightDecay": 0.1, "warmupSteps": 10, "r": 0.5, "weightLrPower": 1.0, **share},
        "maximize": {"lr": lr, "maximize": True},
    }, {"weightDecay": 0.01, "warmupSteps": 5})


def prodigy(name, lrs=None, skipped=(), single=False, **options):
    ps, states, shared = dict(START), {key: {} for key in START}, {}
    rows, steps = [], {}
    given = {k: v for k, v in options.items() if k != "maximize"}
    for t in range(1, STEPS + 1):
        rate = {}
        if lrs:
            rows.append([lrs(t, 0)])
            rate = {"lr": rows[-1][0]}
        sign = -1.0 if options.get("maximize") else 1.0
        gs = {key: sign * (NOISE[key][t - 1] + COUPLING * ps[key]) for key in ps if not (key == "b" and t in skipped)}
        references.prodigy(ps, gs, states, shared, t, **{**given, **rate})
        if t in SHOWN:
            steps[t] = {key: numbers(p) for key, p in ps.items()}
    case = {"name": name, "options": ours(options)}
    if lrs:
        case["lrs"] = rows
    if skipped:
        case["skipped"] = list(skipped)
    if not single:
        case["float64"] = True
    state = {key: {k: numbers(v) for k, v in s.items()} for key, s in states.items()}
    return {**case, "steps": steps, "state": state, "shared": {k: numbers(v) for k, v in shared.items()}}


write("prodigy", [
    prodigy("as it comes"),
    prodigy("everything", lr=0.5, betas=(0.8, 0.99), beta3=0.9, eps=1e-3, weightDecay=0.1, useBiasCorrection=True, d0=1e-3, dCoef=2.0, growthRate=1.5),
    prodigy("coupled weight decay, safeguard", weightDecay=0.1, decouple=False, safeguardWarmup=True, d0=1e-2),
    prodigy("maximize", d0=1e-3, growthRate=1.02, maximize=True),
    prodigy("changing lr", single=True, d0=1e-3, lrs=cosine(1.0)),
    prodigy("b has no gradient at times", d0=1e-3, skipped=(1, 2, 5, 17)),
])


def sam(name, rho=0.05, adaptive=False, **base):
    """Around PyTorch's SGD."""
    parameters = {key: torch.tensor(value, requires_grad=True) for key, value in START.items()}
    optimizer = torch.optim.SGD(parameters.values(), **base)
    steps = {}
    for t in range(1, STEPS + 1):
        ps = {key: p.detach().numpy().copy() for key, p in parameters.items()}
        gs = {key: NOISE[key][t - 1] + COUPLING * p for key, p in ps.items()}
        sign = -1.0 if base.get("maximize") else 1.0
        length = math.sqrt(sum(float((((np.abs(ps[key]) if adaptive else 1.0) * g) ** 2).sum()) for key, g in gs.items()))
        for key, p in parameters.items():
            e = sign * rho * (ps[key] ** 2 if adaptive else 1.0) * gs[key] / (length + 1e-12)
            p.grad = torch.tensor(NOISE[key][t - 1] + COUPLING * (ps[key] + e))
        optimizer.step()
        if t in SHOWN:
            steps[t] = {key: numbers(p.detach()) for key, p in parameters.items()}
    options = {"rho": rho, "adaptive": adaptive, **ours(base)}
    return {"name": name, "options": options, "steps": steps, "state": {key: {} for key in START}}


write("sam", [
    sam("as it comes", lr=1e-3),
    sam("momentum, a large rho", rho=2.0, lr=0.1, momentum=0.9, weight_decay=0.1),
    sam("adaptive", rho=2.0, adaptive=True, lr=0.1),
    sam("maximize", rho=2.0, lr=0.05, maximize=True),
    sam("dampening", rho=2.0, lr=0.05, momentum=0.9, dampening=0.3),
    sam("nesterov", rho=2.0, lr=0.05, momentum=0.9, nesterov=True),
])


def valley(x):
    """A bent valley, in nine dimensions."""
    return (2.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def lbfgs(name, steps, maximize=False, **options):
    """PyTorch's goes down only: `maximize` is the way down the other side."""
    sign = -1.0 if maximize else 1.0
    parameters = {key: torch.tensor(value, requires_grad=True) for key, value in START.items()}
    optimizer = torch.optim.LBFGS(parameters.values(), **options)
    evaluations = 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        optimizer.zero_grad()
        loss = sign * valley(torch.cat([parameters["w"].reshape(-1), parameters["b"]]))
        loss.backward()
        return loss

    rows = []
    for _ in range(steps):
        loss = sign * float(optimizer.step(closure).detach())
        rows.append({"loss": loss, "evaluations": evaluations, **{key: numbers(p.detach()) for key, p in parameters.items()}})
    state = optimizer.state[parameters["w"]]
    names = {"max_iter": "maxIter", "max_eval": "maxEval", "history_size": "historySize", "line_search_fn": "lineSearchFn",
             "tolerance_grad": "toleranceGrad", "tolerance_change": "toleranceChange"}
    shared = {
        "d": numbers(state["d"]), "prevFlatGrad": numbers(state["prev_flat_grad"]), "t": [float(state["t"])],
        "hDiag": [float(state["H_diag"])], "nIter": [state["n_iter"]], "funcEvals": [state["func_evals"]],
        **{f"oldDirs.{i}": numbers(v) for i, v in enumerate(state["old_dirs"])},
        **{f"oldStps.{i}": numbers(v) for i, v in enumerate(state["old_stps"])},
        **{f"ro.{i}": [float(v)] for i, v in enumerate(state["ro"])},
    }
    given = {names.get(k, k): v for k, v in options.items()}
    return {"name": name, "options": {**given, **({"maximize": True} if maximize else {})}, "steps": rows, "shared": shared}


write("lbfgs", [
    lbfgs("a fixed length", 6, lr=0.2, max_iter=3),
    lbfgs("strong Wolfe", 5, lr=1.0, max_iter=3, line_search_fn="strong_wolfe"),
    lbfgs("a short history", 6, lr=0.3, max_iter=3, history_size=2),
    lbfgs("strong Wolfe, a bad first length, a short history", 4, lr=8.0, max_iter=4, history_size=3, line_search_fn="strong_wolfe"),
    lbfgs("few evaluations", 5, lr=1.0, max_iter=10, max_eval=3, line_search_fn="strong_wolfe"),
    lbfgs("until nothing changes", 2, lr=1.0, max_iter=60, line_search_fn="strong_wolfe", tolerance_grad=1e-4),
    lbfgs("a loose tolerance", 3, lr=0.2, max_iter=20, tolerance_change=1e-2),
    lbfgs("maximize", 2, lr=1e-3, max_iter=3, maximize=True),
])


# ── options ──────────────────────────────────────────────────────────────────────────────────────────────────

EXECUTION = {"self", "params", "foreach", "fused", "capturable", "differentiable"}
# of versions after 1.13, from the documentation of 2.9
SINCE = {
    "SGD": {"lr": 1e-3},
    "Adam": {"decoupled_weight_decay": False},
    "NAdam": {"decoupled_weight_decay": False, "maximize": False},
    "RAdam": {"decoupled_weight_decay": False, "maximize": False},
    "Adafactor": {"lr": 1e-2, "beta2_decay": -0.8, "eps": (None, 1e-3), "d": 1.0, "weight_decay": 0.0, "maximize": False},
    "Muon": {"lr": 1e-3, "weight_decay": 0.1, "momentum": 0.95, "nesterov": True, "ns_coefficients": (3.4445, -4.775, 2.0315),
             "eps": 1e-7, "ns_steps": 5, "adjust_lr_fn": None},
}


def camel(name):
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def defaults(name):
    known = inspect.signature(getattr(torch.optim, name).__init__).parameters.values() if hasattr(torch.optim, name) else ()
    own = {p.name: p.default for p in known if p.name not in EXECUTION and "required" not in str(p.default)}
    return {camel(option): value for option, value in {**own, **SINCE.get(name, {})}.items()}


OURS = {name.lower(): name for name in (
    "SGD", "Adam", "AdamW", "RMSprop", "Adadelta", "Adagrad", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD", "LBFGS", "Adafactor", "Muon")}
(HERE / "defaults.golden.json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(ours)}: {json.dumps(defaults(name))}" for ours, name in OURS.items()) + "\n}\n")


def schedule(name, options, make):
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [parameters[0]], "lr": 0.1}, {"params": [parameters[1]], "lr": 0.03}], lr=1.0)
    scheduler = make(optimizer)
    rows = [[group["lr"] for group in optimizer.param_groups]]
    for _ in range(STEPS):
        optimizer.step()
        scheduler.step()
        rows.append([group["lr"] for group in optimizer.param_groups])
    return {"name": name, "options": options, "lrs": rows}


schedules = torch.optim.lr_scheduler
write("schedules", [
    *[schedule("stepLR", {"stepSize": n, "gamma": g}, lambda o: schedules.StepLR(o, n, g)) for n, g in ((1, 0.9), (7, 0.1), (10, 0.5))],
    *[schedule("cosineAnnealingLR", {"tMax": n, "etaMin": e}, lambda o: schedules.CosineAnnealingLR(o, n, e))
      for n, e in ((50, 0.0), (10, 0.0), (10, 0.001), (1, 0.0), (20, 0.05))],
])


def later(name, options, make, steps=30, adam=False, metrics=None, at=None):
    """As `schedule`, for those that may also cycle momentum, or be told a metric or a place in the training."""
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.03)]
    optimizer = torch.optim.Adam(groups, lr=1.0) if adam else torch.optim.SGD(groups, lr=1.0, momentum=0.5)
    scheduler = make(optimizer)

    def row():
        return [group["lr"] for group in optimizer.param_groups], [group["betas"][0] if adam else group["momentum"] for group in optimizer.param_groups]

    rows = [row()]
    given = metrics or at or [None] * steps
    for argument in given:
        optimizer.step()
        scheduler.step() if argument is None else scheduler.step(argument)
        rows.append(row())
    case = {"name": name, "options": options, "lrs": [lrs for lrs, _ in rows]}
    momenta = [m for _, m in rows]
    if any(m != momenta[0] for m in momenta) or momenta[0] != ([0.9, 0.9] if adam else [0.5, 0.5]):
        case["momenta"] = momenta
    if adam:
        case["adam"] = True
    if metrics or at:
        case["given"] = given
    return case


LAMBDAS = {"decay": lambda epoch: 0.9 ** epoch, "wave": lambda epoch: 1 + 0.5 * math.sin(epoch)}
METRICS = [5.0, 4.0, 4.0, 3.9999, 4.5, 4.2, 3.9, 3.95, 3.95, 3.95, 3.95, 3.0, 3.1, 3.1, 3.1, 3.1, 3.1, 3.1, 3.1, 3.1, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]


def plateau(options, **torchs):
    return later("reduceLROnPlateau", options, lambda o: schedules.ReduceLROnPlateau(o, **torchs), metrics=METRICS)


def children(o, kinds):
    made = {
        "constantLR": lambda: schedules.ConstantLR(o, 0.1, 4), "exponentialLR": lambda: schedules.ExponentialLR(o, 0.9),
        "linearLR": lambda: schedules.LinearLR(o, 0.25, 1.0, 5), "cosineAnnealingLR": lambda: schedules.CosineAnnealingLR(o, 10, 0.001),
        "stepLR": lambda: schedules.StepLR(o, 3, 0.5), "lambdaLR": lambda: schedules.LambdaLR(o, LAMBDAS["decay"]),
        "multiplicativeLR": lambda: schedules.MultiplicativeLR(o, LAMBDAS["wave"]),
        "cosineAnnealingWarmRestarts": lambda: schedules.CosineAnnealingWarmRestarts(o, 4, 2, 0.001),
    }
    return [made[kind]() for kind in kinds]


def sequence(kinds, milestones):
    return later("sequentialLR", {"schedules": kinds, "milestones": milestones}, lambda o: schedules.SequentialLR(o, children(o, kinds), milestones))


def chain(*kinds):
    return later("chainedScheduler", {"schedules": kinds}, lambda o: schedules.ChainedScheduler(children(o, kinds)))


write("laterSchedules", [
    later("lambdaLR", {"lrLambda": "decay"}, lambda o: schedules.LambdaLR(o, LAMBDAS["decay"])),
    later("lambdaLR", {"lrLambda": ["decay", "wave"]}, lambda o: schedules.LambdaLR(o, [LAMBDAS["decay"], LAMBDAS["wave"]])),
    later("multiplicativeLR", {"lrLambda": "wave"}, lambda o: schedules.MultiplicativeLR(o, LAMBDAS["wave"])),
    later("multiStepLR", {"milestones": [3, 10, 10, 20], "gamma": 0.5}, lambda o: schedules.MultiStepLR(o, [3, 10, 10, 20], 0.5)),
    later("constantLR", {}, lambda o: schedules.ConstantLR(o)),
    later("constantLR", {"factor": 0.5, "totalIters": 10}, lambda o: schedules.ConstantLR(o, 0.5, 10)),
    later("linearLR", {}, lambda o: schedules.LinearLR(o)),
    later("linearLR", {"startFactor": 1.0, "endFactor": 0.1, "totalIters": 12}, lambda o: schedules.LinearLR(o, 1.0, 0.1, 12)),
    later("exponentialLR", {"gamma": 0.9}, lambda o: schedules.ExponentialLR(o, 0.9)),
    later("polynomialLR", {}, lambda o: schedules.PolynomialLR(o)),
    later("polynomialLR", {"totalIters": 20, "power": 2.5}, lambda o: schedules.PolynomialLR(o, 20, 2.5)),
    later("cosineAnnealingWarmRestarts", {"t0": 7}, lambda o: schedules.CosineAnnealingWarmRestarts(o, 7)),
    later("cosineAnnealingWarmRestarts", {"t0": 3, "tMult": 2, "etaMin": 0.001}, lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 2, 0.001)),
    later("cosineAnnealingWarmRestarts", {"t0": 3, "tMult": 2}, lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 2),
          at=[0.25, 0.5, 2.75, 3.0, 3.5, None, None, 8.9, 9.0, 20.25, None, 26, None, 1.5, None]),
    chain("constantLR", "exponentialLR"),
    chain("lambdaLR", "linearLR", "stepLR"),
    sequence(["constantLR", "exponentialLR"], [5]),
    sequence(["linearLR", "cosineAnnealingLR", "stepLR"], [5, 15]),
    sequence(["cosineAnnealingWarmRestarts", "lambdaLR", "multiplicativeLR"], [9, 20]),
    plateau({"patience": 2}, patience=2),
    plateau({"patience": 1, "factor": 0.5, "cooldown": 2, "minLr": [0.01, 0.02], "threshold": 0.01}, patience=1, factor=0.5, cooldown=2, min_lr=[0.01, 0.02], threshold=0.01),
    plateau({"mode": "max", "patience": 0, "factor": 0.5, "thresholdMode": "abs", "threshold": 0.05, "eps": 0.001}, mode="max", patience=0, factor=0.5, threshold_mode="abs", threshold=0.05, eps=0.001),
    later("cyclicLR", {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 4}, lambda o: schedules.CyclicLR(o, 0.01, 0.1, 4)),
    later("cyclicLR", {"baseLr": [0.01, 0.02], "maxLr": [0.1, 0.3], "stepSizeUp": 4, "stepSizeDown": 7, "mode": "triangular2", "baseMomentum": 0.6, "maxMomentum": [0.9, 0.95]},
          lambda o: schedules.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 4, 7, mode="triangular2", base_momentum=0.6, max_momentum=[0.9, 0.95])),
    later("cyclicLR", {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "mode": "exp_range", "gamma": 0.95, "cycleMomentum": False},
          lambda o: schedules.CyclicLR(o, 0.01, 0.1, 5, mode="exp_range", gamma=0.95, cycle_momentum=False)),
    later("cyclicLR", {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "scaleFn": "decay", "scaleMode": "iterations"},
          lambda o: schedules.CyclicLR(o, 0.01, 0.1, 5, scale_fn=LAMBDAS["decay"], scale_mode="iterations")),
    later("oneCycleLR", {"maxLr": 0.5, "totalSteps": 30}, lambda o: schedules.OneCycleLR(o, 0.5, total_steps=30)),
    later("oneCycleLR", {"maxLr": [0.5, 0.2], "epochs": 5, "stepsPerEpoch": 6, "pctStart": 0.4, "annealStrategy": "linear", "divFactor": 10, "finalDivFactor": 100, "baseMomentum": 0.7, "maxMomentum": 0.99},
          lambda o: schedules.OneCycleLR(o, [0.5, 0.2], epochs=5, steps_per_epoch=6, pct_start=0.4, anneal_strategy="linear", div_factor=10.0, final_div_factor=100.0, base_momentum=0.7, max_momentum=0.99), adam=True),
    later("oneCycleLR", {"maxLr": 0.5, "totalSteps": 31, "threePhase": True, "cycleMomentum": False}, lambda o: schedules.OneCycleLR(o, 0.5, total_steps=31, three_phase=True, cycle_momentum=False)),
    later("swaLR", {"swaLr": 0.05}, lambda o: torch.optim.swa_utils.SWALR(o, 0.05)),
    later("swaLR", {"swaLr": [0.05, 0.2], "annealEpochs": 6, "annealStrategy": "linear"}, lambda o: torch.optim.swa_utils.SWALR(o, [0.05, 0.2], 6, "linear")),
    later("swaLR", {"swaLr": 0.05, "annealEpochs": 0}, lambda o: torch.optim.swa_utils.SWALR(o, 0.05, 0), steps=3),
])


def clipped(gradients, clip):
    parameters = []
    for gradient in gradients.values():
        p = torch.zeros(gradient.shape, dtype=torch.float64, requires_grad=True)
        p.grad = torch.tensor(gradient)
        parameters.append(p)
    norm = clip(parameters)
    return {**({} if norm is None else {"norm": float(norm)}), "clipped": {name: numbers(p.grad) for name, p in zip(gradients, parameters)}}


gradients = {"w": NOISE["w"][0], "b": NOISE["b"][0]}
cases = []
for norm_type in (1.0, 2.0, 3.0, math.inf):
    for max_norm in (0.0, 0.5, 1.0, 100.0):
        cases.append({"normType": "Infinity" if norm_type == math.inf else norm_type, "maxNorm": max_norm,
                      **clipped(gradients, lambda ps: torch.nn.utils.clip_grad_norm_(ps, max_norm, norm_type))})
for value in (0.0, 0.25, 10.0):
    cases.append({"clipValue": value, **clipped(gradients, lambda ps: torch.nn.utils.clip_grad_value_(ps, value))})
write("clipping", cases)

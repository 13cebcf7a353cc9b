"""Pooling and its gradients from PyTorch. Run with a python that has torch: python3 pooling.py (tested with torch 1.13)."""
import json
import math
import os

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def values(t):
    numbers = [float(x) for x in t.detach().reshape(-1)]
    return {"shape": list(t.shape), "data": ["NaN" if math.isnan(x) else int(x) if x == int(x) else x for x in numbers]}


spelled = {"ceil_mode": "ceilMode", "count_include_pad": "countIncludePad", "divisor_override": "divisorOverride"}


def case(name, function, shape, *sizes, data=None, **options):
    """Output, and the gradient of the sum of output times weighting. Small whole numbers: there are ties."""
    x = (torch.randint(-3, 4, shape).double() if data is None else torch.tensor(data).double()).requires_grad_()
    out = getattr(F, function)(x, *sizes, **options)
    weighting = torch.randint(-4, 5, out.shape).double()
    (out * weighting).sum().backward()
    parts = function.split("_")
    return {
        "name": name,
        "function": parts[0] + "".join(p.capitalize() if p[0].isalpha() else p for p in parts[1:]),
        "size": sizes[0],
        "options": {spelled.get(k, k): v for k, v in options.items()},
        "input": values(x),
        "output": values(out),
        "weighting": values(weighting),
        "inputGradient": values(x.grad),
    }


nan = float("nan")
cases = [
    case("side by side", "max_pool2d", (2, 3, 4, 6), 2),
    case("what is left over", "max_pool2d", (2, 3, 5, 7), 2),
    case("overlapping", "max_pool2d", (2, 2, 7, 8), 3, stride=2, padding=1),
    case("every position", "max_pool2d", (1, 2, 5, 6), [3, 2], stride=1, padding=1),
    case("with gaps between windows", "max_pool2d", (1, 2, 8, 7), 2, stride=3),
    case("dilation", "max_pool2d", (1, 2, 8, 9), 2, stride=1, dilation=[2, 3]),
    case("dilation and stride", "max_pool2d", (1, 2, 9, 9), [3, 2], stride=2, dilation=[2, 3], padding=1),
    case("ceilMode", "max_pool2d", (2, 2, 6, 8), 3, stride=2, ceil_mode=True),
    case("ceilMode with padding", "max_pool2d", (1, 2, 7, 6), [3, 4], stride=[3, 3], padding=[1, 2], ceil_mode=True),
    case("1-d", "max_pool1d", (2, 3, 7), 3, stride=2, padding=1),
    case("3-d", "max_pool3d", (1, 2, 4, 5, 4), 2, stride=[1, 2, 2]),
    case("without a batch", "max_pool2d", (2, 4, 4), 2),
    case("ties", "max_pool2d", (1, 1, 4, 4), 2, data=[[[[0, 0, 1, 1], [0, 0, 1, 1], [-1, 2, 0, 0], [2, 2, 3, 0]]]]),
    case("a NaN", "max_pool2d", (1, 1, 2, 4), 2, data=[[[[0, nan, 1, 2], [5, 1, 2, 2]]]]),
    case("side by side", "avg_pool2d", (2, 3, 4, 6), 2),
    case("what is left over", "avg_pool2d", (2, 3, 5, 7), 2),
    case("overlapping, with zeros", "avg_pool2d", (2, 2, 7, 8), 3, stride=2, padding=1),
    case("without zeros", "avg_pool2d", (2, 2, 7, 8), [3, 2], stride=[2, 1], padding=1, count_include_pad=False),
    case("ceilMode", "avg_pool2d", (1, 2, 6, 8), 3, stride=2, ceil_mode=True),
    case("ceilMode, with zeros", "avg_pool2d", (1, 2, 6, 7), [3, 4], stride=3, padding=[1, 2], ceil_mode=True),
    case("ceilMode, without zeros", "avg_pool2d", (1, 2, 6, 7), [3, 4], stride=3, padding=[1, 2], ceil_mode=True, count_include_pad=False),
    case("divisorOverride", "avg_pool2d", (1, 2, 5, 5), 3, divisor_override=2),
    case("1-d", "avg_pool1d", (2, 3, 8), 3, stride=2, padding=1),
    case("3-d", "avg_pool3d", (1, 2, 4, 5, 4), 2, stride=[1, 2, 2]),
    case("even", "adaptive_avg_pool2d", (2, 3, 4, 6), [2, 3]),
    case("to one", "adaptive_avg_pool2d", (2, 3, 4, 5), 1),
    case("uneven", "adaptive_avg_pool2d", (2, 3, 5, 7), [3, 4]),
    case("more than there are", "adaptive_avg_pool2d", (1, 2, 3, 2), [4, 5]),
    case("uneven, 1-d", "adaptive_avg_pool1d", (2, 3, 8), 5),
    case("uneven, 3-d", "adaptive_avg_pool3d", (1, 2, 3, 4, 5), [2, 3, 2]),
    case("even", "adaptive_max_pool2d", (2, 3, 4, 6), [2, 3]),
    case("uneven", "adaptive_max_pool2d", (2, 3, 5, 7), [3, 4]),
    case("uneven, 1-d", "adaptive_max_pool1d", (2, 3, 8), 5),
    case("uneven, 3-d", "adaptive_max_pool3d", (1, 2, 3, 4, 5), [2, 3, 2]),
    case("ceilMode, a window larger than the plane", "max_pool2d", (1, 2, 2, 4), 3, stride=2, ceil_mode=True),
    case("ceilMode, a window larger than the plane", "avg_pool2d", (1, 2, 4, 2), 3, stride=2, ceil_mode=True),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pooling.golden.json")
with open(path, "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")

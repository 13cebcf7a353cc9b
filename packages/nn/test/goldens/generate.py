"""Goldens of layers from PyTorch. Run with a python that has torch: python3 generate.py (tested with torch 1.13.1)."""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def values(t):
    return {"shape": list(t.shape), "data": [float(x) for x in t.detach().reshape(-1)]}


def case(layer, x):
    """Output, and the gradients of Σ output · weighting to input and parameters."""
    x = x.clone().requires_grad_(x.is_floating_point())
    out = layer(x)
    weighting = torch.randn_like(out)
    (out * weighting).sum().backward()
    module = layer if isinstance(layer, torch.nn.Module) else None
    return {
        "input": values(x),
        "output": values(out),
        "weighting": values(weighting),
        "inputGradient": values(x.grad) if x.grad is not None else None,
        "parameters": {n: values(p) for n, p in module.named_parameters()} if module else {},
        "gradients": {n: values(p.grad) for n, p in module.named_parameters()} if module else {},
    }


special = torch.tensor([[-50.0, -3.0, -1.0, -1e-4, 0.5, 1e-4], [1.0, 3.0, 20.0, 50.0, -20.0, 2.0]])
activations = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "silu": F.silu,
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "softplus": lambda x: F.softplus(x, threshold=1000),
    "logSigmoid": F.logsigmoid,
    "softmax": lambda x: F.softmax(x, -1),
    "logSoftmax": lambda x: F.log_softmax(x, -1),
}
goldens = {"activations": {}, "layers": {}, "init": {}}
for name, f in activations.items():
    goldens["activations"][name] = case(f, special)
goldens["activations"]["gelu tanh"] = case(lambda x: F.gelu(x, approximate="tanh"), special)

goldens["layers"]["linear"] = case(torch.nn.Linear(5, 3), torch.randn(4, 5))
goldens["layers"]["linear 3d"] = case(torch.nn.Linear(5, 3, bias=False), torch.randn(2, 4, 5))
norm = torch.nn.LayerNorm(6)
torch.nn.init.normal_(norm.weight)
torch.nn.init.normal_(norm.bias)
goldens["layers"]["layerNorm"] = case(norm, torch.randn(3, 6) * 3 + 1)
norm = torch.nn.LayerNorm([2, 3])
goldens["layers"]["layerNorm 2d"] = case(norm, torch.randn(3, 2, 3))

batch = torch.nn.BatchNorm1d(4)
torch.nn.init.normal_(batch.weight)
torch.nn.init.normal_(batch.bias)
golden = case(batch, torch.randn(5, 4) * 2 + 3)
golden["runningMean"], golden["runningVar"] = values(batch.running_mean), values(batch.running_var)
goldens["layers"]["batchNorm1d"] = golden
batch.eval()
batch.zero_grad()
goldens["layers"]["batchNorm1d eval"] = case(batch, torch.randn(5, 4))
batch = torch.nn.BatchNorm1d(3)
golden = case(batch, torch.randn(2, 3, 4))
golden["runningMean"], golden["runningVar"] = values(batch.running_mean), values(batch.running_var)
goldens["layers"]["batchNorm1d 3d"] = golden

table = torch.nn.Embedding(6, 3)
index = torch.tensor([[0, 5, 2], [2, 2, 1]])
golden = case(table, index)
goldens["layers"]["embedding"] = golden

for name in ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]:
    goldens["init"][name] = torch.nn.init.calculate_gain(name)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.golden.json"), "w") as f:
    json.dump(goldens, f)
    f.write("\n")

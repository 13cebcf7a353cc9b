"""Writes mlp.golden.json: values and gradients of a small network in PyTorch, for mlp.test.ts.

Run with: python3 packages/autograd/test/goldens/generate.py
"""

import json
import pathlib

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

x = torch.randn(6, 4)
target = torch.randint(0, 3, (6,))
parameters = {
    "w1": torch.randn(4, 5) * 0.5,
    "b1": torch.randn(5) * 0.1,
    "w2": torch.randn(5, 5) * 0.5,
    "b2": torch.randn(5) * 0.1,
    "w3": torch.randn(5, 3) * 0.5,
    "b3": torch.randn(3) * 0.1,
}


def train(steps, lr):
    p = {k: v.clone().requires_grad_() for k, v in parameters.items()}
    losses, gradients = [], []
    for _ in range(steps):
        h = torch.relu(x @ p["w1"] + p["b1"])
        h = torch.tanh(h @ p["w2"] + p["b2"])
        loss = torch.nn.functional.cross_entropy(h @ p["w3"] + p["b3"], target)
        loss.backward()
        losses.append(loss.item())
        gradients.append({k: v.grad.flatten().tolist() for k, v in p.items()})
        with torch.no_grad():
            for v in p.values():
                v -= lr * v.grad
                v.grad = None
    return losses, gradients


lr = 0.5
losses, gradients = train(3, lr)
golden = {
    "torch": torch.__version__.split("+")[0],
    "x": x.tolist(),
    "target": target.tolist(),
    "parameters": {k: v.tolist() for k, v in parameters.items()},
    "lr": lr,
    "losses": losses,
    "gradients": gradients,
}
pathlib.Path(__file__).with_name("mlp.golden.json").write_text(json.dumps(golden) + "\n")

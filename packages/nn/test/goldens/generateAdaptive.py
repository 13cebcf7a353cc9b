"""Goldens of the adaptive softmax from PyTorch. Run with a python that has torch: python3 generateAdaptive.py (torch 1.13.1)."""
import json
import os

import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def values(t):
    return {"shape": list(t.shape), "data": [float(x) for x in t.detach().reshape(-1)]}


goldens = []
for inputs, classes, cutoffs, options, shape in [
    (16, 12, [4, 8], {}, (6, 16)),
    (9, 20, [3, 5, 11], {"div_value": 2.0, "head_bias": True}, (7, 9)),
    (8, 5, [2], {"div_value": 1.5}, (8,)),
]:
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(inputs, classes, cutoffs, **options)
    x = torch.randn(*shape, requires_grad=True)
    target = torch.randint(0, classes, shape[:-1])
    result = layer(x, target)
    result.loss.backward()
    goldens.append(
        {
            "inputs": inputs,
            "classes": classes,
            "cutoffs": cutoffs,
            "options": {
                {"div_value": "divValue", "head_bias": "headBias"}[k]: v for k, v in options.items()
            },
            "input": values(x),
            "target": values(target),
            "parameters": {n: values(p) for n, p in layer.named_parameters()},
            "output": values(result.output),
            "loss": float(result.loss),
            "logProb": values(layer.log_prob(x if x.dim() == 2 else x.unsqueeze(0))),
            "predict": values(layer.predict(x if x.dim() == 2 else x.unsqueeze(0))),
            "inputGradient": values(x.grad),
            "gradients": {n: values(torch.zeros_like(p) if p.grad is None else p.grad) for n, p in layer.named_parameters()},
        }
    )

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "adaptive.golden.json"), "w") as f:
    json.dump(goldens, f)
    f.write("\n")

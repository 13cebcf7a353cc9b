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



def camel(name):
    return "".join(p if i == 0 else p.capitalize() for i, p in enumerate(name.split("_")))


def layer_case(layer, x, shuffle=True, **call):
    """A layer with every parameter away from its start, under the names that we give them."""
    if shuffle:
        for p in layer.parameters():
            torch.nn.init.normal_(p, std=0.5)
    golden = case(layer if not call else Called(layer, call), x)
    for part in ("parameters", "gradients"):
        golden[part] = {".".join(map(camel, n.split(".")[1 if call else 0 :])): v for n, v in golden[part].items()}
    if getattr(layer, "running_mean", None) is not None:
        golden["runningMean"], golden["runningVar"] = values(layer.running_mean), values(layer.running_var)
    return golden


class Called(torch.nn.Module):
    """A layer that is called with more than its input."""

    def __init__(self, layer, call):
        super().__init__()
        self.layer, self.call = layer, call

    def forward(self, x):
        out = self.layer(*([x] * self.call.get("times", 1)), **{k: v for k, v in self.call.items() if k != "times"})
        return out[0] if isinstance(out, tuple) else out


nn = torch.nn
layers = goldens["layers"]
layers["conv1d"] = layer_case(nn.Conv1d(3, 4, 3, padding=1), torch.randn(2, 3, 6))
layers["conv2d"] = layer_case(nn.Conv2d(2, 4, (3, 2), stride=2, padding=(1, 0), groups=2), torch.randn(2, 2, 6, 5))
for mode in ["reflect", "replicate", "circular"]:
    layers[f"conv2d {mode}"] = layer_case(nn.Conv2d(2, 2, 3, padding=(2, 1), padding_mode=mode), torch.randn(1, 2, 4, 5))
layers["conv2d same"] = layer_case(nn.Conv2d(1, 2, (2, 4), padding="same", padding_mode="circular", bias=False), torch.randn(1, 1, 4, 5))
layers["convTranspose2d"] = layer_case(nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1), torch.randn(1, 2, 3, 4))
layers["batchNorm2d"] = layer_case(nn.BatchNorm2d(3), torch.randn(2, 3, 4, 2) * 2 + 3)
layers["batchNorm3d"] = layer_case(nn.BatchNorm3d(2), torch.randn(2, 2, 3, 2, 2) - 1)
layers["groupNorm"] = layer_case(nn.GroupNorm(2, 6), torch.randn(3, 6, 4) * 3 + 1)
layers["groupNorm of vectors"] = layer_case(nn.GroupNorm(2, 6), torch.randn(3, 6) * 3 + 1)
layers["instanceNorm2d"] = layer_case(nn.InstanceNorm2d(3), torch.randn(2, 3, 4, 3) + 2)
layers["instanceNorm1d"] = layer_case(nn.InstanceNorm1d(3, affine=True, track_running_stats=True), torch.randn(2, 3, 5) + 2)
layers["instanceNorm1d without a batch"] = layer_case(nn.InstanceNorm1d(3), torch.randn(3, 5) + 2)


class RmsNorm(torch.nn.Module):  # torch 1.13 has none; this is the definition of torch 2.4
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(5))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 2**-23) * self.weight


layers["rmsNorm"] = layer_case(RmsNorm(), torch.randn(3, 5))

x = torch.randn(5, 2, 6)  # [sequence, batch, features]
causal = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
padding = torch.tensor([[False] * 5, [False, False, False, True, True]])
attention = lambda **options: nn.MultiheadAttention(6, 2, **options)
layers["attention"] = layer_case(attention(), x, times=3)
layers["attention, causal"] = layer_case(attention(bias=False), x, times=3, attn_mask=causal)
layers["attention, batch first, padding"] = layer_case(
    attention(batch_first=True), x.transpose(0, 1).contiguous(), times=3, key_padding_mask=padding
)
added = torch.randn(4, 5, 5)
layers["attention, added mask, padding"] = layer_case(attention(), x, times=3, attn_mask=added, key_padding_mask=padding)
layers["attention, added mask, padding"]["mask"] = values(added)
key, value = torch.randn(4, 2, 3), torch.randn(4, 2, 7)


class Crossed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.MultiheadAttention(6, 3, kdim=3, vdim=7)

    def forward(self, x):
        return self.layer(x, key, value)[0]


golden = layer_case(Crossed(), x)
golden["key"], golden["value"] = values(key), values(value)
for part in ("parameters", "gradients"):
    golden[part] = {n.split(".", 1)[1]: v for n, v in golden[part].items()}
layers["attention to others"] = golden
encoder = lambda **options: nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, **options)
layers["encoder layer"] = layer_case(encoder(), x)
layers["encoder layer, norm first, gelu"] = layer_case(encoder(norm_first=True, activation="gelu", batch_first=True), x)
layers["encoder"] = layer_case(nn.TransformerEncoder(encoder(), 2, nn.LayerNorm(6)), x, mask=causal)

for name in ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]:
    goldens["init"][name] = torch.nn.init.calculate_gain(name)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.golden.json"), "w") as f:
    json.dump(goldens, f)
    f.write("\n")

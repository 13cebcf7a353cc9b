"""Writes torch-*.safetensors: a model trained by PyTorch for 10 steps, its optimizer, and where 20 steps lead.

Run with a Python that has torch and numpy (the committed files: Debian's python3-torch 1.13):
    python3 torchState.py

Entries: `model.…` and `optimizer.…` after 10 steps, under PyTorch's own names; `final.…`, the model after 20; `input`,
`target`. Each file is read back into a new model and optimizer, which must end in the same place: what has these names,
types and bytes loads in PyTorch.
"""

import json
import pathlib
import struct

import numpy as np
import torch

here = pathlib.Path(__file__).parent
names = {np.dtype("float32"): "F32", np.dtype("float64"): "F64", np.dtype("int64"): "I64"}
types = {name: dtype for dtype, name in names.items()}


def write(path, entries):
    header, data = {}, b""
    for name, value in entries.items():
        array = np.ascontiguousarray(value)
        piece = array.tobytes()
        header[name] = dict(dtype=names[array.dtype], shape=list(np.shape(value)), data_offsets=[len(data), len(data) + len(piece)])
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    of = lambda e: np.frombuffer(data[slice(*e["data_offsets"])], types[e["dtype"]]).reshape(e["shape"]).copy()
    return {name: torch.from_numpy(of(entry)) for name, entry in header.items()}


def flat(optimizer):
    state = optimizer.state_dict()
    out = {}
    for i, entries in state["state"].items():
        for key, value in entries.items():
            if value is not None:
                out[f"state.{i}.{key}"] = np.asarray(value, None if torch.is_tensor(value) else np.float32)
    for g, group in enumerate(state["param_groups"]):
        for key, value in group.items():
            if isinstance(value, (int, float, tuple)) and not isinstance(value, bool):
                out[f"param_groups.{g}.{key}"] = np.asarray(value, np.float64)
    return out


def load(optimizer, saved):
    """What a program that reads such a file does."""
    state = optimizer.state_dict()
    for name, value in saved.items():
        kind, index, key = name.split(".")
        if kind == "state":
            state["state"].setdefault(int(index), {})[key] = value
        else:
            old = state["param_groups"][int(index)][key]
            state["param_groups"][int(index)][key] = tuple(value.tolist()) if isinstance(old, tuple) else value.item()
    optimizer.load_state_dict(state)


def build():
    return torch.nn.Sequential(
        torch.nn.Embedding(5, 4),
        torch.nn.Flatten(),
        # before a batch norm the gradient of a bias is rounding alone, which Adam makes full steps of
        torch.nn.Linear(8, 6, bias=False),
        torch.nn.BatchNorm1d(6),
        torch.nn.Tanh(),
        torch.nn.LayerNorm(6),
        torch.nn.Linear(6, 2),
    )


optimizers = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), weight_decay=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.003, momentum=0.5, centered=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, lr_decay=0.01),
}
rng = np.random.default_rng(7)
rows = torch.from_numpy(rng.integers(0, 5, (16, 2)))
target = torch.from_numpy(rng.normal(size=(16, 2)).astype(np.float32))


def train(model, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(rows), target).backward()
        optimizer.step()


for name, make in optimizers.items():
    torch.manual_seed(3)
    model = build()
    optimizer = make(model.parameters())
    train(model, optimizer, 10)
    entries = {f"model.{k}": v.numpy().copy() for k, v in model.state_dict().items()}
    entries |= {f"optimizer.{k}": np.copy(v) for k, v in flat(optimizer).items()}
    train(model, optimizer, 10)
    entries |= {f"final.{k}": v.numpy() for k, v in model.state_dict().items()}
    path = here / f"torch-{name}.safetensors"
    write(path, entries | {"input": rows.numpy(), "target": target.numpy()})

    saved = read(path)
    part = lambda prefix: {k[len(prefix) + 1 :]: v for k, v in saved.items() if k.startswith(prefix + ".")}
    again = build()
    again.load_state_dict(part("model"))
    other = make(again.parameters())
    load(other, part("optimizer"))
    train(again, other, 10)
    for k, v in again.state_dict().items():
        assert torch.equal(v, part("final")[k]), (name, k)
    # without the counter, which Kindling does not keep, and with the steps it writes for SGD
    counters = [k for k in part("model") if k.endswith("num_batches_tracked")]
    again.load_state_dict({k: v for k, v in part("model").items() if k not in counters})

"""PyTorch as a peer: a request of JSON on each line of stdin, an answer on each line of stdout.

{"make": work} has arrays as files; {"run": n} runs the work n times and tells milliseconds on the wall and on
processors; {"check": file} writes the last result there. Answers tell the seconds of processors used so far.
"""
import json
import sys
import time

import torch
from torch.nn import functional as F

torch.set_num_threads(int(sys.argv[1]))


def array(given):
    dtype = {"Float32Array": torch.float32, "Int32Array": torch.int32}[given["type"]]
    return torch.from_file(given["file"], size=given["size"], dtype=dtype).clone()


def training(parameters, forward, work, shape):
    for p in parameters:
        p.requires_grad_(True)
    options = work["adam"]
    optimizer = torch.optim.Adam(
        parameters, lr=options["lr"], betas=tuple(options["betas"]), eps=options["eps"], foreach=True
    )
    data = [(array(b["input"]).reshape(shape), array(b["labels"]).long()) for b in work["batches"]]
    count = 0

    def step():
        nonlocal count
        x, y = data[count % len(data)]
        count += 1
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(forward(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def perceptron(work):
    parameters = []
    for layer in work["layers"]:
        weight = array(layer["weight"]).reshape(layer["inputs"], layer["outputs"])
        parameters += [weight.t().contiguous(), array(layer["bias"])]

    def forward(h):
        for i in range(0, len(parameters), 2):
            h = F.linear(h, parameters[i], parameters[i + 1])
            if i + 2 < len(parameters):
                h = h.relu()
        return h

    return training(parameters, forward, work, (work["batch"], work["inputs"]))


def convolutional(work):
    parameters = []
    for c in work["convolutions"]:
        parameters += [array(c["weight"]).reshape(c["outputs"], c["inputs"], 3, 3), array(c["bias"])]
    last = work["linear"]
    parameters += [array(last["weight"]).reshape(last["inputs"], last["outputs"]).t().contiguous(), array(last["bias"])]
    w1, b1, w2, b2, w3, b3 = parameters

    def forward(x):
        for w, b in ((w1, b1), (w2, b2)):
            x = F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2)
        return F.linear(x.flatten(1), w3, b3)

    return training(parameters, forward, work, (work["batch"], 1, work["side"], work["side"]))


def transformer(work):
    width, heads = work["width"], work["heads"]
    parameters = []
    layers = []
    for given in work["layers"]:
        layer = {name: array(p["data"]).reshape(p["shape"]) for name, p in given.items()}
        layers.append(layer)
        parameters += layer.values()
    head = [array(p["data"]).reshape(p["shape"]) for p in (work["head"]["weight"], work["head"]["bias"])]
    parameters += head

    def attend(x, l):
        n, s, _ = x.shape
        q, k, v = F.linear(x, l["inProjWeight"], l["inProjBias"]).reshape(n, s, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        weights = (q * (width // heads) ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        return F.linear((weights @ v).transpose(1, 2).reshape(n, s, width), l["outProjWeight"], l["outProjBias"])

    def forward(x):
        for l in layers:
            x = F.layer_norm(x + attend(x, l), (width,), l["norm1Weight"], l["norm1Bias"])
            h = F.linear(x, l["linear1Weight"], l["linear1Bias"]).relu()
            h = F.linear(h, l["linear2Weight"], l["linear2Bias"])
            x = F.layer_norm(x + h, (width,), l["norm2Weight"], l["norm2Bias"])
        return F.linear(x.mean(1), *head)

    return training(parameters, forward, work, (work["batch"], work["sequence"], width))


def matmul(work):
    n = work["n"]
    a, b = (array(work[k]).reshape(n, n) for k in ("a", "b"))
    left, right = (a.t() if work.get("transposed") == "a" else a), (b.t() if work.get("transposed") == "b" else b)
    return lambda: left @ right


def softmax(work):
    x = array(work["x"]).reshape(work["n"], work["n"])
    return lambda: x.softmax(1)


def chain(work):
    x = array(work["x"])
    return lambda: (x * 2.5 + 1).relu() * 0.7 - x


def adam_update(work):
    p = array(work["parameter"]).requires_grad_(True)
    p.grad = array(work["gradient"])
    options = work["adam"]
    optimizer = torch.optim.Adam([p], lr=options["lr"], betas=tuple(options["betas"]), eps=options["eps"], foreach=True)

    def step():
        optimizer.step()
        return p.detach()

    return step


def adds(work):
    x, y = array(work["x"]), array(work["y"])

    def run():
        z = x
        for _ in range(work["count"]):
            z = z + y
        z.tolist()
        return z

    return run


makers = {
    "perceptron": perceptron,
    "convolutional": convolutional,
    "transformer": transformer,
    "matmul": matmul,
    "softmax": softmax,
    "chain": chain,
    "adamUpdate": adam_update,
    "adds": adds,
}

for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    if "make" in request:
        work = step = result = None  # give back what the last one held
        work = request["make"]
        step = makers[work["kind"]](work)
    elif "run" in request:
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(request["run"]):
            result = step()
        answer = {"wall": (time.perf_counter() - wall) * 1e3, "cpu": (time.process_time() - processor) * 1e3}
    else:
        torch.from_file(request["check"], shared=True, size=result.numel(), dtype=torch.float32).copy_(result.flatten())
        answer = {"size": result.numel()}
    print(json.dumps({**answer, "used": time.process_time()}), flush=True)

"""Convolutions and their gradients from PyTorch. Run with a python that has torch: python3 convolution.py (tested with
torch 1.13). Inputs are small whole numbers, so every result is exact."""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def whole(*shape):
    return torch.randint(-4, 5, shape).double()


def values(t):
    return {"shape": list(t.shape), "data": [int(x) for x in t.detach().reshape(-1)]}


def case(name, function, input_shape, weight_shape, bias=True, **options):
    """Output, and the gradients of the sum of output times weighting."""
    transposed = "transpose" in function.__name__
    x = whole(*input_shape).requires_grad_()
    w = whole(*weight_shape).requires_grad_()
    outputs = weight_shape[1] * options.get("groups", 1) if transposed else weight_shape[0]
    b = whole(outputs).requires_grad_() if bias else None
    out = function(x, w, b, **options)
    weighting = whole(*out.shape)
    (out * weighting).sum().backward()
    rank = len(weight_shape) - 2
    spelled = {"outputPadding" if k == "output_padding" else k: v for k, v in options.items()}
    return {
        "name": name,
        "function": f"{'convTranspose' if transposed else 'conv'}{rank}d",
        "options": spelled,
        "input": values(x),
        "weight": values(w),
        "bias": values(b) if bias else None,
        "output": values(out),
        "weighting": values(weighting),
        "inputGradient": values(x.grad),
        "weightGradient": values(w.grad),
        "biasGradient": values(b.grad) if bias else None,
    }


conv1, conv2, conv3 = F.conv1d, F.conv2d, F.conv3d
trans1, trans2, trans3 = F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d
cases = [
    case("1-d", conv1, (2, 3, 7), (4, 3, 3)),
    case("1-d, stride, padding, dilation", conv1, (2, 3, 11), (4, 3, 3), stride=3, padding=2, dilation=2),
    case("1-d without a batch", conv1, (3, 7), (4, 3, 2)),
    case("1-d, one window", conv1, (2, 3, 5), (2, 3, 5)),
    case("2-d", conv2, (2, 3, 5, 6), (4, 3, 3, 3), padding=1),
    case("2-d, one channel, no bias", conv2, (3, 1, 7, 6), (4, 1, 3, 2), bias=False),
    case("2-d, one output", conv2, (2, 3, 5, 5), (1, 3, 3, 3), padding=1),
    case("2-d, a kernel of one", conv2, (2, 5, 3, 4), (3, 5, 1, 1)),
    case("2-d, a kernel of one, stride", conv2, (2, 3, 5, 4), (4, 3, 1, 1), stride=2),
    case("2-d, stride divides", conv2, (2, 3, 8, 8), (4, 3, 3, 3), stride=2, padding=1),
    case("2-d, stride does not divide", conv2, (2, 3, 7, 10), (4, 3, 3, 3), stride=2, padding=1),
    case("2-d, stride greater than the kernel", conv2, (1, 2, 9, 8), (3, 2, 2, 1), stride=3),
    case("2-d, all of it", conv2, (2, 4, 11, 12), (6, 2, 3, 2), stride=[2, 3], padding=[2, 1], dilation=[1, 2], groups=2),
    case("2-d, stride and dilation", conv2, (1, 2, 13, 13), (3, 2, 3, 3), stride=2, padding=1, dilation=3),
    case("2-d, dilation", conv2, (2, 2, 9, 8), (3, 2, 3, 3), dilation=2, padding=[2, 0]),
    case("2-d, groups", conv2, (2, 6, 5, 5), (9, 2, 3, 3), groups=3, padding=1),
    case("2-d, depthwise", conv2, (2, 4, 6, 5), (4, 1, 3, 3), groups=4, padding=1),
    case("2-d, depthwise, stride", conv2, (2, 4, 7, 8), (4, 1, 3, 3), groups=4, padding=1, stride=2),
    case("2-d, depthwise, two outputs each", conv2, (2, 3, 6, 5), (6, 1, 3, 3), groups=3),
    case("2-d, same", conv2, (2, 2, 5, 6), (3, 2, 3, 3), padding="same"),
    case("2-d, same, even kernel", conv2, (2, 2, 5, 6), (3, 2, 2, 4), padding="same"),
    case("2-d, same, dilation", conv2, (1, 2, 7, 6), (2, 2, 3, 2), padding="same", dilation=[2, 3]),
    case("2-d, valid", conv2, (1, 2, 4, 4), (2, 2, 2, 2), padding="valid"),
    case("2-d, without a batch", conv2, (2, 4, 5), (3, 2, 2, 2), stride=2),
    case("3-d", conv3, (2, 2, 4, 5, 3), (3, 2, 2, 3, 2), padding=[1, 0, 1]),
    case("3-d, stride, groups", conv3, (1, 4, 5, 4, 6), (4, 2, 3, 2, 2), stride=[2, 1, 2], groups=2, padding=1),
    case("transposed 1-d", trans1, (2, 3, 5), (3, 4, 3)),
    case("transposed 1-d, all of it", trans1, (2, 4, 5), (4, 3, 4), stride=3, padding=2, dilation=2, output_padding=1, groups=2),
    case("transposed 2-d, stride 2", trans2, (2, 3, 4, 5), (3, 2, 4, 4), stride=2, padding=1),
    case("transposed 2-d, output padding", trans2, (2, 3, 4, 3), (3, 2, 3, 3), stride=2, padding=1, output_padding=1),
    case("transposed 2-d, side by side", trans2, (2, 3, 3, 4), (3, 2, 2, 2), stride=2, bias=False),
    case("transposed 2-d, gaps", trans2, (1, 3, 3, 4), (3, 2, 2, 1), stride=3),
    case("transposed 2-d, dilation", trans2, (2, 2, 4, 5), (2, 3, 3, 2), dilation=[2, 1], padding=[1, 0]),
    case("transposed 2-d, depthwise", trans2, (2, 3, 4, 4), (3, 1, 3, 3), groups=3, stride=2),
    case("transposed 2-d, without a batch", trans2, (3, 4, 4), (3, 2, 2, 3)),
    case("transposed 3-d", trans3, (1, 2, 3, 2, 3), (2, 3, 2, 3, 2), stride=[1, 2, 2], padding=[0, 1, 0], output_padding=[0, 1, 1]),
    case("transposed 2-d, output padding of a dilation", trans2, (2, 2, 3, 3), (2, 3, 2, 3), dilation=[3, 2], padding=[1, 0], output_padding=[2, 1]),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "convolution.golden.json")
with open(path, "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")

"""Writes numbers.json: what torch-fidelity's Inception-v3 makes of a few images.

The weights come from an integer hash that the Rust tests repeat exactly, so no weight file is needed:

    pip install torch torch-fidelity
    python tests/inception/reference.py

The graph and TensorFlow's resize are torch-fidelity's (0.4.0 was used), the other resize is PyTorch's own.
Numbers are those of a run in double precision; each tolerance is 30 times what single precision differs
from it, and at least 1e-5.
"""

import json
import os
from unittest import mock

import numpy as np
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

STAGES = (
    "MaxPool_1 MaxPool_2 Mixed_5b Mixed_5c Mixed_5d Mixed_6a Mixed_6b Mixed_6c Mixed_6d Mixed_6e "
    "Mixed_7a Mixed_7b Mixed_7c"
).split()
SAMPLES = 32
SIDES = [32, 32, 32, 40]


def uniform(name, count):
    """`count` numbers of [0, 1): a hash of the tensor's name (FNV-1a) and of each place in it."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / 2.0**24


def values(name, shape):
    """Weights that keep activations near 1 at every depth, with batch norms that do something."""
    u = uniform(name, int(np.prod(shape)))
    if name.endswith((".conv.weight", "fc.weight")):
        u = (2.0 * u - 1.0) * np.sqrt(6.0 / np.prod(shape[1:]))
    elif name.endswith((".bn.weight", ".bn.running_var")):
        u = 0.5 + u
    else:
        u = 0.5 * (u - 0.5)
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def image(index, side):
    """Bytes [3, side, side]: noise, a ramp, blocks, and waves that grow finer."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(side), np.arange(side), indexing="ij")
    if index == 0:
        return (uniform("image", 3 * side * side) * 256).astype(np.uint8).reshape(3, side, side)
    if index == 1:
        return ((7 * x + 3 * y + 40 * c) % 256).astype(np.uint8)
    if index == 2:
        return ((x // 8 + y // 8 + c) % 2 * 200 + 20).astype(np.uint8)
    return ((x * y + 37 * c) % 256).astype(np.uint8)


def network(double):
    wanted = ["2048", "logits_unbiased"]
    # The constructor would load a file; the weights come after it instead.
    with mock.patch("torch.load"), mock.patch.object(FeatureExtractorInceptionV3, "load_state_dict"):
        net = FeatureExtractorInceptionV3("inception", wanted, feature_extractor_weights_path="none")
    shapes = {k: v.shape for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    net.load_state_dict({name: values(name, shape) for name, shape in shapes.items()})
    if double:
        # The constructor's own choice of precision knows single precision only.
        net.double()
        net.feature_extractor_internal_dtype = torch.float64
    return net


def run(net, batches):
    """By stage, what it made of each image; and the two outputs."""
    seen = {name: [] for name in [*STAGES, "AvgPool"]}
    for name, found in seen.items():
        getattr(net, name).register_forward_hook(lambda _m, _x, y, found=found: found.extend(y.double()))
    logits = []
    for batch in batches:
        logits.extend(net(batch)[1].double())
    pooled = [each.flatten() for each in seen.pop("AvgPool")]
    return seen, pooled, logits


def rounded(numbers, digits=8):
    return [float(f"{float(v):.{digits}g}") for v in numbers]


def summary(each):
    flat = each.flatten()
    stride = len(flat) // SAMPLES
    return {
        "l1": flat.abs().sum().item(),
        "l2": flat.norm().item(),
        "stride": stride,
        "samples": flat[::stride].tolist(),
    }


def error(got, want):
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    return float(np.abs(got - want).max() / np.abs(want).max())


def tolerance(errors):
    return float(f"{max(30.0 * max(errors), 1e-5):.3g}")


def compared(single, double):
    """Summaries of the double run, with the tolerance that the single run asks for."""
    pairs = [(summary(a), summary(b)) for a, b in zip(single, double)]
    errors = [error(a["samples"], b["samples"]) for a, b in pairs]
    errors += [error([a[key]], [b[key]]) for a, b in pairs for key in ("l1", "l2")]
    print(f"    single against double {max(errors):.1e}, l2 {[round(b['l2'], 2) for _, b in pairs]}")
    images = [
        {**b, "l1": rounded([b["l1"]])[0], "l2": rounded([b["l2"]])[0], "samples": rounded(b["samples"])}
        for _, b in pairs
    ]
    return {"tolerance": tolerance(errors), "images": images}


def whole(single, double):
    errors = [error(a, b) for a, b in zip(single, double)]
    print(f"    single against double {max(errors):.1e}")
    return {"tolerance": tolerance(errors), "images": [rounded(b, 7) for b in double]}


def tensorflow(batch, dtype):
    size = (299, 299)
    x = interpolate_bilinear_2d_like_tensorflow1x(batch.to(dtype), size=size, align_corners=False)
    return (x - 128) / 128


def pytorch(batch, dtype):
    x = batch.to(dtype) / 255
    x = torch.nn.functional.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False)
    return 2 * x - 1


def main():
    # Images of one size are a batch.
    images = [torch.from_numpy(image(i, side)) for i, side in enumerate(SIDES)]
    batches = [torch.stack([im for im in images if im.shape[-1] == side]) for side in sorted(set(SIDES))]

    single, double = (run(network(double), batches) for double in (False, True))

    out = {"torch": torch.__version__, "sides": SIDES}
    for name, rule in [("tf1", tensorflow), ("pytorch_fid", pytorch)]:
        print(name)
        by_type = [[im for b in batches for im in rule(b, t)] for t in (torch.float32, torch.float64)]
        out[name] = compared(*([im.double() for im in each] for each in by_type))
    out["stages"] = []
    for name in STAGES:
        print(name)
        out["stages"].append({"name": name, **compared(single[0][name], double[0][name])})
    for name, index in [("pooled", 1), ("logits", 2)]:
        print(name)
        out[name] = whole(single[index], double[index])
    spread = torch.stack(double[1])
    print("pooled: mean", spread.mean().item(), "spread between images", spread.std(0).mean().item())

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "numbers.json")
    with open(path, "w") as file:
        json.dump(out, file, separators=(",", ":"))
        file.write("\n")
    print(f"{path}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()

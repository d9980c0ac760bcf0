#!/usr/bin/env python3
"""Writes the reference cases beside it: SiD with class labels, in PyTorch.

    reference.py BENCH_TORCH

BENCH_TORCH is the PyTorch script that `signet bench --torch-script` takes. Its networks and losses are
checked against EDM's and SiD's own, so what is written here does not come from Signet.
"""
import copy, importlib.util, json, pathlib, struct, sys

import numpy as np
import torch

spec = importlib.util.spec_from_file_location("bench_torch", sys.argv[1])
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)

HERE = pathlib.Path(__file__).parent
BATCH, STEPS, CLASSES, SIDE = 3, 3, 10, 8
CONFIG = dict(
    precond="EDMPrecond", model_type="SongUNet", img_resolution=SIDE, img_channels=3, label_dim=CLASSES,
    augment_dim=0, model_channels=8, channel_mult=[1, 1], channel_mult_noise=1, num_blocks=1,
    attn_resolutions=[4], dropout=0.0, embedding_type="positional", encoder_type="standard",
    decoder_type="standard", resample_filter=[1, 1], init_sigma=2.5, tmax=800, batch=BATCH,
)
SHAPE = (BATCH, 3, SIDE, SIDE)
# Tolerances in the l2 norm: the floors of the other cases, and the trace's own, whose first Adam steps
# follow the signs of gradients.
OUTPUT, GRADIENT, LOSS, MOVED = 1e-5, 1e-4, 2e-3, 0.1


def network():
    """Random weights, none of them zero, that half precision keeps exactly."""
    net = bench.from_config(CONFIG).eval()
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.normal_(1.0 if "norm" in name and name.endswith("weight") else 0.0, 0.15).copy_(p.half().float())
    return net


def weights(prefix, net):
    return {f"{prefix}.{name}": p.detach().half() for name, p in net.named_parameters()}


def one_hot(classes):
    return torch.eye(CLASSES)[torch.tensor(classes)]


def write(case, kind, config, notes, tensors, expect):
    types = {torch.float16: "F16", torch.float32: "F32"}
    header, data = {}, b""
    for name, t in sorted(tensors.items(), key=lambda entry: (-entry[1].element_size(), entry[0])):
        raw = t.detach().contiguous().numpy().tobytes()
        header[name] = dict(dtype=types[t.dtype], shape=list(t.shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{case}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    listed = {name: dict(dtype=str(t.dtype)[6:], shape=list(t.shape)) for name, t in tensors.items()}
    case_json = dict(id=case, kind=kind, file=f"{case}.safetensors", config=config, notes=notes, scalars={},
                     tensors=listed, expect=expect)
    (HERE / f"{case}.json").write_text(json.dumps(case_json, sort_keys=True, separators=(",", ":")) + "\n")


def fake_loss(fake, images, labels, rnd, noise):
    return bench.edm_loss(fake, images, labels, rnd, noise)


def sid_networks():
    teacher, fake, gen = network(), network(), network()
    labels = one_hot([7, 0, 3])
    inputs = {
        "in.class_labels": labels, "in.z": torch.randn(SHAPE), "in.noise_unit": torch.randn(SHAPE),
        "in.rnd_normal": torch.randn(BATCH, 1, 1, 1), "in.u": torch.rand(BATCH, 1, 1, 1),
    }
    tensors, expect = dict(inputs), {}
    for prefix, net in [("teacher", teacher), ("fake", fake), ("gen", gen)]:
        tensors |= weights(prefix, net)

    def result(key, value, relative):
        tensors[key] = value.detach().clone()
        largest = float(tensors[key].abs().max())
        expect[key] = dict(shape=list(value.shape), tol_abs=10 * relative * largest + 1e-7, tol_rel_l2=relative)

    def gradients(prefix, net):
        for name, p in net.named_parameters():
            if p.numel() <= 100:
                result(f"{prefix}.{name}", p.grad, GRADIENT)
                continue
            key = f"sampled.{prefix}.{name}"
            result(key, p.grad.flatten()[::11], GRADIENT)
            expect[key]["stride"] = 11

    sigma = torch.full([BATCH], CONFIG["init_sigma"])
    z = inputs["in.z"] * CONFIG["init_sigma"]
    with torch.no_grad():
        images = gen(z, sigma, labels)
    result("out.x_g", images, OUTPUT)
    loss = fake_loss(fake, images, labels, inputs["in.rnd_normal"], inputs["in.noise_unit"])
    (loss.sum() / BATCH).backward()
    result("out.fake.loss", loss, OUTPUT)
    gradients("grad.fake", fake)
    teacher.requires_grad_(False), fake.requires_grad_(False)
    alpha = 1.2
    loss = bench.sid_gen_loss(teacher, fake, gen(z, sigma, labels), labels, inputs["in.u"], inputs["in.noise_unit"], alpha)
    (100 * loss.sum() / BATCH).backward()
    result(f"out.gen.loss.a{alpha}", loss, OUTPUT)
    gradients(f"grad.gen.a{alpha}", gen)
    write("sid_networks_cond10", "sid_networks", CONFIG,
          "As SiD's two losses without labels, with in.class_labels told to all three networks.", tensors, expect)


def sid_trace():
    teacher = network()
    fake, gen, ema = (copy.deepcopy(teacher) for _ in range(3))
    teacher.requires_grad_(False)
    config = dict(CONFIG, alpha=1.2, steps=STEPS, fake_lr=2e-4, gen_lr=1e-4, loss_scaling=1, loss_scaling_G=100,
                  adam=dict(betas=[0.0, 0.999], eps=1e-8),
                  ema=dict(batch_size=BATCH, halflife_kimg=0.02, rampup_ratio=0.05))
    each = lambda draw, shape: draw(STEPS, *shape)
    tensors = {
        "in.z.fake": each(torch.randn, SHAPE), "in.z.gen": each(torch.randn, SHAPE),
        "in.noise_fake": each(torch.randn, SHAPE), "in.noise_gen": each(torch.randn, SHAPE),
        "in.rnd_normal": each(torch.randn, (BATCH, 1, 1, 1)), "in.u": each(torch.rand, (BATCH, 1, 1, 1)),
        "in.class_labels.fake": one_hot([[7, 0, 3], [1, 9, 9], [4, 2, 8]]),
        "in.class_labels.gen": one_hot([[5, 6, 0], [2, 8, 3], [9, 1, 7]]),
    }
    start = {name: p.detach().clone() for name, p in teacher.named_parameters()}
    tensors |= weights("param", teacher)
    adam = lambda net, lr: torch.optim.Adam(net.parameters(), lr=lr, betas=(0.0, 0.999), eps=1e-8)
    optimisers = adam(fake, config["fake_lr"]), adam(gen, config["gen_lr"])
    sigma = torch.full([BATCH], CONFIG["init_sigma"])
    losses = {"out.fake_loss": [], "out.gen_loss": []}
    for k in range(STEPS):
        at = {key: value[k] for key, value in tensors.items() if key.startswith("in.")}
        with torch.no_grad():
            images = gen(at["in.z.fake"] * CONFIG["init_sigma"], sigma, at["in.class_labels.fake"])
        fake.requires_grad_(True)
        optimisers[0].zero_grad()
        loss = fake_loss(fake, images, at["in.class_labels.fake"], at["in.rnd_normal"], at["in.noise_fake"]).sum() / BATCH
        loss.backward()
        optimisers[0].step()
        losses["out.fake_loss"].append(loss.item())
        fake.requires_grad_(False)
        optimisers[1].zero_grad()
        labels = at["in.class_labels.gen"]
        images = gen(at["in.z.gen"] * CONFIG["init_sigma"], sigma, labels)
        loss = bench.sid_gen_loss(teacher, fake, images, labels, at["in.u"], at["in.noise_gen"], config["alpha"])
        loss = 100 * loss.sum() / BATCH
        loss.backward()
        optimisers[1].step()
        losses["out.gen_loss"].append(loss.item())
        seen = k * BATCH
        halflife = min(config["ema"]["halflife_kimg"] * 1000, seen * config["ema"]["rampup_ratio"])
        beta = 0.5 ** (BATCH / max(halflife, 1e-8))
        with torch.no_grad():
            for e, p in zip(ema.parameters(), gen.parameters()):
                e.copy_(p.lerp(e, beta))
    expect = {}
    for key, values in losses.items():
        tensors[key] = torch.tensor(values)
        largest = max(map(abs, values))
        expect[key] = dict(shape=[STEPS], tol_abs=LOSS * largest, tol_rel_l2=LOSS)
    for key, net in [("fake", fake), ("gen", gen), ("ema", ema)]:
        moved = torch.cat([(p.detach() - start[name]).flatten() for name, p in net.named_parameters()])[::3]
        tensors[f"delta.{key}"] = moved
        expect[f"delta.{key}"] = dict(shape=[len(moved)], stride=3, tol_abs=2e-3, tol_rel_l2=MOVED)
    write("sid_trace_cond10", "sid_training_trace", config,
          "As SiD's training loop without labels; class_labels.fake[k] and class_labels.gen[k] are told to "
          "all networks in the steps of the fake score and of the generator.", tensors, expect)


torch.manual_seed(0)
torch.set_num_threads(1)
sid_networks()
sid_trace()

#!/usr/bin/env python3
"""How fast PyTorch does what Signet does: `signet bench --vs-torch` runs this in turn with its own steps.

Needs `pip install torch numpy` and nothing else. By hand:

    python3 bench_torch.py --config small --batch 16 --what train,sign --threads 2
    python3 bench_torch.py --config cifar --what sid --device cuda --channels-last --compile

Phases (--what):
    train   an EDM training step: forward, backward, Adam, running average
    sid     a SiD step: update of the fake score, then of the generator
    sign    a SIGN step with the terms of Signet's ready recipes: rec, idem, flow, sid, read, fake score
    sample  one evaluation of the network an image
    heun    EDM's sampler (Heun): 2 n - 1 evaluations an image for n steps

One line of JSON a phase on standard output; seconds are those of one step, or of one batch of samples.
The numbers that are trained on are noise, the networks are fresh: neither changes what a step costs.
"""
import argparse
import copy
import json
import math
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

# The networks of src/bench/network.rs, whose tests compare every line with its own.
CONFIGS = {
    "tiny": dict(side=16, base=24, mult=[1, 2], blocks=1, attention=[8], classes=0, augment=0, dropout=0.0, heun=12),
    "small16": dict(side=16, base=32, mult=[1, 2], blocks=1, attention=[8], classes=0, augment=0, dropout=0.0, heun=12),
    "small": dict(side=32, base=32, mult=[1, 2, 2], blocks=2, attention=[16], classes=0, augment=9, dropout=0.13, heun=18),
    "cifar": dict(side=32, base=128, mult=[2, 2, 2], blocks=4, attention=[16], classes=0, augment=9, dropout=0.13, heun=18),
    "cifar_cond": dict(side=32, base=128, mult=[2, 2, 2], blocks=4, attention=[16], classes=10, augment=9, dropout=0.13, heun=18),
    "ffhq64": dict(side=64, base=128, mult=[1, 2, 2, 2], blocks=4, attention=[16], classes=0, augment=9, dropout=0.13, heun=18),
}

# Standard deviation of images; smallest and largest noise level; exponent of EDM's row of noise levels.
SIGMA_DATA, SIGMA_MIN, SIGMA_MAX, RHO = 0.5, 0.002, 80.0, 7.0
# Noise level of SiD's generator, largest time of its noise schedule (of 1), alpha.
SIGMA_INIT, T_MAX, ALPHA = 2.5, 0.8, 1.2
# SIGN: range of levels that the noise head may say; levels of the flow term and the highest of them.
HEAD_MIN, HEAD_MAX, FLOW_STEPS, FLOW_MAX = 0.01, 5.0, 8, 5.0


# ---------------------------------------------------------------- networks


def norm(channels):
    """Group normalisation in groups of at least 4 channels, at most 32 groups."""
    groups = next(g for g in range(min(32, channels // 4), 0, -1) if channels % g == 0)
    return nn.GroupNorm(groups, channels, eps=1e-6)


def halve(x):
    return F.avg_pool2d(x, 2)


def double(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def keep(x):
    return x


class Attention(nn.Module):
    """Self-attention over all pixels in one head, with a skip around it."""

    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        n, c, h, w = x.shape
        # The channels interleave: query, key and value of a channel are neighbours.
        q, k, v = self.qkv(self.norm(x)).reshape(n, c, 3, h * w).unbind(2)
        weights = ((q.mT * c**-0.5) @ k).softmax(2)
        mixed = (v @ weights.mT).reshape(n, c, h, w)
        return (self.proj(mixed) + x) * math.sqrt(0.5)


class Block(nn.Module):
    """Two normalised convolutions with the embedding between them, a skip, then attention."""

    def __init__(self, inputs, outputs, embedding, dropout, attention=False, resample=keep):
        super().__init__()
        self.resample, self.dropout = resample, dropout
        self.norm0, self.conv0 = norm(inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.affine = nn.Linear(embedding, outputs)
        self.norm1, self.conv1 = norm(outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        has_conv = inputs != outputs or resample is not keep
        self.skip = nn.Conv2d(inputs, outputs, 1) if has_conv else nn.Identity()
        self.attention = Attention(outputs) if attention else nn.Identity()

    def forward(self, x, embedding):
        h = self.conv0(self.resample(F.silu(self.norm0(x))))
        h = F.silu(self.norm1(h + self.affine(embedding)[:, :, None, None]))
        if self.dropout > 0:
            h = F.dropout(h, self.dropout, self.training)
        h = (self.conv1(h) + self.skip(self.resample(x))) * math.sqrt(0.5)
        return self.attention(h)


class Unet(nn.Module):
    """DDPM++ (Song et al., 2021) as EDM builds it, for images of three channels."""

    def __init__(self, side, base, mult, blocks, attention, classes, augment, dropout):
        super().__init__()
        width = 4 * base
        self.classes = classes
        frequencies = (1 / 10000) ** (torch.arange(base // 2) / (base // 2 - 1))
        self.register_buffer("frequencies", frequencies)
        self.map_label = nn.Linear(classes, base) if classes else None
        self.map_augment = nn.Linear(augment, base, bias=False) if augment else None
        self.map0, self.map1 = nn.Linear(base, width), nn.Linear(width, width)

        def block(inputs, outputs, **more):
            return Block(inputs, outputs, width, dropout, **more)

        self.first = nn.Conv2d(3, base, 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        channels, skips = base, [base]
        for level, factor in enumerate(mult):
            if level > 0:
                self.down.append(block(channels, channels, resample=halve))
                skips.append(channels)
            for _ in range(blocks):
                self.down.append(block(channels, base * factor, attention=side >> level in attention))
                channels = base * factor
                skips.append(channels)
        # The blocks of the way up that take a skip, by their places.
        self.takes_skip = []
        for level, factor in reversed(list(enumerate(mult))):
            if level == len(mult) - 1:
                self.up.extend([block(channels, channels, attention=True), block(channels, channels)])
                self.takes_skip += [False, False]
            else:
                self.up.append(block(channels, channels, resample=double))
                self.takes_skip.append(False)
            for i in range(blocks + 1):
                attends = i == blocks and side >> level in attention
                self.up.append(block(channels + skips.pop(), base * factor, attention=attends))
                self.takes_skip.append(True)
                channels = base * factor
        self.last_norm, self.last = norm(channels), nn.Conv2d(channels, 3, 3, padding=1)

    def forward(self, x, c_noise, labels, augment):
        angles = c_noise[:, None] * self.frequencies
        e = torch.cat([angles.sin(), angles.cos()], 1)
        if self.map_label is not None:
            e = e + self.map_label(labels * math.sqrt(self.classes))
        if self.map_augment is not None and augment is not None:
            e = e + self.map_augment(augment)
        e = F.silu(self.map1(F.silu(self.map0(e))))
        x = self.first(x)
        skips = [x]
        for block in self.down:
            x = block(x, e)
            skips.append(x)
        for block, takes_skip in zip(self.up, self.takes_skip):
            x = block(torch.cat([x, skips.pop()], 1) if takes_skip else x, e)
        return self.last(F.silu(self.last_norm(x)))


class Denoiser(nn.Module):
    """D(x, sigma) = c_skip x + c_out F(c_in x, ln(sigma) / 4) (EDM). `sigma`: one level an image."""

    def __init__(self, **shape):
        super().__init__()
        self.unet = Unet(**shape)

    def forward(self, x, sigma, labels=None, augment=None):
        s = column(sigma)
        variance = s * s + SIGMA_DATA**2
        f = self.unet(x / variance.sqrt(), sigma.log() / 4, labels, augment)
        return x * (SIGMA_DATA**2 / variance) + f * (s * SIGMA_DATA / variance.sqrt())


class NoiseHead(nn.Module):
    """Reads ln sigma off images, from how strong their fine grain is."""

    def __init__(self, width=16):
        super().__init__()
        self.conv0, self.conv1 = nn.Conv2d(6, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.hidden, self.out = nn.Linear(3 + 2 * width, 2 * width), nn.Linear(2 * width, 1)

    def forward(self, u):
        grain = u - double(halve(u))
        first = self.conv0(torch.cat([u, grain], 1))
        second = self.conv1(halve(F.silu(first)))
        features = [((h * h).mean((2, 3)) + 1e-6).log() * 0.5 for h in (grain, first, second)]
        return self.out(F.silu(self.hidden(torch.cat(features, 1)))).flatten()


class Student(nn.Module):
    """SIGN's f(u): a denoiser that reads the noise level off its input. Gives images and ln sigma."""

    def __init__(self, denoiser):
        super().__init__()
        self.denoiser, self.head = copy.deepcopy(denoiser), NoiseHead()

    def forward(self, u, labels=None):
        read = self.head(u)
        sigma = read.clamp(math.log(HEAD_MIN), math.log(HEAD_MAX)).exp()
        x = u * (column(sigma) ** 2 + 1).sqrt()
        return self.denoiser(x, sigma, labels), read


@torch.no_grad()
def initialise(net):
    """EDM's start: Xavier's uniform weights, smaller ones in front of a sum."""
    for name, p in net.named_parameters():
        if p.ndim < 2:
            p.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
            continue
        quiet = any(part in name for part in ("conv1.", "proj.", "last."))
        nn.init.xavier_uniform_(p, gain=1e-5 if quiet else math.sqrt(0.2) if "qkv" in name else 1.0)


# ---------------------------------------------------------------- noise levels and losses


def column(values):
    """One number an image, to multiply images with."""
    return values.reshape(-1, 1, 1, 1)


def karras(time, high=SIGMA_MAX):
    """EDM's noise level between `high` (time 0) and SIGMA_MIN (time 1)."""
    top, bottom = high ** (1 / RHO), SIGMA_MIN ** (1 / RHO)
    return (top + time * (bottom - top)) ** RHO


def to_source(x, sigma):
    """From x = x0 + sigma eps to the student's coordinates x / sqrt(1 + sigma^2)."""
    return x / (column(sigma) ** 2 + 1).sqrt()


def denoising_loss(net, images, labels, augment):
    """EDM's loss, summed over pixels, a mean over images."""
    sigma = (torch.randn(len(images), device=images.device) * 1.2 - 1.2).exp()
    denoised = net(images + torch.randn_like(images) * column(sigma), sigma, labels, augment)
    weight = (sigma**2 + SIGMA_DATA**2) / (sigma * SIGMA_DATA) ** 2
    return (column(weight) * (denoised - images) ** 2).sum() / len(images)


def sid_loss(teacher, fake, y, labels):
    """SiD's loss of images `y`, a mean over images and pixels."""
    sigma = karras(1 - torch.rand(len(y), device=y.device) * T_MAX)
    noisy = y + torch.randn_like(y) * column(sigma)
    real, fake = teacher(noisy, sigma, labels), fake(noisy, sigma, labels)
    weight = (y - real).detach().abs().mean((1, 2, 3), keepdim=True).clamp_min(1e-5)
    return ((real - fake) * ((real - y) - ALPHA * (real - fake)) / weight).mean()


def pseudo_huber(a, b):
    """Distance of images, a mean over them; near to their root mean square where that is large."""
    numbers = a[0].numel()
    c = 0.00054 * math.sqrt(numbers)
    return (((a - b) ** 2).sum((1, 2, 3)).add(c * c).sqrt() - c).mean() / math.sqrt(numbers)


def heun_step(denoise, x, sigma, lower, smallest):
    """One Heun step down, each image between levels of its own; to level 0 it is an Euler step."""
    step = column(lower - sigma)
    slope = (x - denoise(x, sigma)) / column(sigma)
    euler = x + slope * step
    safe = lower.clamp_min(smallest)
    second = (euler - denoise(euler, safe)) / column(safe)
    return x + (slope + (second - slope) * column((lower > 0) * 0.5)) * step


# ---------------------------------------------------------------- training


class Trainee:
    """A network in training with its optimiser, and its running average where that is wanted."""

    def __init__(self, net, beta1, averaged):
        self.net = net.train()
        self.average = copy.deepcopy(net).requires_grad_(False) if averaged else None
        # `fused` is the fastest Adam there is; older versions have it on GPUs only.
        options = dict(lr=1e-4, betas=(beta1, 0.999), eps=1e-8)
        try:
            self.adam = torch.optim.Adam(net.parameters(), fused=True, **options)
        except RuntimeError:
            self.adam = torch.optim.Adam(net.parameters(), **options)

    def descend(self, loss):
        """Gradients, a look at whether they are finite, Adam, average."""
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        with torch.no_grad():
            lengths = torch._foreach_norm([p.grad for p in self.net.parameters() if p.grad is not None])
            if not torch.linalg.vector_norm(torch.stack(lengths)).isfinite():
                return
            self.adam.step()
            if self.average is not None:
                pairs = list(self.average.parameters()), list(self.net.parameters())
                torch._foreach_lerp_(*pairs, 1 - 0.9995)


class Bench:
    """Networks, inputs and the steps that are measured."""

    def __init__(self, args):
        self.args, self.device = args, torch.device(args.device)
        self.format = torch.channels_last if args.channels_last else torch.contiguous_format
        shape = dict(CONFIGS[args.config])
        self.heun_steps, self.side, self.batch = shape.pop("heun"), shape["side"], args.batch
        self.net = Denoiser(**shape)
        initialise(self.net)
        self.net.to(self.device, memory_format=self.format)
        self.images = self.noise().clamp(-1, 1)
        classes, augment = shape["classes"], shape["augment"]
        number = torch.arange(self.batch, device=self.device)
        self.labels = F.one_hot(number % classes, classes).float() if classes else None
        self.augment = torch.zeros(self.batch, augment, device=self.device) if augment else None

    def noise(self):
        z = torch.randn(self.batch, 3, self.side, self.side, device=self.device)
        return z.contiguous(memory_format=self.format)

    def fresh(self, trained=True):
        """A copy of the network: one to train, or one that gradients at most pass through."""
        net = copy.deepcopy(self.net)
        return self.ready(net if trained else net.eval().requires_grad_(False))

    def ready(self, net):
        if self.args.compile:
            net.compile(dynamic=False, fullgraph=True)
        return net

    def shadow(self, net):
        """The same numbers in the same memory, not trained: for evaluations without their gradients."""
        other = copy.deepcopy(net).eval().requires_grad_(False)
        for mine, theirs in zip(other.parameters(), net.parameters()):
            mine.data = theirs.data
        return self.ready(other)

    def everywhere(self, sigma):
        return torch.full([self.batch], sigma, device=self.device)

    # Each of these gives a function to call again and again, the phase's name, the evaluations of a
    # network an image (forward), and the network.

    def train(self):
        trainee = Trainee(self.fresh(), 0.9, averaged=True)

        def step():
            trainee.descend(denoising_loss(trainee.net, self.images, self.labels, self.augment))

        return step, "edm_train_step", 1, self.net

    def sid(self):
        teacher, sigma = self.fresh(trained=False), self.everywhere(SIGMA_INIT)
        student, fake = Trainee(self.fresh(), 0.0, averaged=True), Trainee(self.fresh(), 0.0, averaged=False)
        student_now, fake_now = self.shadow(student.net), self.shadow(fake.net)

        def step():
            with torch.no_grad():
                images = student_now(self.noise() * SIGMA_INIT, sigma, self.labels)
            fake.descend(denoising_loss(fake.net, images, self.labels, self.augment))
            y = student.net(self.noise() * SIGMA_INIT, sigma, self.labels)
            student.descend(sid_loss(teacher, fake_now, y, self.labels) * y[0].numel() * 100)

        return step, "sid_step", 5, self.net

    def sign(self):
        teacher = self.fresh(trained=False)
        # Signet's students have no dropout.
        net = Student(self.net).to(self.device, memory_format=self.format)
        for block in net.modules():
            if isinstance(block, Block):
                block.dropout = 0.0
        student, fake = Trainee(self.ready(net), 0.9, averaged=True), Trainee(self.fresh(), 0.0, averaged=False)
        student_now, fake_now = self.shadow(student.net), self.shadow(fake.net)
        top = self.everywhere(SIGMA_MAX)
        times = torch.arange(FLOW_STEPS, device=self.device) / (FLOW_STEPS - 1)
        # Rising, from 0.
        grid = torch.cat([karras(times, FLOW_MAX), torch.zeros(1, device=self.device)]).flip(0)
        thrice = None if self.labels is None else self.labels.repeat(3, 1)

        def flow_pair():
            """A state of the teacher's trajectory, its level, and the student's image of the next state."""
            with torch.no_grad():
                below = (torch.rand(self.batch, device=self.device) * FLOW_STEPS).long().clamp_max(FLOW_STEPS - 1)
                upper, lower = grid[below + 1], grid[below]
                x = self.images + self.noise() * column(upper)
                next_x = heun_step(lambda x, s: teacher(x, s, self.labels), x, upper, lower, grid[1])
                target, _ = student_now(to_source(next_x, lower), self.labels)
                # At level 0 the trajectory's end itself is the target.
                return x, upper, torch.where(column(lower == 0), next_x, target)

        def step():
            with torch.no_grad():
                images, _ = student_now(to_source(self.noise() * top[0], top), self.labels)
            fake.descend(denoising_loss(fake.net, images, self.labels, self.augment))

            x, upper, target = flow_pair()
            # The inputs of all terms share one pass: noise, images, noisy images.
            parts = [to_source(self.noise() * top[0], top), self.images, to_source(x, upper)]
            made, read = student.net(torch.cat(parts), thrice)
            y, kept, flowed = made.chunk(3)
            again, _ = student_now(y, self.labels)
            levels = torch.cat([top, torch.zeros_like(top), upper]).clamp(HEAD_MIN, HEAD_MAX).log()
            terms = [
                pseudo_huber(kept, self.images),
                pseudo_huber(flowed, target),
                pseudo_huber(again, y),
                sid_loss(teacher, fake_now, y, self.labels),
                ((read - levels) ** 2).mean(),
            ]
            student.descend(sum(terms))

        # Fake score: 2. Flow: 3. The shared pass: 3. Idempotence: 1. SiD: 2.
        return step, "sign_step", 11, net

    def sample(self):
        net, sigma = self.fresh(trained=False), self.everywhere(SIGMA_INIT)

        @torch.no_grad()
        def step():
            net(self.noise() * SIGMA_INIT, sigma, self.labels).cpu()

        return step, "sample", 1, self.net

    def heun(self):
        net, n = self.fresh(trained=False), self.heun_steps
        levels = karras(torch.arange(n, dtype=torch.float64) / (n - 1)).tolist() + [0.0]

        def slope(x, sigma):
            denoised = net(x.float(), self.everywhere(sigma), self.labels)
            return (x - denoised.double()) / sigma

        @torch.no_grad()
        def step():
            x = self.noise().double() * levels[0]
            for sigma, lower in zip(levels, levels[1:]):
                first = slope(x, sigma)
                euler = x + (lower - sigma) * first
                last = lower == 0
                x = euler if last else x + (lower - sigma) * 0.5 * (first + slope(euler, lower))
            x.cpu()

        return step, f"heun{n}", 2 * n - 1, self.net


# ---------------------------------------------------------------- measuring


def peak_host_mib():
    """Most memory of this process so far, MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def measure(bench, what, args):
    """Warms up, repeats a phase, and prints its line."""
    on_gpu = bench.device.type == "cuda"
    settle = torch.cuda.synchronize if on_gpu else lambda: None
    step, phase, evaluations, net = getattr(bench, what)()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    begin = time.perf_counter()
    for _ in range(args.warmup):
        step()
    settle()
    begin, first = time.perf_counter(), time.perf_counter() - begin
    secs, cpu_secs = [], []
    while len(secs) < args.iters and (not secs or time.perf_counter() - begin < args.max_seconds):
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        settle()
        secs.append(time.perf_counter() - wall)
        cpu_secs.append(time.process_time() - cpu)
    median = statistics.median(secs)
    row = dict(
        phase=phase,
        config=args.config,
        batch=args.batch,
        params=sum(p.numel() for p in net.parameters()),
        device=str(bench.device) + (f" ({torch.cuda.get_device_name()})" if on_gpu else ""),
        dtype="fp32",
        channels_last=args.channels_last,
        compile=args.compile,
        threads=args.threads,
        iters=len(secs),
        warmup_sec=round(first, 3),
        sec_per_step=round(median, 6),
        sec_min=round(min(secs), 6),
        images_per_sec=round(args.batch / median, 3),
        cpu_sec_per_step=round(statistics.median(cpu_secs), 6),
        net_evals_per_image=evaluations,
        peak_rss_mib=peak_host_mib(),
        peak_gpu_mib=round(torch.cuda.max_memory_allocated() / 2**20) if on_gpu else None,
        torch=torch.__version__,
    )
    print(json.dumps(row), flush=True)


def count(text):
    """A whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def main():
    phases = ["train", "sid", "sign", "sample", "heun"]
    parser = argparse.ArgumentParser(
        prog="bench_torch.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", default="small", choices=list(CONFIGS))
    parser.add_argument("--batch", type=count, default=16, help="images of a batch")
    parser.add_argument("--what", default=",".join(phases), help="phases, with commas between them")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=count, default=torch.get_num_threads(), help="of the CPU")
    parser.add_argument("--iters", type=count, default=5, help="timed repeats of a phase")
    parser.add_argument("--warmup", type=count, default=2, help="repeats before that, which are not counted")
    parser.add_argument("--max-seconds", type=float, default=math.inf, help="no further repeat after these")
    parser.add_argument("--channels-last", action="store_true", help="images and weights as NHWC in memory")
    parser.add_argument("--compile", action="store_true", help="networks through torch.compile")
    args = parser.parse_args()
    asked = args.what.split(",")
    for what in asked:
        if what not in phases:
            parser.error(f"--what {what}: there are {', '.join(phases)}")
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    # Single precision, as Signet's: no TensorFloat-32.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    if args.compile:
        # Every use of a network (trained or not, batch of one or of three) is compiled for itself.
        torch._dynamo.config.cache_size_limit = 64
    for what in asked:
        try:
            measure(Bench(args), what, args)
        except Exception as error:
            if not args.compile or not type(error).__module__.startswith("torch._"):
                raise
            # In one line: whoever calls shows the last one.
            sys.exit(f"torch.compile cannot do {what} here: {' '.join(str(error).split())[:400]}")


if __name__ == "__main__":
    main()

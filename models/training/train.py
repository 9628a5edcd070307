"""Trains the shipped priors. Seeded; resumes from its own checkpoint; logs to OUT/log.csv.

    python train.py --task brain-mri --data ../../../shared/data --out /tmp/brain-mri --steps 8000
    python train.py --task ct --data ../../../shared/data --out /tmp/ct --steps 6000
    python train.py --task folder --data IMAGES --out /tmp/small --size 64 --width 8 --mult 1,2,4 --blocks 1,1,1 --float32

Set MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_TOP_PAD_=268435456 on glibc: several times faster.
The learning rate warms up over --warmup steps, stays, and falls along a half cosine over the last --decay share of --steps.
Loss: E || F - F* ||^2, the noise-level weighting 1/c_out^2 of Karras et al. 2022; ln(sigma) ~ N(-2, 1.4^2) in 80 % of
the draws, uniform over [ln 0.003, ln 160] in the rest. Weights are averaged (EMA 0.9995, warmed up).
"""
import argparse
import copy
import csv
import json
import os
import time
import numpy as np
import torch
from net import FilmResUNet, denoise

SIGMA_DATA = 0.25
TASKS = ("brain-mri", "ct", "folder")
LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0)


def task_of(name, root):
    """Class of the images, module with to_channels and validation, channels. Only what a task needs is imported."""
    if name == "folder":
        import folder
        return folder.FolderImages, folder, folder.channels(root)
    if name == "ct":
        import ct
        return ct.CtImages, ct, 3
    import data
    return data.Images, data, 2


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, task, root, n, batch, seed):
        self.args = (task, root, n, batch, seed)

    def __iter__(self):
        task, root, n, batch, seed = self.args
        source, rules, _ = task_of(task, root)
        images = source(root)
        rng = np.random.default_rng(seed)
        while True:
            x = np.stack([rules.to_channels(images.image(rng, n)) for _ in range(batch)])
            ls = np.where(rng.random(batch) < 0.8, rng.normal(-2.0, 1.4, batch), rng.uniform(np.log(0.003), np.log(160), batch))
            yield torch.from_numpy(x), torch.from_numpy(np.exp(ls.clip(np.log(0.003), np.log(160))).astype(np.float32))


def validate(net, rules, images, half=True):
    """Mean denoising PSNR (peak 1, complex) per noise level; sizes padded to a multiple of 8."""
    out = []
    gen = torch.Generator().manual_seed(1)
    for level in LEVELS:
        mse = []
        for _, img in images:
            x = torch.from_numpy(rules.to_channels(img))[None]
            s = torch.full((1,), level)
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=half):
                d = denoise(net, x + level * noise_of(rules, x, torch.randn(x.shape, generator=gen)), s, SIGMA_DATA)
            error = (d - x) ** 2
            mse.append((error[:, rules.CENTRE] if hasattr(rules, "CENTRE") else error.sum(1)).mean().item())
        out.append(-10 * np.log10(np.mean(mse)))
    return out


def noise_of(rules, x, noise):
    return rules.shared_noise(x, noise) if hasattr(rules, "shared_noise") else noise


def weights_of(path):
    """Averaged weights of a checkpoint of this recipe, or the tensors of a safetensors file, such as a prior's."""
    if not path.endswith(".safetensors"):
        return torch.load(path, weights_only=True)["ema"]
    with open(path, "rb") as f:
        data = f.read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    kinds = {"F16": "<f2", "F32": "<f4"}
    read = lambda e: np.frombuffer(data[start + e["data_offsets"][0]:start + e["data_offsets"][1]], kinds[e["dtype"]])
    return {k: torch.from_numpy(read(e).astype(np.float32).reshape(e["shape"])) for k, e in header.items()}


def grow(net, weights):
    """Copies a smaller network's weights; blocks it lacks add nothing at first (their second convolution is zero), and of a
    slab the network of one slice sees the middle."""
    full = net.state_dict()
    for name, axis in (("head.weight", 1), ("tail.weight", 0), ("tail.bias", 0)):
        have, want = weights[name].shape[axis], full[name].shape[axis]
        if have != want:
            wide = torch.zeros_like(full[name])
            wide.narrow(axis, (want - have) // 2, have).copy_(weights[name])
            weights[name] = wide
    missing = net.load_state_dict(weights, strict=False).missing_keys
    with torch.no_grad():
        for name, p in net.named_parameters():
            if name in missing and ".conv2." in name:
                p.zero_()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--task", choices=TASKS, required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, default=8000)
    p.add_argument("--decay", type=float, default=0.3)
    p.add_argument("--lr", type=float, default=4e-4)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--size", type=int, default=128)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--width", type=int, default=32, help="channels of the first stage")
    p.add_argument("--mult", default="1,2,4,8", help="widths of the stages, in --width")
    p.add_argument("--embedding", type=int, default=128)
    p.add_argument("--warmup", type=int, default=200)
    p.add_argument("--every", type=int, default=250, help="steps between validations and checkpoints")
    p.add_argument("--float32", action="store_true", help="no bfloat16 autocast")
    p.add_argument("--blocks", default="2,3,3,2", help="residual blocks per resolution")
    p.add_argument("--init", help="checkpoint or .safetensors of this or a smaller network to start from; further blocks start as the identity")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    source, rules, channels = task_of(a.task, a.data)
    numbers = lambda text: tuple(map(int, text.split(",")))
    half = not a.float32
    net = FilmResUNet(channels, a.width, numbers(a.mult), numbers(a.blocks), a.embedding).to(memory_format=torch.channels_last)
    if a.init:
        grow(net, weights_of(a.init))
    ema = copy.deepcopy(net)
    opt = torch.optim.AdamW(net.parameters(), a.lr, weight_decay=1e-4, betas=(0.9, 0.99))
    step = 0
    path = os.path.join(a.out, "checkpoint.pt")
    if os.path.exists(path):
        c = torch.load(path, weights_only=True)
        net.load_state_dict(c["net"]); ema.load_state_dict(c["ema"]); opt.load_state_dict(c["opt"]); step = c["step"]
    images = rules.validation(a.data)
    share = torch.tensor(getattr(rules, "WEIGHTS", (1.0,) * channels))
    share = (share / share.mean())[:, None, None]
    loader = iter(torch.utils.data.DataLoader(Stream(a.task, a.data, a.size, a.batch, a.seed + 1000003 * step), batch_size=None, num_workers=1, prefetch_factor=16))
    log = open(os.path.join(a.out, "log.csv"), "a", newline="")
    writer = csv.writer(log)
    if step == 0:
        writer.writerow(["step", "seconds", "loss", "lr"] + [f"psnr_{s}" for s in LEVELS])
        writer.writerow([0, 0, "", ""] + [f"{q:.2f}" for q in validate(ema, rules, images, half)])
    start, running = time.time(), None
    while step < a.steps:
        tail = max(0.0, (step - (1 - a.decay) * a.steps) / (a.decay * a.steps))
        lr = float(a.lr * min(1, (step + 1) / max(1, a.warmup)) * (0.5 * (1 + np.cos(np.pi * tail))))
        for g in opt.param_groups:
            g["lr"] = lr
        x, sigma = next(loader)
        x = x.to(memory_format=torch.channels_last)
        noisy = x + sigma[:, None, None, None] * noise_of(rules, x, torch.randn_like(x))
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            d = denoise(net, noisy, sigma, SIGMA_DATA)
        weight = (sigma ** 2 + SIGMA_DATA ** 2) / (sigma * SIGMA_DATA) ** 2
        loss = (weight[:, None, None, None] * share * (d - x) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        step += 1
        decay = min(0.9995, (step + 1) / (step + 10))
        with torch.no_grad():
            for e, q in zip(ema.parameters(), net.parameters()):
                e.lerp_(q, 1 - decay)
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % a.every == 0 or step == a.steps:
            v = validate(ema, rules, images, half)
            writer.writerow([step, round(time.time() - start), f"{running:.5f}", f"{lr:.2e}"] + [f"{q:.2f}" for q in v])
            log.flush()
            torch.save({"net": net.state_dict(), "ema": ema.state_dict(), "opt": opt.state_dict(), "step": step, "seed": a.seed}, path + ".part")
            os.replace(path + ".part", path)


main()

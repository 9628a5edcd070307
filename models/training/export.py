"""Writes the averaged weights of a training checkpoint into a prior folder.

    python export.py --run /tmp/brain-mri --prior ../brain-mri

Writes weights.safetensors (float16, or --float32, from the checkpoint's "ema"), log.csv and curve.svg, and sets
`weights`, `quality`, `training.steps`, `training.seed` and `training.log` in manifest.json. samples.png: scripts/sample-sheet.ts. The numbers of log.csv are the training's own; the checkpoint is read once, so a
running training may go on.
"""
import argparse
import csv
import hashlib
import json
import os
import shutil
import struct
import numpy as np
import torch


def safetensors(tensors, metadata):
    """The file's bytes: 8-byte header length, JSON padded to 8 bytes, float16 or float32 data; odd-sized tensors last."""
    items = sorted(tensors.items(), key=lambda kv: (kv[1].nbytes % 8 != 0, kv[0]))
    header, offset = {"__metadata__": metadata}, 0
    for name, a in items:
        header[name] = {"dtype": "F32" if a.itemsize == 4 else "F16", "shape": list(a.shape), "data_offsets": [offset, offset + a.nbytes]}
        offset += a.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for _, a in items)


def curve(rows):
    """Validation PSNR (dB) per noise level against step, one line each, as an SVG picture."""
    names = [k for k in rows[0] if k.startswith("psnr_")]
    steps = [int(r["step"]) for r in rows]
    values = [[float(r[k]) for r in rows] for k in names]
    low, high = min(map(min, values)), max(map(max, values))
    w, h, left, top = 640, 360, 50, 20
    px = lambda s: left + (w - left - 110) * s / max(steps)
    py = lambda v: top + (h - top - 40) * (high - v) / max(high - low, 1e-9)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" font-family="sans-serif" font-size="11">',
           f'<rect width="{w}" height="{h}" fill="white"/>']
    for v in np.linspace(low, high, 5):
        out.append(f'<path d="M{left} {py(v):.1f}H{w - 110}" stroke="#ddd"/><text x="{left - 6}" y="{py(v) + 4:.1f}" text-anchor="end">{v:.1f}</text>')
    for s in np.linspace(0, max(steps), 5):
        out.append(f'<text x="{px(s):.1f}" y="{h - 22}" text-anchor="middle">{s:.0f}</text>')
    for i, (name, line) in enumerate(zip(names, values)):
        colour = f"hsl({round(240 - 240 * i / max(len(names) - 1, 1))} 70% 40%)"
        points = " ".join(f"{px(s):.1f},{py(v):.1f}" for s, v in zip(steps, line))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        out.append(f'<text x="{px(steps[-1]) + 6:.1f}" y="{py(line[-1]) + 4:.1f}" fill="{colour}">σ = {name[5:]}: {line[-1]:.1f}</text>')
    out.append(f'<text x="{left}" y="14">denoising PSNR on held-out images, dB</text><text x="{(w - 60) / 2}" y="{h - 6}" text-anchor="middle">training step</text></svg>')
    return "\n".join(out) + "\n"


def replace(path, data):
    with open(path + ".part", "wb") as f:
        f.write(data)
    os.replace(path + ".part", path)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--run", required=True, help="folder with checkpoint.pt and log.csv")
    p.add_argument("--prior", required=True, help="folder with manifest.json")
    p.add_argument("--float32", action="store_true", help="do not round the weights to float16")
    p.add_argument("--held-out", default="held-out heads, complex denoising", help="name of the validation data in the quality table")
    a = p.parse_args()
    # The optimiser's learning rate is a numpy scalar; these three names let it pass the safe loader.
    scalars = [np._core.multiarray.scalar, np.dtype, type(np.dtype("float64"))]
    with torch.serialization.safe_globals(scalars):
        checkpoint = torch.load(os.path.join(a.run, "checkpoint.pt"), map_location="cpu", weights_only=True)
    tensors = {k: np.ascontiguousarray(v.numpy().astype("<f4" if a.float32 else "<f2")) for k, v in checkpoint["ema"].items()}
    for name, v in tensors.items():
        if not np.isfinite(v).all():
            raise SystemExit(f"export.py: {name} is not finite as stored")
    data = safetensors(tensors, {"format": "pt", "step": str(checkpoint["step"])})
    path = os.path.join(a.prior, "manifest.json")
    with open(path) as f:
        manifest = json.load(f)
    manifest["weights"] = {"file": "weights.safetensors", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest["training"]["steps"] = checkpoint["step"]
    if "seed" in checkpoint:
        manifest["training"]["seed"] = checkpoint["seed"]
    log = os.path.join(a.prior, "log.csv")
    shutil.copyfile(os.path.join(a.run, "log.csv"), log)
    with open(log, "rb") as f:
        manifest["training"]["log"] = {"file": "log.csv", "sha256": hashlib.sha256(f.read()).hexdigest()}
    with open(log) as f:
        rows = [r for r in csv.DictReader(f) if int(r["step"]) <= checkpoint["step"]]
    manifest["quality"] = [
        {"data": a.held_out, "metric": f"PSNR at sigma {k[5:]}, dB", "value": float(rows[-1][k])}
        for k in rows[-1] if k.startswith("psnr_")
    ]
    replace(os.path.join(a.prior, "weights.safetensors"), data)
    replace(path, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())
    replace(os.path.join(a.prior, "curve.svg"), curve(rows).encode())
    print(f"step {checkpoint['step']}: {sum(v.size for v in tensors.values())} parameters, {len(data)} bytes, {manifest['weights']['sha256']}")


main()

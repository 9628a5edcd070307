"""Training images for the brain-mri prior: slices of volumes and of label maps, augmented, with synthetic complex phase.

Everything is drawn from one numpy Generator, so a seed fixes the stream. An image is complex64 [n, n]; the 99th
percentile of its magnitude is 1 before the final intensity jitter (the rule used at inference).
"""
import glob
import os
import nibabel as nib
import numpy as np
from scipy import ndimage

TRAIN = ["t1_adult26y", "t2_adult26y", "t1_child3y", "t1_adult_stripped", "t1_oasis_stripped", "stroke_t1", "stroke_t2", "stroke_flair", "t1gd_tumour1"]
PLANES = ((2, 0.7), (1, 0.15), (0, 0.15))


def grf(rng, n, cutoff):
    """Smooth unit-variance random field [n, n], Gaussian spectrum with the given cut-off in cycles per field of view."""
    m = int(4 * cutoff) + 4
    k = np.fft.fftfreq(m, 1 / m)
    w = np.exp(-(k[:, None] ** 2 + k[None] ** 2) / (2 * (cutoff / 2) ** 2))
    coarse = np.fft.ifft2(w * (rng.standard_normal((m, m)) + 1j * rng.standard_normal((m, m)))).real
    coarse /= coarse.std() + 1e-9
    f = ndimage.zoom(np.pad(coarse, 2, mode="wrap"), (n + 4) / m, order=3)
    o = (f.shape[0] - n) // 2
    return f[o:o + n, o:o + n]


def phase(rng, n):
    """TRAINING.md's synthetic phase: constant, ramp, polynomial of orders 2-4, Gaussian random field. Radians [n, n]."""
    y, x = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n), indexing="ij")
    p = rng.uniform(-np.pi, np.pi) + n / 2 * (rng.uniform(-0.1, 0.1) * x + rng.uniform(-0.1, 0.1) * y)
    poly = sum(rng.standard_normal() * x ** i * y ** (o - i) for o in (2, 3, 4) for i in range(o + 1))
    p = p + rng.uniform(0.3, 1.5) * (poly - poly.mean()) / (poly.std() + 1e-9)
    return p + rng.uniform(0.05, 0.7) * grf(rng, n, rng.uniform(1, 4))


def paint(rng, labels):
    """A synthetic magnitude image from a label slice: one mean and spread per label, T1-like in half of the draws."""
    mean = rng.uniform(0, 1, 40)
    if rng.random() < 0.5:
        wm, gm, csf = np.sort(rng.uniform(0.1, 1, 3))[::-1]
        for ids, v in (((18, 22, 3), wm), ((19, 23, 25, 26, 28, 29, 31), gm), ((1, 2, 4, 5, 20, 21), csf), ((24, 27, 32), (wm + gm) / 2)):
            mean[list(ids)] = v + rng.normal(0, 0.03, len(ids))
    mean[0] = 0
    sd = rng.uniform(0, 0.05, 40)
    sd[0] = 0
    out = mean[labels] + sd[labels] * rng.standard_normal(labels.shape)
    if rng.random() < 0.5:
        out = out + (labels > 0) * 0.1 * grf(rng, max(labels.shape), 40)[: labels.shape[0], : labels.shape[1]] * rng.random()
    return np.clip(ndimage.gaussian_filter(out, rng.uniform(0.35, 0.9)), 0, None)


class Images:
    def __init__(self, root, mricron="/usr/share/mricron/templates"):
        load = lambda f: np.asarray(nib.load(f).dataobj)
        spacing = lambda f: np.array(nib.load(f).header.get_zooms()[:3], float)
        files = [os.path.join(root, "mri", f + ".nii.gz") for f in TRAIN]
        colin = os.path.join(mricron, "ch2.nii.gz")
        if os.path.exists(colin):
            files.append(colin)
        self.real = [self.index(load(f), spacing(f)) for f in files]
        self.label = [self.index(load(f), spacing(f)) for f in sorted(glob.glob(os.path.join(root, "mri/labels/*.nii.gz")))]

    @staticmethod
    def index(v, spacing):
        """Usable slices per axis (head over 15 % of the plane); through-plane thick volumes offer axial slices only."""
        planes = {}
        for axis in (0, 1, 2):
            inplane = np.delete(spacing, axis)
            if inplane.max() / inplane.min() > 1.5:
                continue
            frac = (v > 0).mean(axis=tuple(a for a in (0, 1, 2) if a != axis))
            planes[axis] = np.flatnonzero(frac > 0.15)
        return v, spacing, planes

    def slice(self, rng, pool):
        weight = np.array([sum(len(s) for s in p.values()) for _, _, p in pool], float) ** 0.5
        v, spacing, planes = pool[rng.choice(len(pool), p=weight / weight.sum())]
        axes = [a for a, _ in PLANES if a in planes]
        w = np.array([p for a, p in PLANES if a in planes])
        axis = rng.choice(axes, p=w / w.sum())
        s = np.take(v, rng.choice(planes[axis]), axis=axis)
        return s, np.delete(spacing, axis)[0]

    def image(self, rng, n):
        """One augmented complex image [n, n]."""
        synthetic = rng.random() < 0.4
        s, mm = self.slice(rng, self.label if synthetic else self.real)
        mag = paint(rng, s) if synthetic else s.astype(np.float64)
        if rng.random() < 0.5:
            mag = mag[::-1]
        if rng.random() < 0.8:
            mag = mag[:, ::-1].T
        if rng.random() < 0.3:
            mag = mag[::-1]  # NIfTI volumes store axial slices upside down
        mag = np.rot90(mag, rng.choice(4, p=(0.7, 0.1, 0.1, 0.1)))
        mag = mag / (np.percentile(mag[mag > 0], 99) + 1e-9)
        if rng.random() < 0.6:
            mag = np.clip(mag, 0, None) ** rng.uniform(0.7, 1.4)
        if rng.random() < 0.3:
            knots = np.sort(rng.uniform(0, 1, 4))
            mag = np.interp(mag, np.linspace(0, 1.3, 6), np.concatenate([[0], knots, [knots[-1] + 0.3]]) * 1.2)
        if rng.random() < 0.6:
            field = grf(rng, max(mag.shape), rng.uniform(1, 3))
            mag = mag * np.exp(rng.uniform(0.1, 0.4) * field[: mag.shape[0], : mag.shape[1]])
        mag = self.place(rng, mag, mm, n)
        mag = np.clip(mag, 0, None) / (np.percentile(mag, 99) + 0.05)
        img = mag * np.exp(1j * phase(rng, n))
        if rng.random() < 0.2:
            k = np.fft.fftshift(np.fft.fft2(img))
            y, x = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n), indexing="ij")
            ry, rx = rng.uniform(0.6, 1.1, 2)
            img = np.fft.ifft2(np.fft.ifftshift(k / (1 + np.exp(((y / ry) ** 2 + (x / rx) ** 2 - 1) * 20))))
        if rng.random() < 0.35:
            img = img + rng.uniform(0, 0.01) * (rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)))
        return (img * np.exp(rng.uniform(-0.35, 0.25))).astype(np.complex64)

    @staticmethod
    def place(rng, mag, mm, n):
        """Crop or pad at native resolution (p 0.4), else rotate, zoom and warp so that the head fills 45-95 % or is cropped."""
        if rng.random() < 0.4:
            out = np.zeros((n, n))
            pos = [rng.integers(min(0, d - n), max(0, d - n) + 1) for d in mag.shape]
            src = tuple(slice(max(p, 0), min(p + n, d)) for p, d in zip(pos, mag.shape))
            dst = tuple(slice(max(-p, 0), max(-p, 0) + (s.stop - s.start)) for p, s in zip(pos, src))
            out[dst] = mag[src]
            return out
        size = max(mag.shape)
        whole = rng.random() < 0.5
        step = size / n / rng.uniform(0.6, 1.0) if whole else np.exp(rng.uniform(np.log(0.7), np.log(1.5)))
        angle = rng.uniform(-15, 15) * np.pi / 180
        rot = step * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        rot = rot @ np.diag(np.exp(rng.normal(0, 0.06, 2)))
        free = np.array(mag.shape) / 2 - (0 if whole else step * n / 3)
        centre = np.array(mag.shape) / 2 + rng.uniform(-1, 1, 2) * (step * n * 0.06 if whole else np.clip(free, 0, None))
        g = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij")).reshape(2, -1) - (n - 1) / 2
        if rng.random() < 0.5:
            g = g + np.stack([grf(rng, n, n / 16).ravel(), grf(rng, n, n / 16).ravel()]) * rng.uniform(0, 2)
        if step > 1.3:
            mag = ndimage.gaussian_filter(mag, 0.35 * step)
        order = 3 if rng.random() < 0.6 else 1
        return ndimage.map_coordinates(mag, rot @ g + centre[:, None], order=order, mode="constant").reshape(n, n)


def to_channels(img):
    return np.stack([img.real, img.imag]).astype(np.float32)


def validation(root, n_slices=4):
    """Held-out images [(name, complex [h, w])]: the real coil-combined brain, slices of t1_demo_pddl with seeded phase."""
    rng = np.random.default_rng(7)
    ref = np.load(os.path.join(root, "kspace/brain_t1_7ch_ref.npz"))["ref"]
    out = [("brain_t1_7ch", ref)]
    v = np.asarray(nib.load(os.path.join(root, "mri/t1_demo_pddl.nii.gz")).dataobj).astype(np.float64)
    for z in np.linspace(0.35, 0.8, n_slices):
        s = np.zeros((224, 224))
        t = v[:, :, int(z * v.shape[2])]
        s[27:27 + t.shape[0], :223] = t
        out.append((f"t1_demo_pddl_{z:.2f}", s.T[::-1] * np.exp(1j * phase(rng, 224))))
    return [(k, (x / np.percentile(np.abs(x), 99)).astype(np.complex64)) for k, x in out]

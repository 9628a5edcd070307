"""Training images for the ct prior: slabs of Hounsfield volumes and of label maps painted as CT, augmented.

A slab [3, n, n] is a slice between its two neighbours, 0.8 to 5 mm apart; where there is none (a lone slice, the end of a
volume) the slice itself stands in its place, noise and all. The network denoises all three, the middle one counts.
The window [-1000, 1500] HU is mapped to [0, 1] (the manifest's rule, used again at inference).
Everything is drawn from one numpy Generator, so a seed fixes the stream.
"""
import glob
import os
import nibabel as nib
import numpy as np
from scipy import ndimage
from data import Images, grf

HU_WINDOW = (-1000.0, 1500.0)
# Sampling weight per volume. chest_vtk holds an 8-bit display window: its lungs are clipped to black and its values are no HU.
VOLUMES = (("chest_lidc0314", 1.0), ("chest_vtk", 0.35))


def load(root, name):
    """Volume in window units [x, y, z] and its spacing in mm."""
    image = nib.load(os.path.join(root, "ct", name + ".nii.gz"))
    v = np.asarray(image.dataobj).astype(np.float32)
    if name == "chest_vtk":
        # Its soft-tissue peak (18) is put where water is (0.4), bright bone (190) at 0.95.
        v = np.where(v <= 6, v * 0.3 / 6, 0.4 + (v - 18) * (0.55 / 172))
    else:
        v = (v - HU_WINDOW[0]) / (HU_WINDOW[1] - HU_WINDOW[0])
    return np.clip(v, 0, 1.2), np.array(image.header.get_zooms()[:3], float)


def paint(rng, labels):
    """A synthetic slab from labels [3, rows, columns]: each label is air, fat, soft tissue, contrast-filled or bone."""
    kinds = np.array([[0.0, 0.02], [0.36, 0.01], [0.42, 0.012], [0.5, 0.05], [0.75, 0.15]])
    k = kinds[rng.choice(5, 40, p=(0.08, 0.17, 0.45, 0.1, 0.2))]
    mean = np.clip(k[:, 0] + k[:, 1] * rng.standard_normal(40), 0, 1.1)
    mean[0] = 0
    out = mean[labels]
    if rng.random() < 0.6:
        out = out + (labels > 0) * 0.01 * grf(rng, max(labels.shape), 30)[: labels.shape[1], : labels.shape[2]]
    return ndimage.gaussian_filter(out, (0, *[rng.uniform(0.3, 0.9)] * 2))


def inserts(rng, slab):
    """A few columns of random density and elliptical section (vessels, calcifications, catheters), leaning a little."""
    n = slab.shape[-1]
    y, x = np.mgrid[0:n, 0:n]
    inside = np.argwhere(slab[1] > 0.2)
    for _ in range(rng.integers(1, 6)):
        if len(inside) == 0:
            return slab
        cy, cx = inside[rng.integers(len(inside))]
        a, b = np.exp(rng.uniform(np.log(1), np.log(14), 2))
        t = rng.uniform(0, np.pi)
        value = rng.normal(0, 0.06 if rng.random() < 0.8 else 0.25)
        lean = rng.normal(0, 1.5, 2)
        reach = rng.random(2) < 0.7
        layers = []
        for z, present in ((-1, reach[0]), (0, True), (1, reach[1])):
            py, px = y - cy - z * lean[0], x - cx - z * lean[1]
            u, v = px * np.cos(t) + py * np.sin(t), py * np.cos(t) - px * np.sin(t)
            soft = 1 / (1 + np.exp(4 * (np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1) * min(a, b)))
            layers.append(soft * value * present)
        slab = slab + np.stack(layers)
    return slab


def around(v, axis, centre, gap):
    """The planes at centre - gap, centre, centre + gap (in slices, the outer ones interpolated), [3, rows, columns]."""
    last = v.shape[axis] - 1
    def at(p):
        p = min(max(p, 0), last)
        low = int(p)
        f = p - low
        # Indexing is a view; np.take would copy the whole volume into C order first.
        a = v[(slice(None),) * axis + (low,)]
        return a if f == 0 else (1 - f) * a + f * v[(slice(None),) * axis + (low + 1,)]
    return np.stack([at(centre - gap), at(centre), at(centre + gap)])


class CtImages:
    def __init__(self, root):
        # Head-like images from label maps: the same files the MR prior uses.
        self.label = [Images.index(np.asarray(nib.load(f).dataobj), np.ones(3)) for f in sorted(glob.glob(os.path.join(root, "mri/labels/*.nii.gz")))]
        self.real = [load(root, name) for name, _ in VOLUMES]
        self.weight = np.array([w for _, w in VOLUMES]) / sum(w for _, w in VOLUMES)

    def plane(self, rng, gap):
        """A random slab [3, rows, columns], `gap` mm between its planes, with its in-plane spacings (mm)."""
        v, mm = self.real[rng.choice(len(self.real), p=self.weight)]
        axis = rng.choice(3, p=(0.12, 0.13, 0.75))
        return around(v, axis, rng.integers(v.shape[axis]), gap / mm[axis]), np.delete(mm, axis)

    def image(self, rng, n):
        """One augmented slab [3, n, n] in window units."""
        gap = np.exp(rng.uniform(np.log(0.8), np.log(5)))
        if rng.random() < 0.25:
            v, mm, planes = self.label[rng.integers(len(self.label))]
            axis = rng.choice([a for a in planes])
            s = paint(rng, around(v, axis, rng.choice(planes[axis]), round(gap)))
            mm = np.ones(2)
        else:
            s, mm = self.plane(rng, gap)
        # NIfTI stores [x, y]: the transpose has rows along y. Any of the eight orientations, the two usual ones most often.
        s, mm = s.transpose(0, 2, 1), mm[::-1]
        if rng.random() < 0.5:
            s = s[:, :, ::-1]
        if rng.random() < 0.5:
            s = s[:, ::-1]
        if rng.random() < 0.15:
            s, mm = s.transpose(0, 2, 1), mm[::-1]
        if rng.random() < 0.5:
            s = s[::-1]
        out = self.place(rng, s, mm, n)
        if rng.random() < 0.5:
            out = np.where(out > 0.05, (out - 0.4) * rng.uniform(0.9, 1.12) + 0.4 + rng.normal(0, 0.01), out)
        if rng.random() < 0.4:
            out = inserts(rng, out)
        if rng.random() < 0.3:
            out = ndimage.gaussian_filter(out, (0, *[rng.uniform(0.3, 0.8)] * 2))
        if rng.random() < 0.25:
            out = out + rng.uniform(0, 0.012) * rng.standard_normal(out.shape)
        lone = rng.random()
        if lone < 0.15:
            out = out[[1, 1, 1]]
        elif lone < 0.22:
            out = out[[1, 1, 2]]
        return np.clip(out, 0, 1.2).astype(np.float32)

    @staticmethod
    def place(rng, s, mm, n):
        """Resample isotropically, rotate, warp: the whole slice in the matrix (p 0.55) or a crop at 0.8-2 mm pixels."""
        extent = np.array(s.shape[1:]) * mm
        whole = rng.random() < 0.55
        step = extent.max() / n / rng.uniform(0.55, 1.35) if whole else np.exp(rng.uniform(np.log(0.8), np.log(2.2)))
        angle = rng.uniform(-20, 20) if rng.random() < 0.7 else rng.uniform(-180, 180)
        c, d = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        rot = step * np.array([[c, -d], [d, c]]) @ np.diag(np.exp(rng.normal(0, 0.08, 2)))
        free = np.clip(extent / 2 - step * n / 3, 0, None)
        centre = extent / 2 + rng.uniform(-1, 1, 2) * (0.08 * step * n if whole else free)
        g = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij")).reshape(2, -1) - (n - 1) / 2
        if rng.random() < 0.6:
            g = g + np.stack([grf(rng, n, n / 20).ravel(), grf(rng, n, n / 20).ravel()]) * rng.uniform(0, 2.5)
        at = (rot @ g + centre[:, None]) / mm[:, None]
        ratio = step / mm
        if ratio.max() > 1.3:
            s = ndimage.gaussian_filter(s, (0, *np.where(ratio > 1.3, 0.35 * ratio, 0)))
        order = 1 if rng.random() < 0.5 else 3
        return np.stack([ndimage.map_coordinates(p, at, order=order, mode="constant").reshape(n, n) for p in s])


def to_channels(slab):
    return slab


# The slice that is scored in validation, and how much each of a slab counts in the loss.
CENTRE = 1
WEIGHTS = (0.15, 1.0, 0.15)


def shared_noise(x, noise):
    """Where a slice stands in for a neighbour, its noise does too."""
    for side in (0, 2):
        same = (x[:, side] == x[:, CENTRE]).flatten(1).all(1)
        noise[same, side] = noise[same, CENTRE]
    return noise


def validation(root, n_slices=6):
    """Held-out slabs [(name, [3, h, w])]: axial slices of body_totalseg_3mm, padded to 128 x 104."""
    v, _ = load(root, "body_totalseg_3mm")
    out = []
    for z in np.linspace(0.08, 0.92, n_slices):
        s = np.zeros((3, 104, 128), np.float32)
        t = around(v, 2, int(z * v.shape[2]), 1).transpose(0, 2, 1)[:, ::-1]
        s[:, : t.shape[1], : t.shape[2]] = t
        out.append((f"body_totalseg_3mm z {z:.2f}", s))
    return out

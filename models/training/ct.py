"""Training images for the ct prior: slices of Hounsfield volumes and of label maps painted as CT, augmented.

The window [-1000, 1500] HU is mapped to [0, 1] (the manifest's rule, used again at inference); an image is float32 [n, n].
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
    """A synthetic slice from a label map: each label is air, fat, soft tissue, contrast-filled or bone."""
    kinds = np.array([[0.0, 0.02], [0.36, 0.01], [0.42, 0.012], [0.5, 0.05], [0.75, 0.15]])
    k = kinds[rng.choice(5, 40, p=(0.08, 0.17, 0.45, 0.1, 0.2))]
    mean = np.clip(k[:, 0] + k[:, 1] * rng.standard_normal(40), 0, 1.1)
    mean[0] = 0
    out = mean[labels]
    if rng.random() < 0.6:
        out = out + (labels > 0) * 0.01 * grf(rng, max(labels.shape), 30)[: labels.shape[0], : labels.shape[1]]
    return ndimage.gaussian_filter(out, rng.uniform(0.3, 0.9))


def inserts(rng, img):
    """A few ellipses of random density (vessels, calcifications, catheters) added inside the body."""
    n = img.shape[0]
    y, x = np.mgrid[0:n, 0:n]
    inside = np.argwhere(img > 0.2)
    for _ in range(rng.integers(1, 6)):
        if len(inside) == 0:
            return img
        cy, cx = inside[rng.integers(len(inside))]
        a, b = np.exp(rng.uniform(np.log(1), np.log(14), 2))
        t = rng.uniform(0, np.pi)
        u, v = (x - cx) * np.cos(t) + (y - cy) * np.sin(t), (y - cy) * np.cos(t) - (x - cx) * np.sin(t)
        soft = 1 / (1 + np.exp(4 * (np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1) * min(a, b)))
        img = img + soft * rng.normal(0, 0.06 if rng.random() < 0.8 else 0.25)
    return img


class CtImages:
    def __init__(self, root):
        # Head-like images from label maps: the same files the MR prior uses.
        self.label = [Images.index(np.asarray(nib.load(f).dataobj), np.ones(3)) for f in sorted(glob.glob(os.path.join(root, "mri/labels/*.nii.gz")))]
        self.real = [load(root, name) for name, _ in VOLUMES]
        self.weight = np.array([w for _, w in VOLUMES]) / sum(w for _, w in VOLUMES)

    def plane(self, rng):
        """A random slice [rows, columns] with its in-plane spacings (mm)."""
        v, mm = self.real[rng.choice(len(self.real), p=self.weight)]
        axis = rng.choice(3, p=(0.12, 0.13, 0.75))
        s = np.take(v, rng.integers(v.shape[axis]), axis=axis)
        return s, np.delete(mm, axis)

    def image(self, rng, n):
        """One augmented image [n, n] in window units."""
        if rng.random() < 0.25:
            v, mm, planes = self.label[rng.integers(len(self.label))]
            axis = rng.choice([a for a in planes])
            s = paint(rng, np.take(v, rng.choice(planes[axis]), axis=axis))
            mm = np.ones(2)
        else:
            s, mm = self.plane(rng)
        # NIfTI stores [x, y]: the transpose has rows along y. Any of the eight orientations, the two usual ones most often.
        s, mm = s.T, mm[::-1]
        if rng.random() < 0.5:
            s = s[:, ::-1]
        if rng.random() < 0.5:
            s = s[::-1]
        if rng.random() < 0.15:
            s, mm = s.T, mm[::-1]
        out = self.place(rng, s, mm, n)
        if rng.random() < 0.5:
            out = np.where(out > 0.05, (out - 0.4) * rng.uniform(0.9, 1.12) + 0.4 + rng.normal(0, 0.01), out)
        if rng.random() < 0.4:
            out = inserts(rng, out)
        if rng.random() < 0.3:
            out = ndimage.gaussian_filter(out, rng.uniform(0.3, 0.8))
        if rng.random() < 0.25:
            out = out + rng.uniform(0, 0.012) * rng.standard_normal((n, n))
        return np.clip(out, 0, 1.2).astype(np.float32)

    @staticmethod
    def place(rng, s, mm, n):
        """Resample isotropically, rotate, warp: the whole slice in the matrix (p 0.55) or a crop at 0.8-2 mm pixels."""
        extent = np.array(s.shape) * mm
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
            s = ndimage.gaussian_filter(s, np.where(ratio > 1.3, 0.35 * ratio, 0))
        return ndimage.map_coordinates(s, at, order=1 if rng.random() < 0.5 else 3, mode="constant").reshape(n, n)


def to_channels(img):
    return img[None].astype(np.float32)


def validation(root, n_slices=6):
    """Held-out images [(name, [h, w])]: axial slices of body_totalseg_3mm, padded to 128 x 104."""
    v, _ = load(root, "body_totalseg_3mm")
    out = []
    for z in np.linspace(0.08, 0.92, n_slices):
        s = np.zeros((104, 128), np.float32)
        t = v[:, :, int(z * v.shape[2])].T[::-1]
        s[: t.shape[0], : t.shape[1]] = t
        out.append((f"body_totalseg_3mm z {z:.2f}", s))
    return out

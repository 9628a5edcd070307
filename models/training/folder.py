"""Images of a folder as they are, for comparing this recipe with `tangent priors train` on one small task.

Every .npy file holds images [n, y, x] (or one [y, x]): real ones give one channel, complex ones two. Nothing is scaled
or augmented; the file named HELD_OUT is not trained on and validates.
"""
import glob
import os
import numpy as np

HELD_OUT = "held-out.npy"


def load(path):
    v = np.load(path)
    return v[None] if v.ndim == 2 else v


class FolderImages:
    def __init__(self, root):
        files = [f for f in sorted(glob.glob(os.path.join(root, "*.npy"))) if os.path.basename(f) != HELD_OUT]
        self.stack = np.concatenate([load(f) for f in files])

    def image(self, rng, n):
        v = self.stack[rng.integers(len(self.stack))]
        if v.shape != (n, n):
            raise SystemExit(f"folder.py: images are {v.shape}, --size is {n}")
        return v


def to_channels(img):
    return (np.stack([img.real, img.imag]) if np.iscomplexobj(img) else img[None]).astype(np.float32)


def channels(root):
    return len(to_channels(load(os.path.join(root, HELD_OUT))[0]))


def validation(root):
    """Held-out images [(name, [y, x])]."""
    return [(f"held out {i}", v) for i, v in enumerate(load(os.path.join(root, HELD_OUT)))]

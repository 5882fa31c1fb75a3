"""``shapes32``: colour images of 32 x 32 drawn from a seed, so that a network for images can be tried without any file.

The class is one of ten: disc, square, triangle, cross, ring, horizontal, vertical and diagonal stripes, checker, two dots. Drawn
besides: the position, the scale in [0.35, 0.9], the rotation (none for stripes, which it would turn into one another), two
colours whose mean absolute difference is at least 0.25, and Gaussian noise of standard deviation 0.1, cut to [0, 1].
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nets.core.data.record import Images, hashes_agree, sha256
from theory.errors import InputError

CLASSES = ("disc", "square", "triangle", "cross", "ring", "horizontal", "vertical", "diagonal", "checker", "two dots")
SIDE = 32
EXPECTED = {
    "train": "9baf05ff544425ff641ae73dfe9787ee53d9f1305f17bfc48a1983c5b2ffbda2",
    "test": "c9e7d68d5615727270c11919fd001d7eb78c3f30a900b0d50eb16931bb01f992",
}  # another processor's sine may move a pixel: that is a warning


def shapes32(root: str | Path | None, strict: bool) -> Images:
    """10,000 and 2000 images, of seeds 0 and 1."""
    splits = {"train": draw_shapes(10_000, 0), "test": draw_shapes(2000, 1)}
    found = {split: sha256(images) for split, (images, _) in splits.items()}
    verified = hashes_agree("shapes32", found, EXPECTED, original=False, strict=strict)
    return Images("shapes32", "drawn from seeds 0 and 1", found, EXPECTED, verified, splits, 255, 10)


def draw_shapes(n: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw images.

    Parameters
    ----------
    n : int
        How many.
    seed : int

    Returns
    -------
    images, labels : ndarray
        (n, 32, 32, 3) and (n,), uint8.

    Examples
    --------
    >>> images, labels = draw_shapes(20, seed=3)
    >>> images.shape, images.dtype, int(labels.max()) <= 9
    ((20, 32, 32, 3), dtype('uint8'), True)
    """
    if n < 1:
        raise InputError(f"n: {n} images; give at least one")
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, n).astype(np.uint8)
    images = np.empty((n, SIDE, SIDE, 3), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        mask = _mask(int(label), generator)
        back, front = _colours(generator)
        drawn = np.where(mask[..., None], front, back) + 0.1 * generator.standard_normal((SIDE, SIDE, 3))
        image[:] = np.rint(255 * np.clip(drawn, 0, 1))
    return images, labels


def _colours(generator: np.random.Generator) -> NDArray[np.float64]:
    while True:
        pair = generator.random((2, 3))
        if np.abs(pair[0] - pair[1]).mean() >= 0.25:
            return pair


def _mask(label: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """(32, 32): where the shape is. x and y are in units of its radius, from its middle."""
    scale = generator.uniform(0.35, 0.9)
    cx, cy = generator.uniform(-1, 1, 2) * (1 - scale)  # wholly inside
    angle = generator.uniform(0, 2 * np.pi)
    axis = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid((axis - cx) / scale, (axis - cy) / scale)
    turn_x, turn_y = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    r = np.hypot(x, y)
    half = np.sqrt(0.5)  # of a square within the unit disc
    inside = np.maximum(np.abs(turn_x), np.abs(turn_y)) < half
    match CLASSES[label]:
        case "disc":
            return r < 1
        case "square":
            return inside
        case "triangle":
            return (turn_y > -0.5) & (np.sqrt(3) * np.abs(turn_x) + turn_y < 1)
        case "cross":
            return (np.minimum(np.abs(turn_x), np.abs(turn_y)) < 0.25) & (np.maximum(np.abs(turn_x), np.abs(turn_y)) < 0.95)
        case "ring":
            return (r < 1) & (r > 0.6)
        case "horizontal":
            return np.floor(y * 2.5) % 2 == 0
        case "vertical":
            return np.floor(x * 2.5) % 2 == 0
        case "diagonal":
            return np.floor((x + y) * half * 2.5) % 2 == 0
        case "checker":
            return (np.floor(turn_x * 2) + np.floor(turn_y * 2)) % 2 == 0
        case _:
            return np.hypot(np.abs(turn_x) - 0.6, turn_y) < 0.35

"""``mnist1d``: ten classes of short signals, hard for a linear classifier and small enough for any machine; generated, no file.

S. Greydanus, *Scaling down deep learning*, arXiv 2011.14439, and the program published with it (package mnist1d 0.0.2): with its
default arguments and random numbers these are its samples. A signal is a template of 12 points, one a class, that is

    padded with 36 to 60 zeros and stretched to 72 points, scaled by a factor from 0.8 to 1.2, shifted cyclically by up to 47,
    given noise of deviation 0.25 smoothed by a Gaussian of width 2 where it was padded, and white noise of 0.02 everywhere,
    sheared by a line through 0 that rises by up to 0.375 to either side, and thinned out to 40 points;

then all signals together get mean 0 and deviation 1. They are shuffled; the first 4000 are to train on, 1000 to test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nets.core.data.record import Signals, hashes_agree, sha256
from theory.errors import InputError

LENGTH = 40
_STRETCHED, _PADDING, _SHIFTS = 72, (36, 60), 48
_SCALE, _SMOOTH_NOISE, _NOISE, _SHEAR = 0.4, 0.25, 2e-2, 0.75
_TEMPLATES = (  # the ten digits, drawn as functions of one variable
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)
EXPECTED = {  # of the published program's own output: signals in thousandths, labels
    "signals": "ebdbb04fdf78969dd363202b7bd8659e0a1917be0ed5ab733f8fd0c2554b1b95",
    "labels": "4f5f4160c519e3c47f9d3e196c161336fcd32126a9efffe4153d6e7c8b73f963",
}


def mnist1d(root: str | Path | None, strict: bool) -> Signals:
    """4000 and 1000 signals of 40 points, of seed 42."""
    signals, labels = draw_signals(5000, 42)
    found = {"signals": sha256(np.rint(1e3 * signals).astype(np.int16)), "labels": sha256(labels)}
    verified = hashes_agree("mnist1d", found, EXPECTED, original=False, strict=strict)
    single = signals.astype(np.float32)
    splits = {"train": (single[:4000], labels[:4000]), "test": (single[4000:], labels[4000:])}
    return Signals("mnist1d", "generated from seed 42", found, EXPECTED, verified, splits, 10)


def templates() -> NDArray[np.float64]:
    """The ten templates: standardised, starting at 0, divided by 6; (10, 12)."""
    x = np.array(_TEMPLATES)
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    return np.asarray((x - x[:, :1]) / 6)


def draw_signals(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Draw signals, equally many of each class.

    Parameters
    ----------
    n : int
        How many: a multiple of 10.
    seed : int

    Returns
    -------
    signals, labels : ndarray
        (n, 40), float64, and (n,), uint8.

    Examples
    --------
    >>> signals, labels = draw_signals(50, seed=3)
    >>> signals.shape, signals.dtype, np.bincount(labels).tolist()
    ((50, 40), dtype('float64'), [5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    if n < 10 or n % 10:
        raise InputError(f"n: {n} signals; give a multiple of 10, as there are ten classes")
    random = np.random.RandomState(seed)  # the old generator: that of the published program
    signals = np.array([_signal(template, random) for template in templates() for _ in range(n // 10)])
    order = random.permutation(n)
    signals, labels = signals[order], np.repeat(np.arange(10, dtype=np.uint8), n // 10)[order]
    return (signals - signals.mean()) / signals.std(), labels


def _signal(template: NDArray[np.float64], random: np.random.RandomState) -> NDArray[np.float64]:
    """One signal; the draws are in the order of the published program."""
    from scipy.ndimage import gaussian_filter1d

    low, high = _PADDING
    padding = low + int(random.rand() * (high - low + 1))
    # The tiny number tells a template's own zeros from padding, in which alone there is smooth noise.
    x = _resampled(np.concatenate((template + 1e-8, np.zeros(padding))), _STRETCHED)
    x = x * (1 + _SCALE * (random.rand() - 0.5))
    x = np.roll(x, random.choice(_SHIFTS))
    smooth = gaussian_filter1d(_SMOOTH_NOISE * random.randn(_STRETCHED), 2)
    x = np.where(x != 0, x, smooth) + _NOISE * random.randn(_STRETCHED)
    x = x - _SHEAR * (random.rand() - 0.5) * np.linspace(-0.5, 0.5, _STRETCHED)
    return _resampled(x, LENGTH)


def _resampled(x: NDArray[np.float64], points: int) -> NDArray[np.float64]:
    return np.interp(np.linspace(0, 1, points), np.linspace(0, 1, len(x)), x)

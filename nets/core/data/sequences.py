"""Images as sequences: one value a step (pixel by pixel, or in one fixed permuted order), or one row a step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError


def pixel_sequences(
    images: NDArray[Any], maximum: int, permutation_seed: int | None = None, rows: bool = False
) -> NDArray[np.float32]:
    """Images by steps, values in [0, 1].

    Parameters
    ----------
    images : ndarray
        (n, height, width) or (n, height, width, channels).
    maximum : int
        The value that is white (``Images.maximum``).
    permutation_seed : int, optional
        Pixels in the order :func:`permutation` gives, the same for all images; by rows from the top left by default. Store it
        with results.
    rows : bool
        One row a step instead of one pixel.

    Returns
    -------
    ndarray
        (n, height * width, channels), or with ``rows`` (n, height, width * channels).

    Raises
    ------
    InputError
        If ``rows`` and a permutation are both asked for, or ``images`` has another number of axes.

    Examples
    --------
    >>> pixel_sequences(np.array([[[0, 16], [8, 4]]]), maximum=16)[0, :, 0].tolist()
    [0.0, 1.0, 0.5, 0.25]
    """
    if images.ndim not in (3, 4):
        raise InputError(f"images: {images.ndim} axes; give (n, height, width) or (n, height, width, channels)")
    if rows and permutation_seed is not None:
        raise InputError("permutation_seed: rows aren't permuted; leave it out or take rows=False")
    n, height, width = images.shape[:3]
    values = images.astype(np.float32) / np.float32(maximum)
    if rows:
        return values.reshape(n, height, -1)
    steps = values.reshape(n, height * width, -1)
    return steps if permutation_seed is None else steps[:, permutation(height * width, permutation_seed)]


def permutation(steps: int, seed: int) -> NDArray[np.int64]:
    """The fixed order of pixels that belongs to a seed, (steps,).

    >>> sorted(permutation(4, seed=0).tolist())
    [0, 1, 2, 3]
    """
    return np.random.default_rng(seed).permutation(steps)

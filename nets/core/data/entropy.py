"""Plug-in conditional entropies of a text, H_k = H(X_k | X_0 .. X_{k-1}), in bits a byte.

Notation: k is the length of the context. H_k is the entropy of windows of length k+1 at positions 0 .. n-k-1 minus that of the
windows of length k at the same positions, so that it is the conditional entropy of one empirical law. For k >= 3 it is well
below the entropy of the source, as most contexts are seen a few times only: the honest baseline is :mod:`nets.core.data.ngram`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

LONGEST = 7  # a window of k+1 <= 8 bytes is one 64-bit number


def windows(symbols: NDArray[np.uint8], length: int) -> NDArray[np.uint64]:
    """Every window of ``length`` <= 8 bytes as one number, the last byte lowest: (n - length + 1,)."""
    count = len(symbols) - length + 1
    numbers = np.zeros(count, dtype=np.uint64)
    for i in range(length):
        numbers = (numbers << np.uint64(8)) | symbols[i : i + count].astype(np.uint64)
    return numbers


def conditional_entropy(text: bytes, k: int) -> float:
    """H_k of a text, see the head of this file.

    Parameters
    ----------
    text : bytes
        Of more than k bytes.
    k : int
        Length of the context, 0 to 7.

    Returns
    -------
    float
        Bits a byte.

    Raises
    ------
    InputError
        If the text is too short or k out of range.

    Examples
    --------
    >>> round(conditional_entropy(b"abracadabra", 0), 6), round(conditional_entropy(b"abracadabra", 1), 6)
    (2.040373, 0.6)
    """
    if not 0 <= k <= LONGEST:
        raise InputError(f"k: {k} isn't a length of context from 0 to {LONGEST}")
    if len(text) <= k:
        raise InputError(f"text: {len(text)} bytes hold no window of {k + 1}; give a longer text")
    joint = windows(np.frombuffer(text, dtype=np.uint8), k + 1)
    return _entropy(joint) - (_entropy(joint >> np.uint64(8)) if k else 0.0)


def _entropy(numbers: NDArray[np.uint64]) -> float:
    counts = np.unique(numbers, return_counts=True)[1]
    n = len(numbers)
    return float(np.log2(n) - (counts * np.log2(counts)).sum() / n)

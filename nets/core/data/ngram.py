"""The n-gram model that a recurrent network has to beat: Witten-Bell interpolation.

I. H. Witten, T. C. Bell, *The zero-frequency problem*, IEEE Transactions on Information Theory 37 (1991), method C, in its
interpolated form. Notation: h is a context of k bytes, x the byte after it, c(h, x) and c(h) counts in the training text, T(h)
the number of distinct bytes seen after h. From p = 1/256, for k = 0, 1, .. order: p <- (c(h, x) + T(h) p) / (c(h) + T(h)), where
a context never seen leaves p as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nets.core.data.entropy import LONGEST, windows
from theory.errors import InputError


@dataclass(frozen=True)
class NGram:
    """A trained model; see :func:`train_ngram`.

    Attributes
    ----------
    pairs, contexts : tuple of (values, counts[, followers])
        For each k: windows of k+1 bytes with c(h, x); contexts with c(h) and T(h). All sorted.
    """

    pairs: tuple[tuple[NDArray[np.uint64], NDArray[np.int64]], ...]
    contexts: tuple[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]], ...]

    def probabilities(self, text: bytes) -> NDArray[np.float64]:
        """The probability of each byte of a text given those before it in this text, for the highest order.

        Returns
        -------
        ndarray
            (order + 1, n): row k is the prediction of the model of order k. A byte with fewer than k before it gets the
            prediction of the longest context that there is.
        """
        symbols = np.frombuffer(text, dtype=np.uint8)
        p = np.full(len(symbols), 1 / 256)
        rows = []
        for k, ((pairs, joint), (contexts, count, followers)) in enumerate(zip(self.pairs, self.contexts, strict=True)):
            if k < len(symbols):
                at = windows(symbols, k + 1)
                found, where = _find(contexts, at >> np.uint64(8))
                c_h, t_h = np.where(found, count[where], 0), np.where(found, followers[where], 1)
                found, where = _find(pairs, at)
                c_hx = np.where(found, joint[where], 0)
                p = p.copy()
                p[k:] = np.where(c_h > 0, (c_hx + t_h * p[k:]) / (c_h + t_h), p[k:])
            rows.append(p)
        return np.array(rows)

    def bits(self, text: bytes) -> list[float]:
        """Mean negative log2 probability a byte of ``text``, for each order 0, 1, .. ."""
        if not text:
            raise InputError("text: there are no bytes to predict; give at least one")
        return [float(x) for x in -np.log2(self.probabilities(text)).mean(axis=1)]


def train_ngram(text: bytes, order: int) -> NGram:
    """Count contexts of up to ``order`` bytes.

    Parameters
    ----------
    text : bytes
        The training text, longer than ``order``.
    order : int
        0 to 7.

    Raises
    ------
    InputError
        If one is out of range.

    Examples
    --------
    >>> [round(b, 3) for b in train_ngram(b"abracadabra", 2).bits(b"abra")]
    [2.329, 1.025, 0.873]
    """
    if not 0 <= order <= LONGEST:
        raise InputError(f"order: {order} isn't a length of context from 0 to {LONGEST}")
    if len(text) <= order:
        raise InputError(f"text: {len(text)} bytes are too short for contexts of {order}; give a longer text")
    symbols = np.frombuffer(text, dtype=np.uint8)
    pairs, contexts = [], []
    for k in range(order + 1):
        values, counts = np.unique(windows(symbols, k + 1), return_counts=True)
        known, first = np.unique(values >> np.uint64(8), return_index=True)  # sorted alike, so each context is one run
        followers = np.diff(np.append(first, len(values)))
        pairs.append((values, counts.astype(np.int64)))
        contexts.append((known, np.add.reduceat(counts, first).astype(np.int64), followers.astype(np.int64)))
    return NGram(tuple(pairs), tuple(contexts))


def _find(sorted_values: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether and where each wanted value is in a sorted array; somewhere valid if it isn't."""
    where = np.minimum(np.searchsorted(sorted_values, wanted), len(sorted_values) - 1)
    return sorted_values[where] == wanted, where

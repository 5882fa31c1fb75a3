"""HotTopic compared many sets of flips at a time, for measuring along its runs; see :class:`theory.problems.HotTopic`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from proofs_check.codec.functions import Oracle
from theory.problems import HotTopic


class HotOracle(Oracle):
    """Signs from the numbers of zero-bits in the sets B_i, which are counted once a point.

    Examples
    --------
    >>> f = HotTopic(alpha="1/2", beta="1/4", eps=0, levels=3, seed=1)
    >>> x = np.array([0, 1, 1, 0, 1, 0, 1, 1], dtype=np.uint8)
    >>> sets = [np.array([0]), np.array([0, 1]), np.array([3, 4, 6])]
    >>> HotOracle(f, 8).signs(x, sets).tolist() == [Oracle(8, f.value).sign(x, flips) for flips in sets]
    True
    """

    def __init__(self, f: HotTopic, n: int) -> None:
        super().__init__(n, f.value, known=True)
        hot, small = f.sets(n)
        self.allowed = int(f.eps * small.shape[1])
        self.in_hot = np.zeros((f.levels + 1, n), dtype=np.int64)  # row l: the set A_(l+1), empty beyond the last level
        self.in_small = np.zeros((f.levels, n), dtype=np.float32)
        rows = np.arange(f.levels)[:, None]
        self.in_hot[rows, hot], self.in_small[rows, small] = 1, 1
        self._counted, self._hot_ones = b"", dict[int, int]()

    def _count(self, x: np.ndarray) -> None:
        key = x.tobytes()
        if key != self._counted:
            self._counted = key
            self._zeros = self.in_small @ (1 - x).astype(np.float32)
            self._level = self._reached(self._zeros[:, None])[0]
            self._ones, self._hot_ones = int(x.sum()), {}

    def _hot(self, x: np.ndarray, level: int) -> int:
        """One-bits in A_(level + 1)."""
        if level not in self._hot_ones:
            self._hot_ones[level] = int(self.in_hot[level] @ x)
        return self._hot_ones[level]

    def _reached(self, zeros: np.ndarray) -> np.ndarray:
        """The largest level whose number of zero-bits is allowed, for each column."""
        reached = zeros <= self.allowed
        last = reached.shape[0] - np.argmax(reached[::-1], axis=0)
        return np.where(reached.any(axis=0), last, 0)

    def level(self, x: np.ndarray) -> int:
        """l(x)."""
        self._count(x)
        return int(self._level)

    def signs(self, x: np.ndarray, sets: Sequence[np.ndarray]) -> np.ndarray:
        self._count(x)
        sizes = [len(flips) for flips in sets]
        assert min(sizes) > 0
        flips, first = np.concatenate(sets), np.cumsum([0, *sizes[:-1]])
        gain = 1 - 2 * x[flips].astype(np.int64)
        change = np.add.reduceat(self.in_small[:, flips] * gain.astype(np.float32), first, axis=1)
        level = self._reached(self._zeros[:, None] - change)
        hot = self.in_hot[np.repeat(level, sizes), flips]
        kinds, which = np.unique(level, return_inverse=True)
        inside = np.array([self._hot(x, int(k)) for k in kinds])[which] + np.add.reduceat(gain * hot, first)
        ones = self._ones + np.add.reduceat(gain, first)
        n, old = self.n, self._hot(x, int(self._level))
        after = level * n * n + n * inside + ones - inside
        return np.sign(after - (self._level * n * n + n * old + self._ones - old)).astype(np.int8)

    def sign(self, x: np.ndarray, flips: Sequence[int] | np.ndarray) -> int:
        return int(self.signs(x, [np.asarray(flips)])[0]) if len(flips) else 0

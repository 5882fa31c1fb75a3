"""HotTopic: strictly monotone, and exponentially hard for the (1+1) EA whose rate is above a threshold.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018); J. Lengler, *A general dichotomy of evolutionary
algorithms on monotone functions*, IEEE Transactions on Evolutionary Computation 24 (2020).

Notation: 0 < beta < alpha < 1, 0 <= eps < 1, L ``levels``. For i = 1, ..., L the set A_i of floor(alpha n) bits is uniform, and
B_i a uniform subset of it with floor(beta n) bits. The level l(x) is the largest i such that at most eps |B_i| bits of B_i are
zero, 0 if there is none. With A = A_{l+1} (empty beyond the last level) and R the other bits

    f(x) = l(x) n^2 + n (number of one-bits in A) + (number of one-bits in R).
"""

from __future__ import annotations

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer
from theory.values import exact, number

_LARGEST = 2**27  # entries of the sets' matrix
_EXACT = 2**53  # up to here the kernels' floats are exact integers


def value(x, data):
    """Level by level from the top; the first row of data holds |A|, |B|, the number of zeros allowed, and L."""
    n = x.size
    hot, small, allowed, levels = data[0, 0], data[0, 1], data[0, 2], data[0, 3]
    level = levels
    while level > 0:
        zeros = 0
        for j in range(small):
            if x[data[level, j]] == 0:
                zeros += 1
                if zeros > allowed:
                    break
        if zeros <= allowed:
            break
        level -= 1
    ones = 0
    for i in range(n):
        ones += 1 if x[i] == 1 else 0
    inside = 0
    if level < levels:
        for j in range(hot):
            inside += 1 if x[data[level + 1, j]] == 1 else 0
    return float(level * n * n + n * inside + ones - inside)


def judge(x, flips, m, ups, k, v, data):
    """From what is remembered of x: whether y reaches a higher level, loses its own, or how many ones it gains where.

    Elsewhere by the values of both points, exact integers below 2^53.
    """
    if data[0, 4] == 0:
        before = value(x, data)
        for j in range(m):
            x[flips[j]] ^= 1
        after = value(x, data)
        for j in range(m):
            x[flips[j]] ^= 1
        return (after > before) - (after < before), after
    n, allowed, levels, level = x.size, data[0, 2], data[0, 3], data[0, 6]
    flat = data.reshape(data.size)
    begin = data[0, 5]
    counts = begin + n + 1 + levels * data[0, 1]
    marks = counts + levels + 1
    change, zeros = np.int64(0), np.int64(0)
    for j in range(m):
        gain = 1 - 2 * np.int64(x[flips[j]])
        mark = flat[marks + flips[j]]
        change += gain * (n if mark & 1 else 1)
        zeros -= gain * (mark >> 1)
    reached = level
    for j in range(m if data[0, 7] - ups <= allowed else 0):  # a higher level has one of the ups in its set
        entry = flat[begin + flips[j] + 1] - 1
        while x[flips[j]] == 0 and entry >= flat[begin + flips[j]] and flat[entry] > reached:
            i = flat[entry]
            there = flat[counts + i]
            if there - ups <= allowed:
                for other in range(m):
                    first, last = flat[begin + flips[other]], flat[begin + flips[other] + 1]
                    end = last
                    while first < last:  # is i among its levels? the list ascends
                        middle = (first + last) // 2
                        if flat[middle] < i:
                            first = middle + 1
                        else:
                            last = middle
                    if first < end and flat[first] == i:
                        there += 2 * np.int64(x[flips[other]]) - 1
                if there <= allowed:
                    reached = i
            entry -= 1
    if reached > level:
        for j in range(m):
            x[flips[j]] ^= 1
        after = value(x, data)
        for j in range(m):
            x[flips[j]] ^= 1
        return 1, after
    if level > 0 and flat[counts + level] + zeros > allowed:
        return -1, -1.0
    return 1 if change > 0 else (-1 if change < 0 else 0), v + change


# What is remembered of x, in a copy of data: the first row also holds 1, where the rest begins in the flat array, l(x), and a
# lower bound on the zeros in each B_i above l(x); the rest is, one behind the other,
#   for each position where its list begins (n + 1 entries), the lists of the levels i with the position in B_i,
#   for each level the number of zeros in B_i (L + 1 entries), for each position 1 if it is in A_{l+1}, plus 2 if it is in B_l.


def remembered(x, data):
    """A copy of data with room, unless data is one, brought up to date from nothing."""
    n, small, levels, width = x.size, data[0, 1], data[0, 3], data.shape[1]
    room = 2 * n + 2 + levels * small + levels
    if data.size + room > 33554432:  # 2^25 entries: then counts are made anew
        return data
    known = data
    if data[0, 4] == 0:
        known = np.zeros((data.shape[0] + (room + width - 1) // width, width), np.int64)
        flat, given = known.reshape(known.size), data.reshape(data.size)
        for i in range(data.size):  # known[: data.shape[0]] = data would compile numba's words about shapes
            flat[i] = given[i]
        known[0, 4], known[0, 5] = 1, data.size
        begin, lists = data.size, data.size + n + 1
        for i in range(1, levels + 1):
            for j in range(small):
                flat[begin + known[i, j] + 1] += 1
        flat[begin] = lists
        for j in range(n):
            flat[begin + j + 1] += flat[begin + j]
        filled = np.zeros(n, np.int64)
        for i in range(1, levels + 1):
            for j in range(small):
                place = known[i, j]
                flat[flat[begin + place] + filled[place]] = i
                filled[place] += 1
    flat = known.reshape(known.size)
    counts = known[0, 5] + n + 1 + levels * small
    for i in range(1, levels + 1):
        flat[counts + i] = 0
        for j in range(small):
            flat[counts + i] += 1 - x[known[i, j]]
    known[0, 6] = -1
    moved(x, np.empty(0, np.int64), 0, known)
    return known


def moved(x, flips, m, data):
    """Change the counts of the levels concerned; the level and the marks where it has changed."""
    if data[0, 4] == 0:
        return
    n, allowed, levels = x.size, data[0, 2], data[0, 3]
    flat = data.reshape(data.size)
    begin = data[0, 5]
    counts = begin + n + 1 + levels * data[0, 1]
    old = data[0, 6]
    level, fewest = old, data[0, 7]
    if old < 0:  # nothing is known yet
        level = levels
        while level > 0 and flat[counts + level] > allowed:
            level -= 1
    for j in range(m):
        if x[flips[j]] == 0:
            for entry in range(flat[begin + flips[j]], flat[begin + flips[j] + 1]):
                flat[counts + flat[entry]] += 1
    for j in range(m):  # the counts that fall come last, so that a level that is seen is reached
        if x[flips[j]] == 1:
            for entry in range(flat[begin + flips[j]], flat[begin + flips[j] + 1]):
                i = flat[entry]
                zeros = flat[counts + i] - 1
                flat[counts + i] = zeros
                if i > old:
                    fewest = min(fewest, zeros)
                    if zeros <= allowed:
                        level = max(level, i)
    if level == old:
        data[0, 7] = fewest
        return
    data[0, 6], data[0, 7] = level, n + 1
    for i in range(level + 1, levels + 1):
        data[0, 7] = min(data[0, 7], flat[counts + i])
    marks = counts + levels + 1
    for i in range(n):
        flat[marks + i] = 0
    if level < levels:
        for j in range(data[0, 0]):
            flat[marks + data[level + 1, j]] = 1
    if level > 0:
        for j in range(data[0, 1]):
            flat[marks + data[level, j]] += 2


class HotTopic(Problem):
    """A random strictly monotone function with a changing set of bits that matter most.

    Parameters
    ----------
    alpha, beta : numbers
        Shares of the bits in the sets A_i and B_i, 0 < beta < alpha < 1.
    eps : number
        Share of zero-bits in B_i up to which level i counts as reached, 0 <= eps < 1.
    levels : int
        L; exponentially many in n in the theory.
    seed : int
        Of the random sets, which depend on it, on n and on the parameters alone.

    Raises
    ------
    InputError

    Examples
    --------
    >>> f = HotTopic(alpha="1/2", beta="1/4", eps=0, levels=3, seed=1)
    >>> f.value([1] * 8)
    200
    >>> f.sets(8)[0].shape
    (3, 4)
    """

    strictly_monotone = True
    hooks = {"value": value, "judge": judge, "remembered": remembered, "moved": moved}

    def __init__(
        self, alpha: object = "1/4", beta: object = "1/20", eps: object = "1/20", levels: int = 100, seed: int = 0
    ) -> None:
        self.alpha, self.beta, self.eps = (exact(number(x, name)) for x, name in ((alpha, "alpha"), (beta, "beta"), (eps, "eps")))
        if not 0 < self.alpha < 1:
            raise InputError(f"alpha: {alpha!r} must lie between 0 and 1")
        if not 0 < self.beta < self.alpha:
            raise InputError(f"beta: {beta!r} must lie between 0 and alpha = {self.alpha}")
        if not 0 <= self.eps < 1:
            raise InputError(f"eps: {eps!r} must be at least 0 and less than 1")
        self.levels = positive_integer(levels, "levels")
        if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise InputError(f"seed: {seed!r} must be an integer from 0 on")
        self.seed = int(seed)
        self._data: dict[int, np.ndarray] = {}

    @property
    def key(self) -> str:
        parts = f"alpha={self.alpha}, beta={self.beta}, eps={self.eps}, levels={self.levels}, seed={self.seed}"
        return f"HotTopic({parts})"

    def check(self, n):
        hot, small = self._sizes(n)
        if small < 1:
            raise InputError(f"beta: {self.beta} of n = {n} bits is less than one bit; give a larger n or beta")
        if (self.levels + 1) * max(hot, 8) > _LARGEST:
            raise InputError(f"levels: {self.levels} sets of {hot} bits are more than {_LARGEST} entries; give fewer")
        if (self.levels + 1) * n * n >= _EXACT:
            raise InputError(f"levels: {self.levels} with n = {n} makes values beyond 2^53; give fewer")

    def _sizes(self, n: int) -> tuple[int, int]:
        return int(self.alpha * n), int(self.beta * n)

    def data(self, n):
        """First row |A|, |B|, zeros allowed, L, and zeros; then a row for each level: A_i, its first |B| entries being B_i."""
        if n not in self._data:
            self.check(n)
            hot, small = self._sizes(n)
            rng = np.random.default_rng([self.seed, n, hot, small])
            matrix = np.zeros((self.levels + 1, max(hot, 8)), dtype=np.int64)
            matrix[0, :4] = hot, small, int(self.eps * small), self.levels
            for i in range(1, self.levels + 1):
                matrix[i, :hot] = rng.permutation(n)[:hot]  # its first entries are a uniform subset of it
            self._data = {n: matrix}
        return self._data[n]

    def sets(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The sets A_i and B_i, as rows of positions, shapes (L, |A|) and (L, |B|)."""
        matrix = self.data(n)
        hot, small = self._sizes(n)
        return matrix[1:, :hot], matrix[1:, :small]

    def level(self, x: np.ndarray) -> int:
        """l(x).

        >>> HotTopic("1/2", "1/4", 0, 3, 1).level([0] * 8)
        0
        """
        bits = np.asarray(x)
        _, small = self.sets(len(bits))
        reached = np.flatnonzero((1 - bits.astype(np.int64))[small].sum(axis=1) <= int(self.eps * small.shape[1]))
        return int(reached[-1]) + 1 if reached.size else 0

    def value(self, x):
        bits = np.asarray(x, dtype=np.int64)
        n, level, ones = len(bits), self.level(bits), int(bits.sum())
        inside = int(bits[self.sets(n)[0][level]].sum()) if level < self.levels else 0
        return level * n * n + n * inside + ones - inside

    def value_range(self, n):
        return (0.0, float(self.levels * n * n + n))

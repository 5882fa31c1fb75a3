"""The W-model: OneMax or LeadingOnes behind layers that make it harder, each by a parameter of its own.

T. Weise, Z. Wu, *Difficult features of combinatorial optimization problems and the tunable W-model benchmark problem for
simulating them*, GECCO 2018. The layers here are those of the suite PBO: C. Doerr, F. Ye, N. Horesh, H. Wang, O. Shir, T. Bäck,
*Benchmarking discrete optimization heuristics with IOHprofiler*, Applied Soft Computing 88 (2020), functions 4-10 and 11-17.

Notation, in the order of the layers; n bits go in, the base sees q:

* dummy: only floor(n * ``dummy``) of the bits count, those at ``positions``;
* neutrality: each ``neutrality`` = mu bits in a row become one, 1 if at least half of them are ones; what is left over is lost;
* epistasis: each ``epistasis`` = nu bits z_1 .. z_nu in a row (the last block may be shorter) become nu others: the last one
  is the parity of them all, the i-th the parity of all but z_e, e = nu - (nu - i - 1) mod 4;
* the base, on q bits: y;
* ruggedness: y becomes r(y), of which r(q) is the largest. 1: two neighbours each become one value; 2: two neighbours each
  below q change places; 3: the values below q are turned around in blocks of five. Neighbours and blocks are taken from the top;
  what is left over at 0 is a block of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer
from theory.problems.leadingones import LeadingOnes
from theory.problems.onemax import OneMax
from theory.problems.parts import judge as judge_sum
from theory.values import exact, number

BASES: tuple[type[Problem], ...] = (OneMax, LeadingOnes)


def rugged(y: int, q: int, kind: int) -> int:
    """r(y), y = 0..q.

    >>> [[rugged(y, 7, kind) for y in range(8)] for kind in (1, 2, 3)]
    [[1, 2, 2, 3, 3, 4, 4, 5], [0, 2, 1, 4, 3, 6, 5, 7], [1, 0, 6, 5, 4, 3, 2, 7]]
    """
    if kind == 1:
        return (y + q % 2) // 2 + 1 if y < q else (q + 1) // 2 + 1
    if y == q or kind == 0:
        return y
    if kind == 2:
        return y + 1 if (q - y) % 2 == 0 else max(y - 1, 0)
    low = y - (y - q) % 5  # the block y lies in starts here, and at 0 if it is the lowest
    return max(low, 0) + low + 4 - y


def level(k, n, data):
    """r(n - k), from the table in row 1."""
    return data[1, n - k]


def part(x, j, data):
    """The ones (for LeadingOnes: the leading ones) among the bits that block j becomes."""
    mu, nu = data[0, 3], data[0, 4]
    length = min(nu, data[0, 1] - j * nu)
    parity = np.int64(0)
    for i in range(j * nu, j * nu + length):
        ones = 0
        for place in range(i * mu, (i + 1) * mu):
            ones += 1 - (x[data[2, place]] ^ data[3, data[2, place]])
        parity ^= np.int64(2 * ones >= mu)
    total = np.int64(0)
    for i in range(length):
        bit = parity
        if i < length - 1:
            without = j * nu + length - 1 - (length - i - 2) % 4
            ones = 0
            for place in range(without * mu, (without + 1) * mu):
                ones += 1 - (x[data[2, place]] ^ data[3, data[2, place]])
            bit ^= np.int64(2 * ones >= mu)
        if bit == 0 and data[0, 2] == 1:
            break
        total += bit
    return total


def part_of(i, data):
    """From the table in row 4."""
    return data[4, i]


def value(x, data):
    """r of the sum over the blocks; on LeadingOnes up to the first block that isn't full."""
    total = 0
    for j in range(data[0, 0]):
        ones = part(x, j, data)
        total += ones
        if data[0, 2] == 1 and ones < min(data[0, 4], data[0, 1] - j * data[0, 4]):
            break
    return data[1, total]


def judge(x, flips, m, ups, k, v, data):
    """From nothing: what v says of y is not enough."""
    for j in range(m):
        x[flips[j]] ^= 1
    after = value(x, data)
    for j in range(m):
        x[flips[j]] ^= 1
    return (after > v) - (after < v), after


def optimal(k, v, target):
    """More points than one may be best."""
    return v >= target


class WModel(Problem):
    """OneMax or LeadingOnes with the layers of the W-model, as the suite PBO has them.

    The canonical optimum has z = 1, 0, .., 0 in each block of epistasis; where other points are as good, a run ends at any.

    Parameters
    ----------
    base : Problem or text
        OneMax (the default) or LeadingOnes.
    dummy : number in (0, 1], optional
        The share of the bits that count.
    neutrality : int, optional
        mu, at least 2.
    epistasis : int, optional
        nu, at least 2.
    ruggedness : {1, 2, 3}, optional
    positions : sequence of int, optional
        With ``dummy``: positions of the bits that count, from 0, in their order; by default the first ones. Under mutation that
        treats all bits alike they make no difference; the suite PBO draws them.

    Raises
    ------
    InputError

    Examples
    --------
    >>> WModel("leading-ones", dummy="1/2").value([1, 1, 0, 1, 1, 1])
    2
    >>> WModel(neutrality=3).value([1, 1, 0, 0, 1, 0]), WModel(ruggedness=2).value([1, 1, 0, 0])
    (1, 3)
    """

    def __init__(
        self,
        base: object = "onemax",
        dummy: object = None,
        neutrality: int | None = None,
        epistasis: int | None = None,
        ruggedness: int | None = None,
        positions: Iterable | None = None,
    ) -> None:
        if isinstance(base, str):
            from theory.registry import problem

            base = problem(base)
        if not isinstance(base, BASES):
            raise InputError(f"base: {base!r} must be OneMax() or LeadingOnes()")
        self.base: Problem = base
        self.dummy = None if dummy is None else exact(number(dummy, "dummy"))
        if self.dummy is not None and not 0 < self.dummy <= 1:
            raise InputError(f"dummy: {dummy!r} must be the share of the bits that count, more than 0 and at most 1")
        self.neutrality, self.epistasis = _layer(neutrality, "neutrality"), _layer(epistasis, "epistasis")
        if ruggedness not in (None, 1, 2, 3) or isinstance(ruggedness, bool):
            raise InputError(f"ruggedness: {ruggedness!r} must be 1, 2 or 3")
        self.ruggedness = 0 if ruggedness is None else int(ruggedness)
        self.positions = None if positions is None else _positions(positions)
        if self.positions is not None and self.dummy is None:
            raise InputError("positions: say which bits count where dummy= says how many; give dummy, e.g. dummy='1/2'")
        self._leading = isinstance(base, LeadingOnes)
        plain = self.dummy is None and self.neutrality == 1 and self.epistasis == 1
        self.symmetric = plain and not self._leading
        if self.symmetric:
            self.hooks = {"level": level}
            self.strictly_monotone = not self.ruggedness
        else:
            cheap = not self._leading and not self.ruggedness
            several = self.dummy is not None or self.neutrality > 1 or self.epistasis > 4  # optima
            judged = judge_sum if cheap else judge
            hooks: dict[str, Callable] = {"value": value, "judge": judged, "part": part, "part_of": part_of}
            self.hooks = {**hooks, "optimal": optimal} if several else hooks

    @property
    def key(self) -> str:
        layers = [f"{name}={value}" for name, value in self._layers() if value]
        if self.positions is not None:
            layers.append(f"positions={list(self.positions)}")
        return f"WModel({', '.join([self.base.key, *layers])})"

    def _layers(self) -> tuple[tuple[str, object], ...]:
        return (
            ("dummy", self.dummy),
            ("neutrality", self.neutrality if self.neutrality > 1 else None),
            ("epistasis", self.epistasis if self.epistasis > 1 else None),
            ("ruggedness", self.ruggedness),
        )

    def _counting(self, n: int) -> int:
        return n if self.dummy is None else int(n * self.dummy)

    def _left(self, n: int) -> int:
        """q, the number of bits that the base sees."""
        return self._counting(n) // self.neutrality

    def _places(self, n: int) -> range | tuple[int, ...]:
        """The positions that count, in their order."""
        return range(self._counting(n)) if self.positions is None else self.positions

    def check(self, n):
        if self.positions is not None and len(self.positions) != self._counting(n):
            raise InputError(f"positions: {len(self.positions)} given, but {self._counting(n)} of n = {n} bits count")
        if self.positions is not None and max(self.positions, default=0) >= n:
            raise InputError(f"positions: {max(self.positions)} must be below n = {n}; they are counted from 0")
        if self._left(n) < 1:
            raise InputError(f"n: of {n} bits none is left behind the layers dummy and neutrality; take a larger n")

    def optimum(self, n):
        bits = np.ones(n, dtype=np.uint8)
        for i in range(self._left(n)):
            if i % self.epistasis:
                for j in range(i * self.neutrality, (i + 1) * self.neutrality):
                    bits[self._places(n)[j]] = 0
        return bits

    def target(self, n):
        return rugged(self._left(n), self._left(n), self.ruggedness)

    def data(self, n):
        left, mu, nu = self._left(n), self.neutrality, self.epistasis
        matrix = np.zeros((5, max(n, left + 1, 5)), dtype=np.int64)
        matrix[0, :5] = -(-left // nu), left, self._leading, mu, nu
        matrix[1, : left + 1] = [rugged(y, left, self.ruggedness) for y in range(left + 1)]
        places = list(self._places(n))
        matrix[2, : len(places)] = places
        matrix[3, :n] = self.optimum(n)
        matrix[4, :n] = -1
        used = np.arange(left * mu)
        matrix[4, places[: left * mu]] = used // mu // nu
        return matrix

    def value_range(self, n):
        values = [rugged(y, self._left(n), self.ruggedness) for y in range(self._left(n) + 1)]
        return (float(min(values)), float(max(values)))

    def value(self, x):
        n = len(x)
        bits = [int(bit) ^ 1 ^ int(best) for bit, best in zip(x, self.optimum(n), strict=True)]  # as the user sees them
        bits = [bits[place] for place in self._places(n)]
        mu, left = self.neutrality, self._left(n)
        bits = [int(2 * sum(bits[i * mu : (i + 1) * mu]) >= mu) for i in range(left)]
        mixed: list[int] = []
        for start in range(0, left, self.epistasis):
            mixed += _mixed(bits[start : start + self.epistasis])
        return rugged(int(self.base.value(np.array(mixed))), left, self.ruggedness)


def _mixed(block: list[int]) -> list[int]:
    """What epistasis makes of a block.

    >>> _mixed([1, 0, 0, 0]), _mixed([1, 1, 1, 1]), _mixed([1])
    ([1, 1, 1, 1], [1, 1, 1, 0], [1])
    """
    size = len(block)
    left_out = [size - 1 - (size - i - 2) % 4 for i in range(size - 1)]
    return [sum(bit for j, bit in enumerate(block) if j != out) % 2 for out in left_out] + [sum(block) % 2]


def _layer(value: int | None, name: str) -> int:
    size = 1 if value is None else positive_integer(value, name)
    if value is not None and size < 2:
        raise InputError(f"{name}: {value!r} must be at least 2; leave it out for none")
    return size


def _positions(positions: Iterable) -> tuple[int, ...]:
    try:
        found = tuple(int(place) for place in positions)
        if min(found, default=0) < 0 or len(set(found)) < len(found):
            raise ValueError
    except (TypeError, ValueError):
        raise InputError(f"positions: {positions!r} must be different integers, counted from 0") from None
    return found

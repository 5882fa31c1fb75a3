"""Finite chains whose drift is known without error: what potentials are synthesised and checked on.

A chain gives three things. ``matrix`` is the transition matrix in floats, for the linear programmes. ``drifts`` gives
E[X_t - X_{t+1}] of any rational potential at every state, and ``flow`` the transpose, sum_i y_i (row i of I - P), for weights y
of the states; both in fractions, or in balls that contain the true value where fractions would be too long.

Where the numbers of flipped bits are cut off (balls), what is left out enters ``drifts`` as a ball, and ``flow`` becomes an upper
bound: what leaves a state is counted in full, what enters one is not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.sparse
from flint import arb, ctx, fmpq, fmpz

BITS = 192
"""Precision of the balls."""
LIMB = 40  # bits of a limb: a sum of 2^12 of them fits an int64
Value = Any  # fmpq, or arb where the chain is known in balls


class FiniteChain(ABC):
    """An absorbing chain.

    Attributes
    ----------
    process : Process, or tuple of rows of (state, Fraction)
        What it was made from, as it stands in a derivation.
    kind : {"zeros", "levels", "points", "matrix"}
        What a state is.
    end : bool array
        The states at which a run ends.
    level : {"exact", "balls"}
    zeros, fitness, rank : sequences or None
        By state: the number k of zero-bits, the fitness v, and its rank. None where a state has none.
    bits : uint8 array, shape (states, n), or None
        Canonical points.
    """

    process: Any
    kind: str
    level: str
    end: np.ndarray
    zeros: Sequence | None = None
    fitness: Sequence | None = None
    rank: Sequence | None = None
    bits: Any = None
    label: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.end)

    @property
    def inner(self) -> np.ndarray:
        """The states before the end."""
        return np.flatnonzero(~self.end)

    @abstractmethod
    def matrix(self) -> scipy.sparse.csr_matrix:
        """Transition probabilities as floats, without the diagonal and with empty rows at the ends."""

    @abstractmethod
    def drifts(self, potential: Sequence[fmpq]) -> list[Value]:
        """E[X_t - X_{t+1}] at every state; 0 at the ends."""

    @abstractmethod
    def flow(self, weights: Sequence[fmpq]) -> list[Value]:
        """sum_i weights_i (row i of I - P), by state, for weights >= 0; or more, where moves are left out."""

    @abstractmethod
    def leaving(self) -> list[Value]:
        """The probability of moving to another state; 0 at the ends."""


class RowChain(FiniteChain):
    """A chain given row by row.

    Parameters
    ----------
    rows : list of (targets, chances, denominator, rest)
        Of each state, without the state itself: integers over the denominator, or balls and the denominator 1. ``rest`` is an
        upper bound on the probability of moves that the row leaves out.
    """

    def __init__(self, process: Any, kind: str, rows: list[tuple[list[int], list, Any, Any]], end: np.ndarray, level: str,
                 label: Callable[[int], str], zeros: Any = None, fitness: Any = None, rank: Any = None) -> None:  # fmt: skip
        self.process, self.kind, self.rows, self.end, self.level, self.label = process, kind, rows, end, level, label
        self.zeros, self.fitness, self.rank = zeros, fitness, rank

    def matrix(self) -> scipy.sparse.csr_matrix:
        places, columns, data = [], [], []
        for i, (targets, chances, scale, _) in enumerate(self.rows):
            if not self.end[i]:
                places += [i] * len(targets)
                columns += targets
                data += [float(x.mid()) if isinstance(x, arb) else as_float(fmpq(x, scale)) for x in chances]
        return scipy.sparse.csr_matrix((data, (places, columns)), shape=(len(self), len(self)))

    def drifts(self, potential: Sequence[fmpq]) -> list[Value]:
        numbers, denominator = integers(potential)
        low, high = min(numbers), max(numbers)
        result: list[Value] = []
        with ctx.workprec(BITS):
            for i, (targets, chances, scale, rest) in enumerate(self.rows):
                if self.end[i]:
                    result.append(fmpq(0))
                    continue
                here = numbers[i]
                if self.level == "exact":
                    total = sum((x * (here - numbers[j]) for j, x in zip(targets, chances)), fmpz(0))
                    result.append(fmpq(total, scale * denominator))
                    continue
                total = arb(0)
                for j, x in zip(targets, chances):
                    total += x * (here - numbers[j])
                total += rest * arb(0).union(arb(1)) * arb(here - high).union(arb(here - low))
                result.append(total / denominator)
        return result

    def flow(self, weights: Sequence[fmpq]) -> list[Value]:
        exact = self.level == "exact"
        result: list[Value] = [fmpq(0) if exact else arb(0)] * len(self)
        with ctx.workprec(BITS):
            for i, (targets, chances, scale, rest) in enumerate(self.rows):
                if self.end[i] or not weights[i]:
                    continue
                weight = weights[i] / scale if exact else arb(weights[i])
                leaves = fmpz(0) if exact else arb(0)
                for j, x in zip(targets, chances):
                    result[j] -= weight * x
                    leaves += x
                result[i] += weight * (leaves if rest is None else leaves + rest)
        return result

    def leaving(self) -> list[Value]:
        with ctx.workprec(BITS):
            if self.level == "exact":
                return [fmpq(sum(chances, fmpz(0)), scale) for _, chances, scale, _ in self.rows]
            return [
                sum(chances, arb(0)) + (arb(0) if rest is None else rest * arb(0).union(arb(1)))
                for _, chances, _, rest in self.rows
            ]


class CubeChain(FiniteChain):
    """All 2^n points of an elitist process: from x, a set of h positions flips with probability ``laws[x][h]``, and the offspring
    is accepted by its rank.

    Sums over the points at distance h are sums of integers, one a limb of 40 bits: exact and fast in numpy.
    """

    kind, level = "points", "exact"

    def __init__(self, process: Any, laws: list[list[fmpq]], states: Any, bits: np.ndarray, strict: bool, matrix: Callable,
                 label: Callable[[int], str]) -> None:  # fmt: skip
        self.process, self.laws, self.bits, self.strict, self.label = process, laws, bits, strict, label
        self.zeros, self.fitness, self.rank, self.end = states.zeros, states.fitness, states.rank, states.end
        self._matrix = matrix

    def matrix(self) -> scipy.sparse.csr_matrix:
        dense = np.array(self._matrix())
        np.fill_diagonal(dense, 0.0)
        dense[self.end] = 0.0
        return scipy.sparse.csr_matrix(dense)

    def _moves(self):
        """(number of flipped bits, where the flip leads, whether it is accepted) for every set of positions."""
        here = np.arange(len(self))
        rank = np.asarray(self.rank)
        possible = [any(law[h] for law in self.laws) for h in range(self.bits.shape[1] + 1)]
        for mask in range(1, len(self)):
            h = mask.bit_count()
            if possible[h]:
                there = here ^ mask
                accepted = (rank[there] > rank) if self.strict else (rank[there] >= rank)
                yield h, there, accepted & ~self.end

    def drifts(self, potential: Sequence[fmpq]) -> list[Value]:
        limbs, denominator = _limbs(potential)
        sums = np.zeros((self.bits.shape[1] + 1, *limbs.shape), dtype=np.int64)
        for h, there, accepted in self._moves():
            sums[h] += np.where(accepted, limbs - limbs[:, there], 0)
        return [self._at(x, sums[:, :, x], denominator) for x in range(len(self))]

    def _at(self, x: int, sums: np.ndarray, denominator: fmpz) -> fmpq:
        law = self.laws[x]
        return sum((law[h] * _joined(sums[h]) for h in range(1, len(law)) if law[h]), fmpq(0)) / denominator

    def leaving(self) -> list[Value]:
        count = np.zeros((self.bits.shape[1] + 1, len(self)), dtype=np.int64)
        for h, _, accepted in self._moves():
            count[h] += accepted
        return [sum((p * int(m) for p, m in zip(law, count[:, x]) if m), fmpq(0)) for x, law in enumerate(self.laws)]

    def flow(self, weights: Sequence[fmpq]) -> list[Value]:
        if all(law is self.laws[0] for law in self.laws):  # one rate: the law can be taken out of the sums
            limbs, denominator = _limbs(weights)
            sums = np.zeros((self.bits.shape[1] + 1, *limbs.shape), dtype=np.int64)
            for h, there, accepted in self._moves():
                moved = np.where(accepted, limbs, 0)
                sums[h] += moved - moved[:, there]
            return [self._at(x, sums[:, :, x], denominator) for x in range(len(self))]
        result = np.array([fmpq(0)] * len(self), dtype=object)
        for h, there, accepted in self._moves():
            moved = np.array([w * law[h] if a else fmpq(0) for w, law, a in zip(weights, self.laws, accepted)], dtype=object)
            result += moved - moved[there]
        return list(result)


# ---- numbers


def integers(values: Sequence[fmpq]) -> tuple[list[fmpz], fmpz]:
    """Fractions as integers over their least common denominator."""
    denominator = fmpz(1)
    for x in values:
        denominator = denominator.lcm(x.q)
    return [x.p * (denominator // x.q) for x in values], denominator


def _limbs(values: Sequence[fmpq]) -> tuple[np.ndarray, fmpz]:
    """Non-negative fractions over one denominator, the numerators cut into int64 limbs, shape (limbs, states)."""
    numbers, denominator = integers(values)
    assert min(numbers) >= 0
    plain = [int(x) for x in numbers]
    count = max(1, -(-max(x.bit_length() for x in plain) // LIMB))
    return np.array([[(x >> (LIMB * i)) & (2**LIMB - 1) for x in plain] for i in range(count)], dtype=np.int64), denominator


def _joined(limbs: np.ndarray) -> fmpz:
    return fmpz(sum(int(x) << (LIMB * i) for i, x in enumerate(limbs)))


def as_fmpq(x: Any) -> fmpq:
    """A fraction (or an exact float) as python-flint's."""
    x = Fraction(x)
    return fmpq(x.numerator, x.denominator)


def as_fraction(x: fmpq) -> Fraction:
    """python-flint's fraction as Python's."""
    return Fraction(int(x.p), int(x.q))


def as_float(x: fmpq) -> float:
    """A fraction as a float, correctly rounded."""
    return int(x.p) / int(x.q)


def lower_end(x: Value) -> fmpq:
    """The largest fraction that is certainly not above the value; the value itself where it is exact."""
    return x if isinstance(x, fmpq) else _end(x.lower())


def upper_end(x: Value) -> fmpq:
    """The smallest fraction that is certainly not below the value."""
    return x if isinstance(x, fmpq) else _end(x.upper())


def middle(x: Value) -> float:
    """The value as a float."""
    return as_float(x) if isinstance(x, fmpq) else float(x.mid())


def _end(x: arb) -> fmpq:
    mantissa, exponent = x.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)

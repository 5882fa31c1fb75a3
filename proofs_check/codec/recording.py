"""A run of the (1+1) EA and the random choices that made it: for each round the set of flipped positions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.codec.functions import Oracle, exact_rate, oracle
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.values import exact, number


@dataclass(frozen=True, eq=False)
class Run:
    """A recorded run: two are equal if every choice in them is.

    Attributes
    ----------
    n : int
    c : Fraction
        The rate is p = c/n.
    strict : bool
        Offspring must be better to be accepted; otherwise as good is enough.
    start : array of uint8, shape (n,)
    uniform : bool
        The start was drawn uniformly from all points but the optimum, so that it belongs to the random choices.
    offsets, flips : arrays of int64, shapes (rounds + 1,) and (number of flips,)
        Round t (from 0) flips positions ``flips[offsets[t]:offsets[t + 1]]``, ascending.
    reached : bool
        The next round, which is not part of it, led to the optimum: the run was cut.
    """

    n: int
    c: Fraction
    strict: bool
    start: np.ndarray
    uniform: bool
    offsets: np.ndarray
    flips: np.ndarray
    reached: bool = False

    @property
    def rounds(self) -> int:
        """K."""
        return self.offsets.size - 1

    @property
    def entropy(self) -> float:
        """-log2 of the run's probability: the bits that its random choices are worth."""
        p, k = self.c / self.n, self.flips.size
        up, down = np.log2(float(p)), np.log1p(-float(p)) / np.log(2.0)
        starts = self.n + np.log1p(-(0.5**self.n)) / np.log(2.0) if self.uniform else 0.0  # all points but the optimum
        return float(-k * up - (self.n * self.rounds - k) * down + starts)

    def flipped(self, t: int) -> np.ndarray:
        """What round t flips."""
        return self.flips[self.offsets[t] : self.offsets[t + 1]]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Run)
            and (self.n, self.c, self.strict, self.uniform) == (other.n, other.c, other.strict, other.uniform)
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("start", "offsets", "flips"))
        )

    __hash__ = None  # type: ignore[assignment]

    def points(self, f: Any) -> np.ndarray:
        """All the points of the run on f, shape (rounds + 1, n): a byte for each bit of each."""
        judge, x = oracle(f, self.n), self.start.copy()
        rows = [x.copy()]
        for t in range(self.rounds):
            if accepted(judge, x, self.flipped(t), self.strict):
                x[self.flipped(t)] ^= 1
            rows.append(x.copy())
        return np.array(rows)


def accepted(f: Oracle, x: np.ndarray, flips: np.ndarray, strict: bool) -> bool:
    """Whether the offspring replaces x; one without flips does so without effect."""
    return flips.size > 0 and f.sign(x, flips) >= int(strict)


@plain_arguments
def record(f: Any, *, n: int, rounds: int, c: Any = 1, start: Any = "uniform", seed: int = 0, strict: bool = False) -> Run:
    """Run the (1+1) EA with rate c/n on f and record its choices, up to the round before it would reach the optimum.

    The offspring of every round is compared with its parent; where f is known to be strictly monotone, rounds without an up need
    no comparison.

    Parameters
    ----------
    f : Problem or callable
        See :func:`proofs_check.codec.functions.oracle`.
    n : int
    rounds : int
        The horizon K.
    c : number
        0 < c < n.
    start : "uniform", int, or array of n bits
        An int is the number of zero-bits of a point that is drawn among those; only a uniform start is part of the choices.
    seed : int
    strict : bool
        Accept better offspring only.

    Returns
    -------
    Run
        With fewer rounds if it was cut.

    Raises
    ------
    InputError

    Examples
    --------
    >>> from theory import OneMax
    >>> run = record(OneMax(), n=20, rounds=10, start=5, seed=1)
    >>> run.rounds, int((run.start == 0).sum()), round(run.entropy, 1)
    (10, 5, 53.0)
    """
    n, rounds = _count(n, "n"), _count(rounds, "rounds")
    rng = np.random.default_rng(_count(seed, "seed", 0))
    judge, p = oracle(f, n), exact_rate(c, n)
    x = _start(start, n, rng)
    offsets, flips = _choices(rng, float(p), n, rounds)
    first, end = x.copy(), rounds
    candidates = None if judge.known else iter(np.flatnonzero(np.diff(offsets)).tolist())
    t = -1
    while True:
        t = _next_up(x, offsets, flips, t + 1) if candidates is None else next(candidates, rounds)
        if t >= rounds:
            break
        change = flips[offsets[t] : offsets[t + 1]]
        if accepted(judge, x, change, strict):
            x[change] ^= 1
            if x.all():
                end = t
                break
    offsets = offsets[: end + 1]
    return Run(n, exact(number(c, "c")), bool(strict), first, isinstance(start, str), offsets, flips[: offsets[-1]], end < rounds)


def _choices(rng: np.random.Generator, p: float, n: int, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Each of n bits in each round with probability p: one geometric jump per flip along the tape of all n K of them."""
    length, places, last = n * rounds, [], -1
    while last < length:
        gaps = rng.geometric(p, int((length - last) * p * 1.01) + 64)
        places.append(last + np.cumsum(gaps))
        last = int(places[-1][-1])
    tape = np.concatenate(places)
    tape = tape[tape < length]
    return np.searchsorted(tape, np.arange(rounds + 1) * n), tape % n


def _next_up(x: np.ndarray, offsets: np.ndarray, flips: np.ndarray, t: int) -> int:
    """The first round from t on that flips a zero-bit of x."""
    at, size = int(offsets[t]), 256
    while at < flips.size:
        found = np.flatnonzero(x[flips[at : at + size]] == 0)
        if found.size:
            return int(np.searchsorted(offsets, at + found[0], side="right")) - 1
        at, size = at + size, 2 * size
    return offsets.size - 1


def _start(start: Any, n: int, rng: np.random.Generator) -> np.ndarray:
    if isinstance(start, str):
        if start != "uniform":
            raise InputError(f"start: {start!r} must be 'uniform', a number of zero-bits, or an array of {n} bits")
        while True:
            x = rng.integers(0, 2, n, dtype=np.uint8)
            if not x.all():  # the optimum has no code
                return x
    if isinstance(start, (int, np.integer)) and not isinstance(start, bool):
        if not 1 <= start <= n:
            raise InputError(f"start: {start} zero-bits must be from 1 to n = {n}")
        x = np.ones(n, dtype=np.uint8)
        x[rng.permutation(n)[:start]] = 0
        return x
    bits = np.asarray(start)
    if bits.shape != (n,) or not np.isin(bits, (0, 1)).all():
        raise InputError(f"start: must be 'uniform', a number of zero-bits, or an array of {n} bits")
    if bits.all():
        raise InputError("start: is the optimum, from which there is no run")
    return bits.astype(np.uint8)


def _count(value: Any, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name}: {value!r} must be an integer of at least {least}")
    return int(value)

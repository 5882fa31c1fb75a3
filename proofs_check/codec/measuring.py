"""What the code saves along a run: ln R and the growth of z for each accepted change, beside the certificate's lines.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, ANALCO 2019; see :mod:`proofs_check.codec` and
:mod:`theory.monotone.certificate`.

Notation: y a point with z zero-bits and m = n - z one-bits; P_b the probability of b downs, Binomial(m, p), p = c/n, q = 1 - p.
All of it for changes with ONE up; those with more are a share of order z/n.

* theta: the probability that a step with one up is rejected; r = 1 - theta.
* w_b: the weight of all (one-bit i, b zero-bits B) in the sum over predecessors, m C(z, b) p^(1+b) q^(n-1-b) g(x)/g(y), divided
  by z p q^(z-1), the probability of one up. It tends to the Poisson probability of b as z/n -> 0.
* R(y) = r / sum of w_b beta_b, with beta_b the fraction of those that could have stepped to y.

By the pair lemma (beta_0 = 1, beta_b <= 1 - phi, theta >= P_>=2 (1 - phi)), at EVERY point of every strictly monotone function

    ln R >= gamma = ln( (1 - theta) / (w_0 + w_>=1 min(1, theta / P_>=2)) ),

and, since more downs are never better, the b of the next accepted change with one up has

    E[b - 1] <= d = (mp - theta mp/(1 - q^m)) / (1 - theta) - 1.

With Poisson probabilities for P and w these are the certificate's gamma and d (``poisson=True`` below), off by O(z/n).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from proofs_check.codec.exact_code import LARGEST, ExactCode
from proofs_check.codec.functions import Oracle, Weighted, exact_rate, oracle
from proofs_check.codec.hot import HotOracle
from proofs_check.codec.recording import Run, accepted
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.problems import HotTopic


@dataclass(frozen=True)
class Laws:
    """P_b and w_b at z zero-bits, and what follows from them."""

    none: float  # P_0
    two: float  # P_>=2
    mean: float  # of b
    w0: float
    w1: float  # w_>=1

    def gamma(self, theta: float) -> float:
        """The least ln R."""
        return math.log((1 - theta) / (self.w0 + self.w1 * min(1.0, theta / self.two)))

    def d(self, theta: float) -> float:
        """The largest mean growth of z."""
        return (self.mean - theta * self.mean / (1 - self.none)) / (1 - theta) - 1


def laws(n: int, z: int, c: float, tau: float = 1.0, poisson: bool = False) -> Laws:
    """The laws at z of n zero-bits; with ``poisson`` their limits for z/n -> 0.

    Examples
    --------
    >>> limit = laws(1000, 10, c=1.1, poisson=True)
    >>> round(limit.gamma(0.0), 12), round(limit.d(0.0), 12)  # c and c - 1
    (1.1, 0.1)
    """
    if poisson:
        none = math.exp(-c)
        return Laws(none, 1 - none * (1 + c), c, none / tau, math.expm1(c * tau) * none / tau)
    p, m = c / n, n - z
    none = (1 - p) ** m
    weights = class_weights(n, z, p, tau)
    return Laws(none, 1 - none - m * p * (1 - p) ** (m - 1), m * p, weights[0], float(weights[1:].sum()))


@lru_cache(maxsize=1024)
def class_weights(n: int, z: int, p: float, tau: float = 1.0) -> np.ndarray:
    """w_0, ..., w_z."""
    b = np.arange(z + 1)
    logs = np.array([_log_choose(z, int(k)) + _log_choose(n, z) - _log_choose(n, z + 1 - int(k)) for k in b])
    logs += (b - 1) * math.log(tau) + np.log(z / (z + 1.0 - b)) + math.log(n - z) - math.log(z)
    return np.exp(logs + b * math.log(p) + (n - z - b) * math.log1p(-p))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


@dataclass(frozen=True)
class Point:
    """theta and ln R at a point."""

    theta: float
    gain: float


def look(f: Oracle, y: np.ndarray, c: float, tau: float, samples: int, rng: np.random.Generator) -> Point:
    """theta and ln R at y, for changes with one up.

    BinVal and functions like it, whose most significant flipped bit decides, and OneMax by closed forms (their pairs tell all);
    others by that many sets of flips, drawn forwards and backwards.
    """
    n, zeros, ones = f.n, np.flatnonzero(y == 0), np.flatnonzero(y)
    z, p = zeros.size, c / n
    weights = class_weights(n, z, p, tau)
    if isinstance(f, Weighted) and f.pairs_decide:
        pairs = f.pairs(y, ones, zeros)
        if f.ranks.max() == 0:  # OneMax: at most one down
            r = (1 - p) ** ones.size + ones.size * p * (1 - p) ** (ones.size - 1)
            return Point(1 - r, math.log(r / float(weights[:2].sum())))
        r = float(((1 - p) ** pairs.worse).mean())
        shares = np.exp(_log_binomials(pairs.less, z) - _log_binomials(np.array([z]), z)).mean(axis=0)
        return Point(1 - r, math.log(r / float((weights * shares).sum())))
    forwards = _with_one(rng, zeros, ones, rng.binomial(ones.size, p, samples))
    r = float((f.signs(y, forwards) >= 0).mean())
    sizes = rng.choice(z + 1, samples, p=weights / weights.sum())
    backwards = _with_one(rng, ones, zeros, sizes)
    come = float(weights.sum() * (f.signs(y, backwards) <= 0).mean())
    return Point(1 - r, math.log(r / come))


def _with_one(rng: np.random.Generator, single: np.ndarray, several: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """For each size a uniform element of ``single`` and a uniform set of that size of ``several``."""
    if sizes.max() ** 2 < several.size:  # few coincide: draw, and draw those again
        places = [rng.integers(several.size, size=b) for b in sizes]
        for k, chosen in enumerate(places):
            while len(set(chosen.tolist())) < chosen.size:
                chosen = places[k] = rng.integers(several.size, size=chosen.size)
    else:
        order = rng.random((sizes.size, several.size)).argsort(axis=1)
        places = [row[:b] for row, b in zip(order, sizes)]
    first = rng.choice(single, sizes.size)
    return [np.append(several[chosen], i) for chosen, i in zip(places, first)]


def _log_binomials(sizes: np.ndarray, z: int) -> np.ndarray:
    """ln C(s, b) for b = 0..z, shape (sizes, z + 1); -inf where b > s."""
    return _log_table(z)[sizes]


@lru_cache(maxsize=256)
def _log_table(z: int) -> np.ndarray:
    rows = [[_log_choose(s, b) if b <= s else -math.inf for b in range(z + 1)] for s in range(z + 1)]
    return np.array(rows)


@dataclass(frozen=True)
class Measured:
    """One entry for each accepted change with one up that doesn't lead to the optimum.

    Attributes
    ----------
    c : float
    z : array of int
        Zero-bits after the change.
    downs : array of int
        b.
    theta_before, theta : arrays of float
        At the point before and after it.
    gain : array of float
        ln R at the point after it.
    d : array of float
        What bounds the mean of b - 1, from theta_before.
    gamma, gamma_limit, d_limit : arrays of float
        gamma at theta, and the certificate's gamma and d there.
    """

    c: float
    z: np.ndarray
    downs: np.ndarray
    theta_before: np.ndarray
    theta: np.ndarray
    gain: np.ndarray
    d: np.ndarray
    gamma: np.ndarray
    gamma_limit: np.ndarray
    d_limit: np.ndarray


@plain_arguments
def measure(f: Any, run: Run, *, tau: float = 1.0, samples: int = 500, every: int = 1, skip: int = 0, seed: int = 0) -> Measured:
    """Measure a recorded run.

    Parameters
    ----------
    f : Problem or callable
    run : Run
    tau : float
    samples : int
        Sets drawn in each direction where there is no closed form.
    every, skip : int
        Look at every so-many-th accepted change, after the first ``skip`` ones.
    seed : int
        Of the drawn sets.

    Returns
    -------
    Measured

    Examples
    --------
    >>> from theory import OneMax
    >>> from proofs_check.codec import record
    >>> found = measure(OneMax(), record(OneMax(), n=500, rounds=3000, start=20, seed=1))
    >>> bool(abs(found.gain).max() < 1e-9), bool((found.gain >= found.gamma).all())  # R = 1 at tau = 1
    (True, True)
    """
    if samples < 1 or every < 1 or skip < 0:
        raise InputError(f"samples, every, skip: {samples}, {every}, {skip} must be at least 1, 1 and 0")
    judge: Oracle = HotOracle(f, run.n) if isinstance(f, HotTopic) else oracle(f, run.n)
    c, n, rng, x = float(run.c), run.n, np.random.default_rng(seed), run.start.copy()
    rows: list[tuple] = []
    number, last = 0, None
    for t in np.flatnonzero(np.diff(run.offsets)).tolist():
        flips = run.flipped(t)
        ups = int((x[flips] == 0).sum())
        if not ups or not accepted(judge, x, flips, run.strict):
            continue
        before = x.copy()
        x[flips] ^= 1
        number += 1
        if ups == 1 and number > skip and number % every == 0 and not x.all() and x.any() and before.any():
            old = last[1] if last is not None and last[0] == before.tobytes() else look(judge, before, c, tau, samples, rng)
            new = look(judge, x, c, tau, samples, rng)
            z = int((x == 0).sum())
            here, limit = laws(n, z, c, tau), laws(n, z, c, tau, poisson=True)
            there = laws(n, int((before == 0).sum()), c, tau)
            rows.append((
                z, flips.size - 1, old.theta, new.theta, new.gain, there.d(old.theta), here.gamma(new.theta),
                limit.gamma(new.theta), limit.d(new.theta),
            ))  # fmt: skip
            last = (x.tobytes(), new)
    if not rows:
        raise InputError("run: has no accepted change to look at; give more rounds")
    return Measured(c, *(np.array(column) for column in zip(*rows)))


def exact_gain(f: Any, y: np.ndarray, c: Any = 1, tau: Any = 1) -> Fraction | None:
    """R(y) exactly, changes with any number of ups, for n <= 14.

    >>> from theory import OneMax
    >>> exact_gain(OneMax(), np.array([1, 1, 0]))
    Fraction(16, 21)
    """
    n = len(y)
    if n > LARGEST:
        raise InputError(f"y: {n} bits are too many for an exact value, at most {LARGEST}")
    code = ExactCode(oracle(f, n), exact_rate(c, n), Fraction(str(tau)), strict=False)
    return code.gain(int((1 << np.arange(n)) @ np.asarray(y, dtype=np.int64)))

"""What is saved and how z grows per accepted change, against c, with the certificate's line: as numbers and as a picture.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, ANALCO 2019; see :mod:`proofs_check.codec` and
:mod:`theory.monotone.certificate`, whose Lambda and eta satisfy gamma - Lambda d >= eta for every theta. So, to first order in
z/n, each run on each strictly monotone function has  mean ln R >= mean gamma >= Lambda mean d + eta: it saves, or z falls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from proofs_check.codec.measuring import Measured, measure
from proofs_check.codec.recording import record
from proofs_check.figure import Figure, Series
from theory.errors import InputError


@dataclass(frozen=True)
class Average:
    """Means over the accepted changes (with one up) of several runs on one function.

    Attributes
    ----------
    label : str
    c : float
    changes : int
    gain, gamma, gamma_limit : float
        Of ln R, of its lower bound at z/n as it is, and of the certificate's gamma.
    growth, d, d_limit : float
        Of b - 1, of what bounds its conditional mean, and of the certificate's d.
    error : float
        Standard error of growth - d, whose summands would be martingale differences if the bound were attained.
    least : float
        The smallest ln R - gamma at a point: not negative, where R is computed rather than sampled.
    spread : float
        Standard error of gain, from the means of runs.
    Lambda, eta : float
        The certificate; NaN where there is none.
    """

    label: str
    c: float
    changes: int
    gain: float
    gamma: float
    gamma_limit: float
    growth: float
    d: float
    d_limit: float
    error: float
    least: float
    spread: float
    Lambda: float
    eta: float

    @property
    def line(self) -> float:
        """Lambda mean d + eta."""
        return self.Lambda * self.d_limit + self.eta


def averages(
    f: Any, label: str, *, c: Any, n: int, start: int, runs: int, rounds: int, seed: int = 0, samples: int = 300
) -> Average:
    """Record runs, measure them, and take means.

    Parameters
    ----------
    f : Problem or callable
    label : str
    c : number
        At most 2.
    n, start, runs, rounds : int
        ``runs`` runs of at most ``rounds`` rounds from ``start`` zero-bits; at least two runs.
    seed : int
    samples : int
        See :func:`proofs_check.codec.measuring.measure`.

    Examples
    --------
    >>> from theory import OneMax
    >>> found = averages(OneMax(), "OneMax", c="1.1", n=500, start=20, runs=2, rounds=3000)
    >>> bool(found.gain >= found.gamma), bool(found.gamma_limit >= found.line)
    (True, True)
    """
    from theory.monotone.certificate import certificate

    if runs < 2:
        raise InputError(f"runs: {runs} must be at least 2, to see how they differ")
    single = [
        measure(f, record(f, n=n, rounds=rounds, c=c, start=start, seed=seed + k), samples=samples, seed=seed + k)
        for k in range(runs)
    ]
    every = Measured(single[0].c, *(np.concatenate([getattr(m, name) for m in single]) for name in _COLUMNS))
    excess = every.downs - 1 - every.d
    spread = np.std([m.gain.mean() for m in single], ddof=1) / math.sqrt(runs)
    found = certificate(c)
    Lambda, eta = (float(found.Lambda), float(found.eta)) if found.proved else (math.nan, math.nan)
    return Average(
        label=label, c=every.c, changes=excess.size, gain=float(every.gain.mean()), gamma=float(every.gamma.mean()),
        gamma_limit=float(every.gamma_limit.mean()), growth=float(every.downs.mean()) - 1, d=float(every.d.mean()),
        d_limit=float(every.d_limit.mean()), error=float(excess.std(ddof=1)) / math.sqrt(excess.size),
        least=float((every.gain - every.gamma).min()), spread=float(spread), Lambda=Lambda, eta=eta,
    )  # fmt: skip


_COLUMNS = ("z", "downs", "theta_before", "theta", "gain", "d", "gamma", "gamma_limit", "d_limit")


def rate_figure(found: Sequence[Average]) -> Figure:
    """ln R per accepted change, measured, above Lambda d + eta, the certificate's line; and Lambda times the growth of z.

    Intervals are three standard errors.

    Examples
    --------
    >>> average = Average("OneMax", 1.1, 400, 0.0, -0.3, -0.3, -0.5, -0.2, -0.1, 0.1, 0.3, 0.1, 5.8, 0.2)
    >>> [series.label for series in rate_figure([average]).series]
    ['ln R, OneMax', 'Lambda (b - 1), OneMax', 'Lambda d + eta, OneMax']
    """
    series = []
    for label in dict.fromkeys(one.label for one in found):
        rows = sorted((one for one in found if one.label == label), key=lambda one: one.c)
        x = tuple(one.c for one in rows)
        gain, growth = tuple(one.gain for one in rows), tuple(one.Lambda * one.growth for one in rows)
        wide = [3 * one.spread for one in rows]
        tall = [3 * one.Lambda * one.error for one in rows]
        series += [
            Series(f"ln R, {label}", "measured", x, gain, _minus(gain, wide), _plus(gain, wide)),
            Series(f"Lambda (b - 1), {label}", "measured", x, growth, _minus(growth, tall), _plus(growth, tall)),
            Series(f"Lambda d + eta, {label}", "lower", x, tuple(one.line for one in rows)),
        ]
    return Figure("c", "nats per accepted change", tuple(series), title="What an accepted change saves, and the certificate")


def _minus(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    return tuple(x - y for x, y in zip(a, b))


def _plus(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    return tuple(x + y for x, y in zip(a, b))

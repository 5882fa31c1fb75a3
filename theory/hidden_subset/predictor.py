"""How long a schedule takes at a finite n: a fluid limit, the log-progress, a Gumbel law at the end. Heuristic: no error bound.

Made here, for OneMax; at p = 1/n the constants are those of H.-K. Hwang, A. Panholzer, N. Rolin, T.-H. Tsai, W.-M. Chen,
*Probabilistic analysis of the (1+1)-evolutionary algorithm*, Evolutionary Computation 26 (2018).

Notation: d wrong bits, x = d/n, c_t = n p_t, L(t) = sum over s <= t of p_s (1-p_s)^(n-1).

1. *While d is of the order of n*: d ln x/dt = -g(x, c_t)/(n x), x(0) = 1/2, with g(x, c) = E[(A - B)^+], A ~ Poi(cx), B ~
   Poi(c(1-x)); P(A - B = j) = e^-c (x/(1-x))^(j/2) I_j(2c sqrt(x(1-x))).
2. *Near the optimum* ln x falls by p_t (1-p_t)^(n-1) a step, so ln x + L tends to a constant c_s.
3. *At the end* the wrong bits, n e^(c_s - L(t)) on average, are like independent ones: P(T <= t) = exp(-n e^(c_s - L(t))).

With a schedule a ln t/t or a W(t)/t and Lam = ln n, the expansion of L gives E[T] = beta n (Lam + c_s + gamma - kappa + ...) at
a = alpha, kappa = -(integral from x* of alpha (1-u) e^-u ln(u)/u du). The term in ln Lam vanishes, as it multiplies the integral
of alpha (1-u) e^-u/u = alpha (E_1(x*) - e^-x*) = 0: only at a = alpha.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.parse import expression
from theory.problems.base import positive_integer
from theory.symbols import n, t

_STEPS = 400  # of the logarithm of time, for each factor e
_FIRST = 400  # up to here every step counts by itself
_LATEST = 400.0  # ln t at which the grid is given up
_LARGEST_C = 400.0  # so many flips a step win nothing that lasts
_SMALL = 1e-8  # of x: from here on g(x, c) is c x e^-c


@dataclass(frozen=True)
class Prediction:
    """What the heuristic says of T.

    Attributes
    ----------
    mean : float
        E[T] in evaluations.
    constant : float
        c_s.
    times, progress : float arrays, shape (grid,)
        Times, and L there.
    size : int
        n.
    """

    mean: float
    constant: float
    times: np.ndarray
    progress: np.ndarray
    size: int

    @property
    def ratio(self) -> float:
        """E[T]/(n ln n)."""
        return self.mean / (self.size * math.log(self.size))

    def cdf(self, when: Any) -> Any:
        """P(T <= t), for a time or an array of them.

        >>> round(float(predict("1/n", 1000).cdf(16000)), 3)
        0.458
        """
        progress = np.interp(np.asarray(when, dtype=float), self.times, self.progress)
        return np.exp(-self.size * np.exp(self.constant - progress))


@plain_arguments
def predict(rate: object, size: int) -> Prediction:
    """Predict T on OneMax of ``size`` (hidden) bits under rates in the time, from a uniform start.

    Parameters
    ----------
    rate : expression or text
        In n and t, e.g. ``LogSchedule()``.
    size : int
        n, at least 2; the mean is right to about 1 % at n = 100, better at larger n.

    Returns
    -------
    Prediction

    Raises
    ------
    InputError
        If the rate holds other symbols, or the run does not seem to end.

    Examples
    --------
    >>> from theory import LogSchedule
    >>> found = predict(LogSchedule(), 1000)
    >>> round(found.constant, 3), round(found.ratio, 3)
    (-2.418, 2.793)
    """
    size = positive_integer(size, "size")
    if size < 2:
        raise InputError(f"size: {size} must be at least 2")
    p = _compiled(expression(rate, "rate", {"n": n, "t": t}).subs(n, size))
    times = np.arange(_FIRST + 1.0)  # a sum up to t is taken as the integral up to t + 1/2
    progress = np.concatenate([[0.0], np.cumsum(_gain(p(times[1:]), size))])
    while progress[-1] < math.log(size) + 45:  # c_s is negative: then fewer than e^-45 wrong bits are left
        if math.log(times[-1]) > _LATEST:
            raise InputError(f"rate: under {rate} the run does not seem to end at n = {size}")
        more = times[-1] * np.exp(np.arange(1, _STEPS + 1) / _STEPS)
        edges = np.concatenate([times[-1:], more])
        f = [_gain(p(y + 0.5), size) for y in (edges, (edges[1:] + edges[:-1]) / 2)]
        steps = np.diff(edges) / 6 * (f[0][1:] + 4 * f[1] + f[0][:-1])  # Simpson
        times, progress = np.append(times, more), np.append(progress, progress[-1] + np.cumsum(steps))
    constant = _constant(p, times, progress, size)
    alive = -np.expm1(-size * np.exp(constant - progress))
    first = float(alive[:_FIRST].sum())
    rest = float(np.sum(np.diff(times[_FIRST:]) * (alive[_FIRST + 1 :] + alive[_FIRST:-1]) / 2)) + alive[_FIRST] / 2
    return Prediction(first + float(rest), constant, times, progress, size)


def _compiled(rate: sympy.Expr) -> Callable[[np.ndarray], np.ndarray]:
    from theory.bounds.hidden_subset import lambert_w

    function = sympy.lambdify(t, rate, [{"LambertW": lambert_w}, "numpy"])

    def at(times: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            p = np.broadcast_to(np.asarray(function(times), dtype=float), times.shape)
        wrong = ~((p >= 0) & (p <= 1))
        if wrong.any():
            raise InputError(f"rate: {rate} is {p[wrong][0]:.6g} at t = {times[wrong][0]:.6g}; a rate must lie in [0, 1]")
        return p

    return at


def _gain(p: np.ndarray, size: int) -> np.ndarray:
    """p (1-p)^(n-1)."""
    with np.errstate(divide="ignore"):
        return p * np.exp((size - 1) * np.log1p(-p))


def drift(x: float, c: float) -> float:
    """g(x, c) = E[(A - B)^+] for independent A ~ Poi(cx), B ~ Poi(c(1-x)).

    >>> round(drift(0.5, 1.0), 9), round(drift(0.25, 0.001) / 0.00025, 3)
    (0.336835011, 0.999)
    """
    from scipy.special import ive

    k = np.arange(1, int(c * x + 12 * math.sqrt(c * x + 1) + 12))
    z = 2 * c * math.sqrt(x * (1 - x))
    with np.errstate(divide="ignore", under="ignore"):
        return float(np.sum(k * np.exp(z - c + k / 2 * math.log(x / (1 - x))) * ive(k, z)))


def _constant(p: Callable, times: np.ndarray, progress: np.ndarray, size: int) -> float:
    """c_s: Runge and Kutta's method along the grid until x is small."""
    y = math.log(0.5)
    for i in range(len(times) - 1):
        a, b = times[i], times[i + 1]
        h = b - a
        moments = np.array([a, (a + b) / 2, b]) + 0.5 if i >= _FIRST else np.array([b, b, b])  # a single step has one rate
        c = [size * float(rate) for rate in p(moments)]
        if min(c) > _LARGEST_C:
            continue
        slope = [0.0, 0.0, 0.0, 0.0]
        for j, (part, at) in enumerate(((0.0, 0), (0.5, 1), (0.5, 1), (1.0, 2))):
            x = math.exp(y - part * h * slope[j - 1])
            slope[j] = drift(x, c[at]) / (size * x) if c[at] > 0 else 0.0
        y -= h / 6 * (slope[0] + 2 * slope[1] + 2 * slope[2] + slope[3])
        if y < math.log(_SMALL):
            return float(y + progress[i + 1])
    raise InputError(f"rate: no more than {math.exp(y):.2g} of the bits is ever repaired at n = {size}")

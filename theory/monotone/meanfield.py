"""HotTopic as n grows: the densities of zero-bits within a level, the map from level to level, and its fixed point.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018), for the process; a fluid limit, without error bound.

Notation: rate c/n, alpha n hot bits A, the rest R, a level is passed when the density of zero-bits in (a random part of) A is
eps; a, r the densities in A and R; time in units of n steps. Independently U_A ~ Poi(c alpha a), D_A ~ Poi(c alpha (1-a)), U_R
~ Poi(c (1-alpha) r), D_R ~ Poi(c (1-alpha) (1-r)). The step is accepted if U_A > D_A, or U_A = D_A and U_R >= D_R:

    alpha a' = -E[(U_A - D_A)^+],
    (1-alpha) r' = P(U_A > D_A) c (1-alpha) (1 - 2 r) - P(U_A = D_A) E[(U_R - D_R)^+].

A new level's hot bits are a fresh sample, so it starts with a = r = D and ends with a = eps and D -> alpha eps + (1-alpha) r. The
fixed point D* > eps is the density at which a hard run stays; a level takes tau* n steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from theory.errors import InputError
from theory.monotone.hottopic import _rate, _share
from theory.values import exact, number

_LARGEST_RATE = 10_000
_LONGEST = 200.0
"""Time, in units of n steps, after which a level counts as not passed."""


@dataclass(frozen=True)
class FixedPoint:
    """The stationary density D* of zero-bits at a change of level, and the time tau* per level in units of n steps."""

    density: float
    time: float


def level(density: float, c: Any, alpha: Any, eps: Any) -> tuple[float, float]:
    """One level: from a = r = density to a = eps.

    Returns
    -------
    tuple of float
        Density of zero-bits at the end, time in units of n steps.

    Examples
    --------
    >>> end, time = level(0.05, 3, "0.25", "0.02")
    >>> round(end, 4), round(time, 4)
    (0.0519, 0.6254)
    """
    from scipy.integrate import solve_ivp

    rate, share, goal = float(_rate(c)), float(_share(alpha)), _eps(eps)
    density = float(number(density, "density"))
    if not goal <= density <= 1:
        raise InputError(f"density: {density!r} must lie between eps = {goal} and 1")
    if rate > _LARGEST_RATE:
        raise InputError(f"c: {c!r} must be at most {_LARGEST_RATE}; sums have as many terms")
    if density == goal:
        return density, 0.0
    rest = 1 - share

    def motion(_: float, state: Any) -> list[float]:
        hot, cold = _motion(state[0], state[1], rate, share)
        return [hot / share, cold / rest]

    def reached(_: float, state: Any) -> float:
        return state[0] - goal

    reached.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(motion, (0.0, _LONGEST), [density, density], "DOP853", events=reached, rtol=1e-10, atol=1e-13)
    if not found.t_events[0].size:
        raise InputError(f"eps: {goal} isn't reached within {_LONGEST:g} n steps; give a larger one")
    r = float(found.y_events[0][0][1])
    return share * goal + rest * r, float(found.t_events[0][0])


def drift(a: Any, r: Any, c: Any, alpha: Any) -> tuple[float, float]:
    """The expected change of the numbers of zero-bits in A and in R in one step, (alpha a', (1-alpha) r').

    Parameters
    ----------
    a, r : numbers
        Densities of zero-bits in A and in R, from 0 to 1.

    Examples
    --------
    >>> hot, rest = drift(0.01, 0.01, 3, "0.25")
    >>> round(hot, 4), round(rest, 4)
    (-0.0036, 0.0067)
    """
    rate, share = float(_rate(c)), float(_share(alpha))
    densities = [float(number(x, name)) for x, name in ((a, "a"), (r, "r"))]
    for x, name in zip(densities, ("a", "r")):
        if not 0 <= x <= 1:
            raise InputError(f"{name}: {x!r} must lie between 0 and 1")
    if rate > _LARGEST_RATE:
        raise InputError(f"c: {c!r} must be at most {_LARGEST_RATE}; sums have as many terms")
    return _motion(densities[0], densities[1], rate, share)


def fixed_point(c: Any, alpha: Any, eps: Any) -> FixedPoint | None:
    """The stable density D* > eps of the map from level to level; None where the density falls to eps.

    Examples
    --------
    >>> point = fixed_point(3, "0.25", "0.02")
    >>> round(point.density, 4), round(point.time, 4)
    (0.0667, 0.8171)
    >>> fixed_point(2, "0.25", "0.02") is None
    True
    """
    from scipy.optimize import brentq

    goal = _eps(eps)

    def growth(x: float) -> float:
        return level(x, c, alpha, eps)[0] - x

    near = goal * (1 + 1e-6)
    if growth(near) <= 0:
        return None
    step, far = 1.2, near
    while growth(far) > 0 and far < 0.5:
        far = min(far * step, 0.5)  # from 1/2 on R can't gain
    density = brentq(growth, near, far, xtol=1e-12)
    return FixedPoint(density, level(density, c, alpha, eps)[1])


def linear_map(s: Any, c: Any, alpha: Any) -> Any:
    """The map for small densities in units of eps, s = D/eps: alpha + (1-alpha) [(1 + h) s^(1-kappa) - h].

    kappa = e^(-c (1-alpha)), h = alpha c/(1 - kappa): to first order a' = -c e^(-c alpha) a and r' = e^(-c alpha) c (c alpha a -
    kappa r), so that a = s e^(-u) with u = c e^(-c alpha) time; r follows as a linear equation.

    >>> round(linear_map(3.0135376806, 2.5, 0.25), 10)
    3.0135376806
    """
    kappa = math.exp(-c * (1 - alpha))
    h = alpha * c / (1 - kappa)
    return alpha + (1 - alpha) * ((1 + h) * s ** (1 - kappa) - h)


def linear_slope(c: Any, alpha: Any) -> float:
    """Slope of the linear map at s = 1: (1-alpha) (1 - kappa + alpha c), which exceeds 1 iff Phi(c, alpha) > 0.

    For (1-alpha) (1 - kappa + alpha c) - 1 = (1-alpha) Phi(c, alpha).

    >>> round(linear_slope(2.2, 0.25) - 1, 6)
    0.018463
    """
    return (1 - alpha) * (1 - math.exp(-c * (1 - alpha)) + alpha * c)


def linear_fixed_point(c: Any, alpha: Any) -> float | None:
    """s > 1 with linear_map(s) = s, for densities so small that first order is enough; None where the slope at 1 is at most 1.

    >>> round(linear_fixed_point(2.5, 0.25), 9)
    3.013537681
    """
    from scipy.optimize import brentq

    if linear_slope(c, alpha) <= 1:
        return None
    high = 2.0
    while linear_map(high, c, alpha) > high:
        high *= 2
    return float(brentq(lambda s: linear_map(s, c, alpha) - s, 1 + 1e-9, high, xtol=1e-13))


def _motion(a: float, r: float, rate: float, share: float) -> tuple[float, float]:
    """(alpha a', (1-alpha) r')."""
    rest = 1 - share
    gain_a, above, equal = _differences(rate * share * a, rate * share * (1 - a))
    gain_r, _, _ = _differences(rate * rest * r, rate * rest * (1 - r))
    return -gain_a, above * rate * rest * (1 - 2 * r) - equal * gain_r


def _differences(up: float, down: float) -> tuple[float, float, float]:
    """E[(U - D)^+], P(U > D), P(U = D) for independent Poisson numbers."""
    import numpy as np

    top = int(max(up, down) + 12 * math.sqrt(max(up, down)) + 25)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, top + 1)))])
    i = np.arange(top + 1)
    u = np.exp(i * math.log(up) - logs - up) if up > 0 else (i == 0).astype(float)
    d = np.exp(i * math.log(down) - logs - down) if down > 0 else (i == 0).astype(float)
    at_most = np.cumsum(d)  # P(D <= i)
    below = np.concatenate([[0.0], at_most[:-1]])
    short = np.concatenate([[0.0], np.cumsum(at_most)[:-1]])  # E[(i - D)^+]
    return float(u @ short), float(u @ below), float(u @ d)


def _eps(eps: Any) -> float:
    value = float(exact(number(eps, "eps")))
    if not 0 < value < 1:
        raise InputError(f"eps: {eps!r} must lie between 0 and 1")
    return value

"""HotTopic as n grows with beta kept: the mean field of a level, with the bits that guard the level reached last.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018), for the process; a fluid limit, without error bound.

:mod:`theory.monotone.meanfield` is the limit of small beta. For the beta of an experiment the set B of the level l that was
reached last matters: as long as l isn't passed, a step after which B has more than eps |B| zero-bits falls to a lower level
and is rejected.

Notation: rate c/n; time in units of n steps; the bits are those of A = A_{l+1} and R, each with a share beta in B. a, r are
the densities of zero-bits in A and R outside of B, b_A, b_R those inside. In one step X, Y are the numbers of zero-bits minus
one-bits that flip in A and R outside of B, X_B, Y_B inside; all independent, each the difference of two Poisson numbers. S >=
0 is the number of zero-bits that B may still gain. The step is accepted if

    S + X_B + Y_B >= 0   and   ( X + X_B > 0,  or  X + X_B = 0 and Y + Y_B >= 0 ),

and S then becomes S + X_B + Y_B. Left alone, B would gain zero-bits, so S stays bounded: it is in equilibrium at every moment (it
changes within a few steps, the densities within n), and alpha b_A + (1-alpha) b_R = eps. Hence

    alpha (1-beta) a' = -E[X; accepted],   (1-alpha) (1-beta) r' = -E[Y; accepted],   alpha beta b_A' = -E[X_B; accepted].

A level begins with b_A = b_R = eps and a = r = d, and ends when A has density eps: (1-beta) a + beta b_A = eps. For the next
level d is alpha a + (1-alpha) r; its fixed point gives the share of zero-bits D = (1-beta) d + beta eps at changes of level.
"""

from __future__ import annotations

import math
from typing import Any

from theory.errors import InputError
from theory.monotone.hottopic import _rate, _share
from theory.monotone.meanfield import _LARGEST_RATE, FixedPoint, _eps
from theory.monotone.meanfield import fixed_point as unguarded

_LONGEST = 50.0
_ROOM = 60
"""Values of S that are kept."""


def fixed_point(c: Any, alpha: Any, beta: Any, eps: Any) -> FixedPoint | None:
    """The density D of zero-bits at changes of level, and the time of a level in units of n steps; None where HotTopic is easy.

    Parameters
    ----------
    c, alpha, eps : numbers
        As in :func:`theory.monotone.meanfield.fixed_point`.
    beta : number
        0 < beta < alpha.

    Raises
    ------
    InputError

    Examples
    --------
    >>> point = fixed_point(4, "1/4", "1/10", "1/50")
    >>> round(point.density, 3), round(point.time, 1)
    (0.103, 1.3)
    """
    from scipy.optimize import brentq

    free = unguarded(c, alpha, eps)
    if free is None:
        return None
    rate, share, small, goal = float(_rate(c)), float(_share(alpha)), float(_share(beta)), _eps(eps)
    if small >= share:
        raise InputError(f"beta: {beta!r} must be less than alpha = {alpha}")

    def growth(x: float) -> float:
        return _level(x, rate, share, small, goal)[0] - x

    high, low = free.density, free.density
    while growth(high) > 0:
        high *= 1.1
    while low > goal * 1.01 and growth(low) <= 0:
        high, low = low, goal + 0.9 * (low - goal)
    if growth(low) <= 0:
        return None
    d = brentq(growth, low, high, xtol=1e-7)
    return FixedPoint((1 - small) * d + small * goal, _level(d, rate, share, small, goal)[1])


def level(density: float, c: Any, alpha: Any, beta: Any, eps: Any) -> tuple[float, float]:
    """One level: from the density d outside of B at its beginning to that at its end; and its time in units of n steps.

    Examples
    --------
    >>> from theory.monotone import meanfield
    >>> small, none = level(0.08, 3, "1/4", "1/10000", "1/50"), meanfield.level(0.08, 3, "1/4", "1/50")
    >>> [bool(abs(x / y - 1) < 1e-3) for x, y in zip(small, none)]
    [True, True]
    """
    return _level(float(density), float(_rate(c)), float(_share(alpha)), float(_share(beta)), _eps(eps))


def _level(d: float, rate: float, share: float, small: float, goal: float) -> tuple[float, float]:
    from scipy.integrate import solve_ivp

    if rate > _LARGEST_RATE:
        raise InputError(f"c: {rate:g} must be at most {_LARGEST_RATE}; sums have as many terms")
    if not goal < d < 1:
        raise InputError(f"density: {d:g} must lie between eps = {goal:g} and 1")

    def motion(_: float, state: Any) -> list[float]:
        a, r, inside = state
        other = (goal - share * inside) / (1 - share)
        falls = _changes(rate, share, small, a, r, min(max(inside, 0.0), 1.0), min(max(other, 0.0), 1.0))
        weights = share * (1 - small), (1 - share) * (1 - small), share * small
        return [-fall / weight for fall, weight in zip(falls, weights)]

    def reached(_: float, state: Any) -> float:
        return (1 - small) * state[0] + small * state[2] - goal

    reached.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(motion, (0.0, _LONGEST), [d, d, goal], "RK45", events=reached, rtol=1e-6, atol=1e-9)
    if not found.t_events[0].size:
        raise InputError(f"eps: {goal} isn't reached within {_LONGEST:g} n steps; give a larger one")
    a, r, _ = found.y_events[0][0]
    return float(share * a + (1 - share) * r), float(found.t_events[0][0])


def _changes(rate: float, share: float, small: float, a: float, r: float, in_a: float, in_r: float) -> tuple[float, float, float]:
    """E[X; accepted], E[Y; accepted], E[X_B; accepted]."""
    import numpy as np

    x, p = _difference(rate * share * (1 - small), a)
    y, q = _difference(rate * (1 - share) * (1 - small), r)
    x_in, p_in = _difference(rate * share * small, in_a)
    y_in, q_in = _difference(rate * (1 - share) * small, in_r)
    # for each x_B: P(X > -x_B), P(X = -x_B), E[X; X > -x_B]; for each y_B: P(Y >= -y_B), E[Y; Y >= -y_B]
    more = (x[None, :] + x_in[:, None]) > 0
    even = (x[None, :] + x_in[:, None]) == 0
    kept = (y[None, :] + y_in[:, None]) >= 0
    above, equal, gain_x = more @ p, even @ p, more @ (p * x)
    stays, gain_y, mean_y = kept @ q, kept @ (q * y), float(q @ y)
    chances = np.outer(p_in, q_in)
    free = above[:, None] + equal[:, None] * stays[None, :]  # P(accepted by f within the level | x_B, y_B)
    fall = x_in[:, None] + y_in[None, :]
    room = _room(chances * free, fall)  # P(S >= s) for s = 0, 1, ...
    allowed = chances * room[np.clip(-fall, 0, _ROOM)]
    first = float((allowed * (gain_x[:, None] - x_in[:, None] * equal[:, None] * stays[None, :])).sum())
    second = float((allowed * (above[:, None] * mean_y + equal[:, None] * gain_y[None, :])).sum())
    third = float((allowed * free * x_in[:, None]).sum())
    return first, second, third


def _room(law: Any, fall: Any) -> Any:
    """P(S >= s), s = 0, ..., _ROOM, in equilibrium, where S changes by ``fall`` with the probabilities ``law`` unless below 0."""
    import numpy as np

    widest = int(fall.max())
    steps = np.bincount((fall + widest).ravel(), law.ravel(), 2 * _ROOM + 2 * widest)
    i = np.arange(_ROOM)
    matrix = steps[np.clip(i[None, :] - i[:, None] + widest, -1, 2 * widest + 1)]  # beyond the law steps are 0
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    system = np.vstack([matrix.T[:-1], np.ones(_ROOM)])
    equilibrium = np.linalg.solve(system, np.concatenate([np.zeros(_ROOM - 1), [1.0]]))
    return np.concatenate([np.cumsum(equilibrium[::-1])[::-1], [0.0]])


def _difference(rate: float, density: float) -> tuple[Any, Any]:
    """Values and law of the zero-bits minus the one-bits that flip, among bits that flip ``rate`` of them on average."""
    import numpy as np

    top = int(rate + 9 * math.sqrt(rate) + 8)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, top + 1)))])
    i = np.arange(top + 1)

    def poisson(mean: float) -> Any:
        return np.exp(i * math.log(mean) - logs - mean) if mean > 0 else (i == 0).astype(float)

    return np.arange(-top, top + 1), np.convolve(poisson(rate * density), poisson(rate * (1 - density))[::-1])

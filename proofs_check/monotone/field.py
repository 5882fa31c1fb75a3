"""HotTopic's drift field: by how much one step of the (1+1) EA changes the zero-bits in the hot set A and in the rest R.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018), for the process.

Measured by single steps of ``sim`` from prepared points: the densities of zero-bits are a in A and r in R. The function has
one level, reached when its set B has no zero-bits, and the point's zero-bits in A fill B first. So no level is lost, and none
is reached unless at least four zero-bits flip at once, which is too rare to be seen: a step in which it happened would be
noticed. From the fitness f = n |A ones| + |R ones| and the number of zero-bits both changes follow.

Beside it *exact*: the same expectation for this n, summed over the binomial numbers U, D of zero-bits and one-bits that flip
in A and R (the step is accepted if U_A > D_A, or U_A = D_A and U_R >= D_R), and theory's *mean field*
(:func:`theory.monotone.meanfield.drift`), its limit for large n, which is off by O(1/n). For a = r = eps the sum of both
mean-field changes over c eps (1-alpha) e^(-c alpha) tends to Phi(c, alpha) as eps falls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from proofs_check.figure import Figure, Series
from proofs_check.progress import track
from theory.errors import InputError
from theory.monotone.meanfield import drift
from theory.problems.base import positive_integer
from theory.values import exact, number

if TYPE_CHECKING:
    import pandas as pd

_BETA = 50  # B has one bit in 50
FEWEST = 4
"""Zero-bits in A; a level could be reached by flipping all of them."""


@dataclass(frozen=True)
class Point:
    """The changes of the zero-bits in A (``hot``) and in R (``rest``) and of both (``total``) in one step, at one state.

    Each measured value has limits, ``low`` and ``high``; with ``deviation``, the standard deviation of the total in one step.
    """

    c: float
    density: float
    hot: float
    rest: float
    total: float
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    deviation: float
    exact: tuple[float, float]
    mean_field: tuple[float, float]


@dataclass(frozen=True)
class Field:
    """The drift field on a grid.

    Attributes
    ----------
    n : int
    alpha : Fraction
    points : tuple of Point
    replicates : int
        Steps measured in each point.
    confidence : float
        With which all limits hold at once.
    """

    n: int
    alpha: Any
    points: tuple[Point, ...]
    replicates: int
    confidence: float

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: c, density, the three measured changes with the total's limits, exact and mean-field totals."""
        import pandas as pd

        return pd.DataFrame(
            {
                "c": point.c, "density": point.density, "hot": point.hot, "rest": point.rest, "total": point.total,
                "low": point.low[2], "high": point.high[2], "exact": sum(point.exact), "mean field": sum(point.mean_field),
            }
            for point in self.points
        )  # fmt: skip

    @property
    def figure(self) -> Figure:
        """The total change against the density, a curve and its measurements for each c."""
        series = []
        for c in sorted({point.c for point in self.points}):
            points = sorted((point for point in self.points if point.c == c), key=lambda point: point.density)
            at = np.linspace(points[0].density, points[-1].density, 60)
            line = tuple(sum(drift(x, x, c, self.alpha)) for x in at.tolist())
            series.append(Series(f"mean field, c = {c:g}", "prediction", tuple(at.tolist()), line))
            x, y = (tuple(getattr(point, name) for point in points) for name in ("density", "total"))
            low, high = (tuple(getattr(point, name)[2] for point in points) for name in ("low", "high"))
            series.append(Series(f"measured, c = {c:g}", "measured", x, y, low, high))
        return Figure("density of zero-bits", "change of their number in a step", tuple(series), title="HotTopic's drift field")


def exact_change(n: int, p: float, hot: int, hot_zeros: int, rest_zeros: int) -> tuple[float, float]:
    """Expected change of the zero-bits in A (of ``hot`` bits) and in R in one step at mutation rate p, no level being passed.

    Examples
    --------
    >>> down, up = exact_change(2, 0.5, 1, 1, 0)  # the hot bit is zero: it flips, or nothing; then the other bit is free
    >>> down, up
    (-0.5, 0.25)
    """
    from scipy.stats import binom

    def differences(zeros: int, ones: int) -> np.ndarray:
        """Law of U - D; entry ``ones`` is 0."""
        falls = binom.pmf(np.arange(ones + 1), ones, p)[::-1]
        return np.convolve(binom.pmf(np.arange(zeros + 1), zeros, p), falls)

    hot_ones, rest_ones = hot - hot_zeros, n - hot - rest_zeros
    hot_law, rest_law = differences(hot_zeros, hot_ones), differences(rest_zeros, rest_ones)
    gains = np.arange(len(rest_law)) - rest_ones
    up = np.arange(len(hot_law)) - hot_ones
    better = up > 0
    freely, kept = p * (rest_ones - rest_zeros), -float(rest_law[gains > 0] @ gains[gains > 0])
    return -float(hot_law[better] @ up[better]), float(hot_law[better].sum()) * freely + float(hot_law[hot_ones]) * kept


def measured_field(
    densities: Sequence[Any],
    constants: Sequence[Any],
    *,
    n: int = 1000,
    alpha: Any = "1/4",
    replicates: int = 20_000,
    seed: int = 1,
    confidence: float = 0.95,
    progress: bool | None = None,
) -> Field:
    """Measure the drift field at a = r = density, for each density and each c.

    Parameters
    ----------
    densities : sequence of numbers
        0 < density < 1; at least four of the alpha n bits of A must be zero-bits.
    constants : sequence of numbers
        The c of the mutation rate c/n.
    n : int
        At least 200.
    alpha : number
    replicates : int
        Single steps in each point.
    seed : int
    confidence : float
        Of all limits together.
    progress : bool, optional

    Returns
    -------
    Field

    Raises
    ------
    InputError

    Examples
    --------
    >>> field = measured_field(["1/10"], [2], n=200, replicates=1000)
    >>> point = field.points[0]
    >>> all(low <= x <= high for low, x, high in zip(point.low, (*point.exact, sum(point.exact)), point.high))
    True
    """
    from sim.statistics import mean_interval

    size = positive_integer(n, "n")
    if size < 200:
        raise InputError(f"n: {n!r} must be at least 200")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: {confidence!r} must lie strictly between 0 and 1")
    share = exact(number(alpha, "alpha"))
    grid = [(exact(number(c, "constants")), exact(number(x, "densities"))) for c in constants for x in densities]
    if not grid:
        raise InputError("densities: give at least one density and at least one constant")
    for c, density in grid:
        if not 0 < density < 1:
            raise InputError(f"densities: {density} must lie strictly between 0 and 1")
        if round(int(share * size) * density) < FEWEST:
            raise InputError(f"densities: {density} leaves fewer than {FEWEST} of the hot bits zero; give a larger one, or n")
        if not 0 < c < size:
            raise InputError(f"constants: {c} must lie strictly between 0 and n = {size}")
    error, points = (1 - confidence) / (3 * len(grid)), []
    for i, (c, density) in enumerate(track(grid, len(grid), "drift field", progress)):
        hot, zeros, samples = _steps(size, c, share, density, replicates, seed + i)
        total = samples[0] + samples[1]
        limits = [mean_interval(sample, 1 - error) for sample in (*samples, total)]
        low, high = ((float(limits[0][side]), float(limits[1][side]), float(limits[2][side])) for side in (0, 1))
        parts = [float(sample.mean()) for sample in (*samples, total)]
        expected = exact_change(size, float(c / size), hot, *zeros)
        limit = drift(zeros[0] / hot, zeros[1] / (size - hot), c, share)
        points.append(
            Point(float(c), float(density), parts[0], parts[1], parts[2], low, high, float(total.std()), expected, limit)
        )
    return Field(size, share, tuple(points), replicates, confidence)


def _steps(n: int, c: Any, alpha: Any, density: Any, replicates: int, seed: int) -> tuple[int, tuple[int, int], list[np.ndarray]]:
    """|A|, the zero-bits in A and R, and the changes in single steps."""
    from sim import simulate
    from theory import HotTopic, OnePlusOneEA

    problem = HotTopic(alpha, min(alpha / 2, exact(number(f"1/{_BETA}", "beta"))), 0, 1, seed=0)
    inside, small = (rows[0] for rows in problem.sets(n))
    hot = len(inside)
    outside = np.setdiff1d(np.arange(n), inside)
    zeros = (round(hot * density), round((n - hot) * density))
    ordered = np.concatenate([small, np.setdiff1d(inside, small)])  # B first
    start = np.ones(n, dtype=np.uint8)
    start[ordered[: zeros[0]]] = 0
    start[outside[: zeros[1]]] = 0
    how: dict[str, Any] = {"replicates": replicates, "seed": seed, "budget": 1, "start": start, "engine": "event"}
    observe = {"at": [1], "potentials": {"k": "k", "v": "v"}}
    runs = simulate(OnePlusOneEA("c/n").on(problem), observe=observe, progress=False, n=n, c=c, **how)
    k, v = (runs.observed["potentials"][name][:, 0].astype(np.int64) for name in ("k", "v"))
    assert (v < n * n).all()  # no level was reached
    hot_after = hot - v // n
    return hot, zeros, [(hot_after - zeros[0]).astype(float), (k - hot_after - zeros[1]).astype(float)]

"""Log-log slopes: the exponent b of E[T] = a g(n)^b from runs at several n, with limits and a test of the model.

For each n the logarithm of the mean of R runs has the standard error e = s/(mean sqrt(R)) and is e^2/2 too low on average
(delta method); the latter is added again. The slope is the least squares slope of these logarithms over log g(n), where each n
weighs its number of runs: right for a coefficient of variation that is the same at every n. Weights from estimated errors would
make the limits too narrow (with 30 runs each they miss the slope in 6 to 8% of cases in place of 5%). The slope is linear in the
logarithms, so its variance follows from their errors whatever the best weights are; as these are estimated, its quantile is
Student's, with the degrees of freedom of F. Satterthwaite (Biometrics Bulletin 2, 1946).

Whether the model can be true is tested by the residuals of generalised least squares, with the F approximation of S. Johansen
(Biometrika 67, 1980) for estimated variances. With 30 skewed runs for each n it refuses a true model at the 5% level in up to 9%
of cases. A slope from a model that is refused means little, however narrow its limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr, log

from sim.runs import Runs
from theory import symbols
from theory.arguments import plain_arguments
from theory.errors import InputError
from theory.parse import expression

if TYPE_CHECKING:
    import pandas

NAMED = {"power": "n", "n log n": "n*log(n)"}
"""Names of models; any other is an expression g in n."""


@dataclass(frozen=True, eq=False)
class SlopeFit:
    """E[T] = exp(intercept) g(n)^slope.

    Attributes
    ----------
    slope, low, high : float
        The exponent and its confidence limits.
    intercept : float
        Logarithm of the factor.
    model : sympy expression
        g.
    confidence : float
    degrees : float
        Degrees of freedom of the limits; infinite where T doesn't vary.
    lack_of_fit : float or None
        The probability of residuals as large as these if the model is true; None for two n, where there are none.
    cells : DataFrame
        ``n, runs, mean, error`` (standard error of the mean's logarithm), ``fitted``.
    how : str
        What was done, in words.
    """

    slope: float
    low: float
    high: float
    intercept: float
    model: Expr
    confidence: float
    degrees: float
    lack_of_fit: float | None
    cells: pandas.DataFrame
    how: str

    def predict(self, n: Any) -> np.ndarray:
        """The fitted mean at each n."""
        return np.exp(self.intercept + self.slope * _log_model(self.model, np.atleast_1d(n)))

    def __repr__(self) -> str:
        return f"SlopeFit({self.slope:.5g} [{self.low:.5g}, {self.high:.5g}] over log({self.model}); {self.how})"


@plain_arguments
def fit_slope(runs: Iterable[Runs] | pandas.DataFrame, model: object = "power", confidence: float = 0.95) -> SlopeFit:
    """Fit E[T] = a g(n)^b to runs at two or more n.

    Parameters
    ----------
    runs : list of Runs, or DataFrame with columns ``n, evaluations`` and perhaps ``hit``
        Of one algorithm, at least two runs for each n, none of them cut off.
    model : {"power", "n log n"}, expression or text
        g(n): n itself, n log n, or an expression such as ``"n**2*log(n)"``. With the growth that theory says, b should be 1.
    confidence : float

    Returns
    -------
    SlopeFit

    Raises
    ------
    InputError

    Examples
    --------
    >>> from sim import simulate
    >>> from theory import RLS, LeadingOnes
    >>> process = RLS().on(LeadingOnes())
    >>> fit = fit_slope([simulate(process, n=n, replicates=100, seed=1) for n in (50, 100, 200)])
    >>> fit.low < 2 < fit.high
    True
    """
    from scipy.stats import t as student

    if not 0 < confidence < 1:
        raise InputError(f"confidence: {confidence!r} must lie between 0 and 1")
    cells = _cells(runs)
    growth = expression(NAMED.get(model, model) if isinstance(model, str) else model, "model", {"n": symbols.n})
    x = _log_model(growth, cells["n"].to_numpy())
    variance = cells["error"].to_numpy() ** 2
    y = np.log(cells["mean"].to_numpy()) + variance / 2
    weight, freedom = cells["runs"].to_numpy(), cells["runs"].to_numpy() - 1
    centred = x - np.average(x, weights=weight)
    if np.ptp(x) <= 1e-12 * max(1.0, float(np.abs(x).max())):
        raise InputError(f"model: {growth} must differ between the n; its slope can't be found")
    part = weight * centred / (weight * centred**2).sum()  # the slope is the sum of part * y
    slope = float((part * y).sum())
    intercept = float(np.average(y - slope * x, weights=weight))
    shares = part**2 * variance
    if shares.sum() > 0:
        degrees = float(shares.sum() ** 2 / (shares**2 / freedom).sum())
        width = float(student.ppf((1 + confidence) / 2, degrees)) * math.sqrt(shares.sum())
    else:
        degrees, width = math.inf, 0.0
    p = _lack_of_fit(x, y, variance, freedom)
    cells["fitted"] = np.exp(intercept + slope * x)
    how = f"{len(cells)} values of n, {degrees:.4g} degrees of freedom, lack of fit " + (
        "unknown" if p is None else f"p = {p:.2g}"
    )
    return SlopeFit(slope, slope - width, slope + width, intercept, growth, confidence, degrees, p, cells, how)


def _lack_of_fit(x: np.ndarray, y: np.ndarray, variance: np.ndarray, freedom: np.ndarray) -> float | None:
    """Johansen's test that the means of y lie on a line; None where nothing is left to test."""
    from scipy.linalg import null_space
    from scipy.stats import f

    if x.size < 3 or (variance <= 0).any():
        return None
    contrasts = null_space(np.vstack([np.ones_like(x), x])).T  # each is 0 on every line
    d = len(contrasts)
    inverse = np.linalg.inv(contrasts * variance @ contrasts.T)
    off = contrasts @ y
    leverage = np.einsum("ki,kl,li->i", contrasts, inverse, contrasts) * variance
    a = float((leverage**2 / freedom).sum())
    scale = d + 2 * a - 6 * a / (d + 2)
    return float(f.sf(off @ inverse @ off / scale, d, d * (d + 2) / (3 * a)))


def _cells(runs: Any) -> pandas.DataFrame:
    """One row for each n: the runs, their mean and the standard error of its logarithm."""
    import pandas

    table = runs if isinstance(runs, pandas.DataFrame) else _table(runs)
    for column in ("n", "evaluations"):
        if column not in table:
            raise InputError(f"runs: the table has no column {column}")
    for column in ("algorithm", "c"):
        if column in table and table[column].nunique() > 1:
            raise InputError(f"runs: {column} must be the same in all runs, but {_some(table[column].unique())} are there")
    rows = []
    for n, group in table.groupby("n"):
        times = group["evaluations"].to_numpy(dtype=np.float64)
        cut = int((~group["hit"].to_numpy(dtype=bool)).sum()) if "hit" in group else 0
        if cut:
            raise InputError(
                f"runs: {cut} of {times.size} runs at n = {n} were cut off, so that their mean isn't known; raise the budget"
            )
        if times.size < 2:
            raise InputError(f"runs: there is one run at n = {n}; its error needs at least two")
        mean = times.mean()
        if not mean > 0:
            raise InputError(f"runs: the mean at n = {n} is {mean:.15g}, which has no logarithm")
        rows.append({"n": n, "runs": times.size, "mean": mean, "error": times.std(ddof=1) / (mean * math.sqrt(times.size))})
    if len(rows) < 2:
        raise InputError(f"runs: a slope needs runs at two n or more, but there are {len(rows)}")
    return pandas.DataFrame(rows)


def _table(runs: Any) -> pandas.DataFrame:
    import pandas

    given = [runs] if isinstance(runs, Runs) else list(runs) if isinstance(runs, Iterable) else []
    if not given or not all(isinstance(one, Runs) for one in given):
        raise InputError("runs: must be a list of Runs or a table with columns n and evaluations")
    return pandas.concat([one.to_pandas() for one in given], ignore_index=True)


def _some(values: Iterable) -> str:
    shown = [str(value) for value in values]
    return ", ".join(shown[:3]) + (", ..." if len(shown) > 3 else "")


def _log_model(model: Expr, ns: np.ndarray) -> np.ndarray:
    logs = []
    for n in ns.tolist():
        value = model.subs(symbols.n, n)
        if not value.is_positive:
            raise InputError(f"model: {model} is {value} at n = {n}; it must be positive")
        logs.append(float(log(value)))
    return np.array(logs)

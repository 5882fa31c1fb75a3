r"""OneMax: the banded triangular chain in difference form, with a proof of its accuracy.

Notation. z zero-bits, p mutation rate (it may depend on z), a ~ Bin(z, p) zero-bits and b ~ Bin(n-z, p) one-bits flip,
E_z expected runtime from z, D_z = E_z - E_{z-1}, R_{z,j} = P(a - b >= j).

Only offspring with a > b change z, so sum_m P(a - b = m) (E_z - E_{z-m}) = 1, and summation by parts gives

    sum_{j >= 0} R_{z,j+1} D_{z-j} = 1,    z = 1, ..., n.                                                     (1)

Long jumps are rare, so a few dozen terms suffice: time O(n width^2), memory O(n).

**Theorem.** Let Ê_z be any numbers with Ê_0 = 0, d_z = sum_j R_{z,j+1} (Ê_{z-j} - Ê_{z-j-1}) the expected decrease of Ê in a
step from z, and |d_z - 1| <= e_z. Then |Ê_z - E_z| <= A_z, where A_0 = 0 and

    A_z = (sum_{m >= 1} P(a - b = m) A_{z-m} + e_z) / R_{z,1}.                                                (2)

In particular, if e_y <= e for all y <= z, then |Ê_z - E_z| <= e E_z.

*Proof.* The error w = Ê - E satisfies sum_m P(a - b = m) (w_z - w_{z-m}) = d_z - 1, hence
w_z = (sum_m P(a - b = m) w_{z-m} + d_z - 1) / R_{z,1}; induction on z. With e_z = e equation (2) is that of e E_z. (This is the
additive drift theorem of He and Yao (2001) with the potential Ê, in both directions.)

So errors don't accumulate over the n states; all that is needed is a bound on each residual. The kernel computes it along with
Ê, from the numbers that it really meets (u = 2^-53, L = number of steps walked for the two binomial laws, Q = sum_j R D the
absolute values of the terms of (1)):

1. *Rounding of the probabilities.* The binomial laws come from ratios with at most 5 roundings a step (p/q, at most 3u where
   the rate depends on the state, included), a sum of at most L terms and a division: relative error (10 L + 2) u. Their sums
   and products add at most 2 L u, the tails in 3. at most u. With second-order terms R has relative error (14 L + 30) u,
   and contributes (14 L + 30) u Q.
2. *Rounding of the recursion.* Products, a compensated sum, one subtraction and one division: 4 u (1 + Q).
3. *Truncation.* Each binomial law is cut where a geometric series bounds its tail by l <= 1e-17; a cut event would
   have changed Ê by at most 2 max_{y<z} |Ê_y| + |D_z|: contributes 4 l (2 max |Ê| + |D_z|), and l is chosen so that this is
   about 1e-14. (Underflow is below: nothing smaller than 1e-285 is divided by.)
4. Ê_z is the compensated sum of the D: relative error 2 u.

While all e_z are at most 1e-11 their maximum e gives the bound e E_z; from the first larger one on, (2) is evaluated along
with Ê. A result whose bound exceeds 1e-10 E_z is refused. For p <= 1/2 and a static rate all D_z are positive, Q = 1 + e_z, and
the bound is (14 L + 34) u + 2e-14: 2.6e-13 at c = 1 and n = 10^6. Rates close to 1, and rates that depend on z, can make E_z
non-monotone in z; (2) still holds, and is still evaluated.

From a uniform start, the z above n/2 + 6 sqrt(n) are left out. Their probability is at most exp(-72), and for a static rate
E_z <= max_{y <= n/2 + 6 sqrt(n)} E_y + sum_{y > n/2} 1/(y p q^(n-1)) there, that is at most that maximum plus 2 E_1: relatively
below 1e-28. Where the rate depends on z they are computed, and refused if they could matter.
"""

from __future__ import annotations

import math

import numpy as np

from theory.exact.elimination import too_large
from theory.exact.errors import NoExactMethod
from theory.exact.starts import average, weights_by_zeros
from theory.exact.states import by_zeros, rates, static_odds
from theory.process import Process
from theory.starts import Start
from theory.values import Number

ACCURACY = 1e-10
LARGEST_BAND = 2 * 10**7
NAME = "banded chain"


def refusal(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> str | None:
    """Why this method doesn't apply (empty: it is about other processes), or None if it does."""
    if process.problem.name != "OneMax" or process.rate is None:
        return ""
    if int(values["n"]) > LARGEST_BAND:
        return f"the banded chain is solved up to n = {LARGEST_BAND}"
    return None


def moments(process: Process, values: dict[str, Number], start: Start, order: int = 1) -> tuple[float, ...]:
    """E[T], and E[T^2] where ``order`` is 2, from a start."""
    n = int(values["n"])
    first, weights = weights_by_zeros(start, n)
    last = first + len(weights) - 1
    result = []
    for expected, error in _solutions(process, values, last if process.is_static else n, order):
        _require_accuracy(process, expected, error, first, last)
        mean = average(weights, expected[first : last + 1])
        if start.kind == "uniform" and math.isinf(expected[last:].max()):
            mean = math.inf
        if start.kind == "uniform" and not expected[last:].max() * math.exp(-72) <= ACCURACY / 10 * mean:
            raise NoExactMethod(f"rate: {process.rate} makes E[T] depend on starts of probability exp(-72)")
        result.append(mean)
    return tuple(result)


def by_number(process: Process, values: dict[str, Number], top: int, order: int = 1) -> list[np.ndarray]:
    """E_z (and with ``order`` 2 the second moments) for z = 0..top, each with relative error below 1e-10."""
    solutions = _solutions(process, values, top, order)
    for expected, error in solutions:
        _require_accuracy(process, expected, error, 0, top)
    return [expected for expected, _ in solutions]


def _require_accuracy(process: Process, expected: np.ndarray, error: np.ndarray, first: int, last: int) -> None:
    """Refuse if a bound on the error exceeds the accuracy somewhere in z = first..last."""
    some = slice(first, last + 1)
    finite = np.isfinite(expected[some])
    if not (error[some][finite] <= ACCURACY * expected[some][finite]).all():
        worst = np.max(error[some][finite] / expected[some][finite])
        raise NoExactMethod(f"rate: {process.rate} makes rounding errors too large here (bound {worst:.1e} > {ACCURACY})")


def _solutions(process: Process, values: dict[str, Number], top: int, order: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(values, error bounds) of the first moments and, with ``order`` 2, the second moments, for z = 0..top.

    The second moments satisfy M_z = 2 E_z - 1 + (expectation of M after the step), equation (1) with that right side; their
    bound is that of the solution plus that of the right side, which is at most twice that of E, relatively.
    """
    n = int(values["n"])
    if process.is_static:
        odds = np.full(top + 1, static_odds(process.rate_at(values)))
    else:
        odds = rates(process, values, by_zeros(process, n))[1][: top + 1]
    result = [_solve(n, odds, np.ones(top + 1), process, values)]
    if order == 2:
        first, bound = result[0]
        second, error = _solve(n, odds, 2.0 * first - 1.0, process, values)
        finite = (first > 0) & np.isfinite(first)
        error += 2.0 * np.max(bound[finite] / first[finite], initial=0.0) * np.where(finite, second, 0.0)
        result.append((second, error))
    return result


def _solve(
    n: int, odds: np.ndarray, cost: np.ndarray, process: Process, values: dict[str, Number]
) -> tuple[np.ndarray, np.ndarray]:
    """Run the kernel up to the first state that misses the optimum with positive probability."""
    from theory.exact import onemax_kernel as kernel

    expected, error = np.zeros(len(odds)), np.zeros(len(odds))
    finite = int(np.argmax(np.isinf(cost))) if np.isinf(cost).any() else len(odds)
    status, stop = kernel.differences(n, odds[:finite], cost[:finite], expected[:finite], error[:finite])
    if status == kernel.OVERFLOW:
        raise too_large()
    stop = stop if status == kernel.INFINITE else finite
    if np.isinf(odds[stop:]).any():  # a rate of 1 may jump over the states that miss the optimum
        from theory.exact.symmetric import by_number as dense

        return dense(process, values, 1 if (cost == 1.0).all() else 2)[-1][: len(odds)], error
    expected[stop:] = math.inf
    return expected, error

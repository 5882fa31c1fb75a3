r"""OneMax: the banded triangular chain in difference form, with a proof of its accuracy.

Notation. z zero-bits, p mutation rate (it may depend on z), a ~ Bin(z, p) zero-bits and b ~ Bin(n-z, p) one-bits flip,
E_z expected runtime from z, D_z = E_z - E_{z-1}, R_{z,j} = P(a - b >= j).

Only offspring with a > b change z, so sum_m P(a - b = m) (E_z - E_{z-m}) = 1, and summation by parts gives

    sum_{j >= 0} R_{z,j+1} D_{z-j} = 1,    z = 1, ..., n.                                                     (1)

Long jumps are rare, so a few dozen terms suffice: time O(n width^2), memory O(n).

**Theorem.** Let Ê_z be any numbers with Ê_0 = 0 and d_z = sum_j R_{z,j+1} (Ê_{z-j} - Ê_{z-j-1}), the expected decrease of Ê in a
step from z. Let |d_z - 1| <= e_z, and let e be the largest e_z over a set of "regular" states. Then

    |Ê_z - E_z| <= e E_z + sum over the other states y <= z of e_y / R_{y,1}.                                 (2)

*Proof.* Ê_z is the sum over the rounds of the expected decrease (telescoping: the chain is finite and absorbed in 0), so
Ê_z - E_z = sum_y V_y (d_y - 1), where V_y is the expected number of rounds spent in y. The V_y add up to E_z, and V_y <=
1/R_{y,1}, because z never comes back to y once it has left it. (This is the additive drift theorem of He and Yao (2001) with
the potential Ê, applied in both directions.)

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

States with e_z > 1e-11 are the "other" ones in (2). The bound (2) is then evaluated, and if it exceeded 1e-10 E_z the method
would refuse. For p <= 1/2 all D_z are positive, Q = 1 + e_z, and the bound is (14 L + 34) u + 2e-14: 2.6e-13 at c = 1 and
n = 10^6. Rates close to 1 make E_z non-monotone in z; (2) still holds, and is still evaluated.

From a uniform start, the z above n/2 + 6 sqrt(n) are left out. Their probability is at most exp(-72), and for a static rate
E_z <= max_{y <= n/2 + 6 sqrt(n)} E_y + sum_{y > n/2} 1/(y p q^(n-1)) there, that is at most that maximum plus 2 E_1: relatively
below 1e-28.

RLS flips r positions: for r = 1 a run collects n coupons, E_z = n H_z exactly, on every strictly monotone function.
"""

from __future__ import annotations

import math

import numpy as np

from theory.exact.elimination import too_large
from theory.exact.errors import NoExactMethod
from theory.exact.starts import Start, average, weights_by_zeros
from theory.exact.states import by_zeros, rates, static_odds
from theory.process import Process
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
    top = first + len(weights) - 1 if process.is_static else n
    return tuple(average(weights, expected[first : first + len(weights)]) for expected in by_number(process, values, top, order))


def by_number(process: Process, values: dict[str, Number], top: int, order: int = 1) -> list[np.ndarray]:
    """E_z (and with ``order`` 2 the second moments) for z = 0..top, each with relative error below 1e-10.

    The second moments satisfy M_z = 2 E_z - 1 + (expectation of M after the step), equation (1) with that right side.
    """
    n = int(values["n"])
    if process.is_static:
        odds = np.full(top + 1, static_odds(process.rate_at(values)))
    else:
        odds = rates(process, values, by_zeros(process, n))[1][: top + 1]
    result = [_solve(n, odds, np.ones(top + 1), process, values)]
    if order == 2:
        result.append(_solve(n, odds, 2.0 * result[0] - 1.0, process, values))
    return result


def _solve(n: int, odds: np.ndarray, cost: np.ndarray, process: Process, values: dict[str, Number]) -> np.ndarray:
    """Run the kernel and check its bound (2)."""
    from theory.exact import onemax_kernel as kernel

    expected, extra = np.zeros(len(odds)), np.zeros(len(odds))
    finite = int(np.argmax(np.isinf(cost))) if np.isinf(cost).any() else len(odds)
    status, stop, worst = kernel.differences(n, odds[:finite], cost[:finite], expected[:finite], extra[:finite])
    if status == kernel.OVERFLOW:
        raise too_large()
    stop = min(stop, finite) if status == kernel.INFINITE or finite < len(odds) else len(odds)
    if np.isinf(odds[stop:]).any():  # a rate of 1 may jump over the states that never leave
        from theory.exact.symmetric import by_number as dense

        return dense(process, values, 1 if (cost == 1.0).all() else 2)[-1][: len(odds)]
    expected[stop:] = math.inf
    bound = worst + float(np.max(extra[1:stop] / expected[1:stop], initial=0.0)) + 4 * kernel.UNIT
    if not bound <= ACCURACY:
        raise NoExactMethod(
            f"rate: {process.rate} makes rounding errors too large at these values (bound {bound:.1e} > {ACCURACY})"
        )
    return expected

"""The banded triangular chain of the (1+1) EA on OneMax, compiled; the theory is in :mod:`theory.exact.onemax`."""

from __future__ import annotations

import numpy as np

from theory.exact.laws_kernel import binomial
from theory.jit import kernel

UNIT = 2.0**-53  # unit roundoff u of double precision
OMITTED = 1e-14  # drift that a truncated band may leave out at one state
REGULAR = 1e-11  # up to the first state with a larger relative residual, the largest one bounds all errors
LARGEST = 1e280  # expectations beyond are refused
DONE, INFINITE, OVERFLOW = 0, 1, 2


@kernel
def differences(n, odds, cost, expected, error):
    """Solve sum_j R[z, j+1] D[z-j] = cost[z] for z = 1, 2, ... and write E[z] = D[1] + ... + D[z] into ``expected``.

    All four arrays have the same length, at most n + 1. ``error[z]`` receives a bound on the error of ``expected[z]``.
    Returns (status, z at which it stopped).
    """
    top = expected.size - 1
    difference = np.zeros(top + 1)
    ups, downs, below, reach = np.empty(n + 1), np.empty(n + 1), np.empty(n + 1), np.empty(n + 2)
    largest, worst, furthest, regular = 0.0, 0.0, 0.0, True
    high, low = 0.0, 0.0  # E[z] as an unevaluated sum of two floats
    expected[0] = error[0] = 0.0
    for z in range(1, top + 1):
        if odds[z] == 0.0:
            return INFINITE, z
        least = 1e-290 if z == 1 else min(1e-17, OMITTED * cost[z] / (4.0 * largest + 4.0 * abs(difference[z - 1])))
        while True:
            a_lo, a_hi = binomial(z, odds[z], least, ups)
            b_lo, b_hi = binomial(n - z, odds[z], least, downs)
            total = 0.0
            for b in range(b_lo, min(b_hi, a_hi) + 1):
                total += downs[b]
                below[b] = total  # P(at most b one-bits flip)
            for b in range(min(b_hi, a_hi) + 1, a_hi + 1):
                below[b] = total
            widest = min(a_hi - b_lo, z)
            for j in range(1, widest + 1):  # reach[j] = P(a - b >= j)
                chance = 0.0
                for a in range(max(a_lo, b_lo + j), a_hi + 1):
                    chance += ups[a] * below[a - j]
                reach[j] = chance
            if widest < 1 or reach[1] < 1e-285:
                if least > 1e-290:
                    least = 1e-290
                    continue
                whole = np.isinf(odds[z])
                return (INFINITE if whole else OVERFLOW), z
            total, lost, size = 0.0, 0.0, 0.0
            for j in range(1, widest):
                term = reach[j + 1] * difference[z - j]
                size += abs(term)
                s = total + term  # two-sum: s + d is exact
                t = s - total
                lost += (total - (s - t)) + (term - t)
                total = s
            step = ((cost[z] - total) - lost) / reach[1]
            size += abs(step) * reach[1]
            left_out = 4.0 * least * (2.0 * largest + abs(step))
            if left_out <= 2.0 * OMITTED * cost[z] or least <= 1e-290:
                break
            least = 1e-290
        difference[z] = step
        s = high + step
        t = s - high
        low += (high - (s - t)) + (step - t)
        high = s
        expected[z] = high + low
        largest = max(largest, abs(expected[z]))
        if not largest < LARGEST:
            return OVERFLOW, z
        rounding = (14.0 * ((a_hi - a_lo) + (b_hi - b_lo)) + 30.0) * UNIT
        residual = rounding * size + 4.0 * UNIT * (cost[z] + size) + left_out
        worst = max(worst, residual / cost[z])
        regular = regular and worst <= REGULAR
        if regular:
            error[z] = worst * expected[z]
        else:
            spread = rounding * widest * reach[1] * furthest
            for j in range(1, widest + 1):
                spread += max(0.0, reach[j] - (reach[j + 1] if j < widest else 0.0)) * error[z - j]
            error[z] = (spread + residual) / reach[1] * (1.0 + 2.0 * rounding)
        error[z] += 2.0 * UNIT * abs(expected[z])
        furthest = max(furthest, error[z])
    return DONE, top

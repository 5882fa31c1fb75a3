"""Mutation rates as hazards: passing a bit costs -log(1 - p), and a bit flips where an account is empty.

The account holds one exponential variate, a new one after each flip. What is left on it serves the next bits at whatever rate
they have: the exponential law has no memory, and no rate enters it. So a rate that changes from offspring to offspring costs no
fresh variate.
"""

from __future__ import annotations

import math

from theory.jit import kernel

_SMALL = 1e-3  # below it five terms of the series are exact to the last digit, and cheaper than a logarithm


@kernel
def hazard_of(p):
    """-log(1 - p)."""
    if p < _SMALL:
        return p * (1.0 + p * (1.0 / 2.0 + p * (1.0 / 3.0 + p * (1.0 / 4.0 + p * (1.0 / 5.0 + p * (1.0 / 6.0))))))
    return -math.log1p(-p)

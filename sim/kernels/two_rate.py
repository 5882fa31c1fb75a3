"""The two-rate rule as its fast engines compute it: in units of r/n, with one draw a generation."""

from __future__ import annotations

from sim.kernels.random import below
from theory.jit import kernel


@kernel
def next_rate(s, p, made_high, n):
    """r/n of the next generation: the best offspring's own with probability 1/2, else half or twice p; clipped to [2/n, 1/4]."""
    choice = below(s, 4)
    high = made_high if choice < 2 else choice == 2
    p = 2.0 * p if high else 0.5 * p
    return min(max(2.0 / n, p), 0.25)

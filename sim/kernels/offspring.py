"""What kernels with several offspring a generation do with sets of flips."""

from __future__ import annotations

import numpy as np

from theory.jit import kernel


@kernel
def difference(x, a, in_a, b, in_b, out):
    """The positions in exactly one of the sets a[:in_a] and b[:in_b]; returns (out, how many), ``out`` longer if it must be."""
    if out.size < in_a + in_b:
        out = np.empty(2 * (in_a + in_b), np.int64)
    for j in range(in_a):
        x[a[j]] += 2  # a mark
    count = 0
    for j in range(in_b):
        if x[b[j]] > 1:
            x[b[j]] -= 2
        else:
            out[count] = b[j]
            count += 1
    for j in range(in_a):
        if x[a[j]] > 1:
            x[a[j]] -= 2
            out[count] = a[j]
            count += 1
    return out, count


@kernel
def flip(x, flips, m):
    """Flip these positions."""
    for j in range(m):
        x[flips[j]] ^= 1


@kernel
def ups_in(x, flips, m):
    """How many of these positions are zero-bits."""
    ups = 0
    for j in range(m):
        ups += 1 - x[flips[j]]
    return ups

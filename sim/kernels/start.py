"""Start points, in canonical bits (1 = agrees with the optimum)."""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import UNIFORM, ZEROS
from sim.kernels.random import below, next_word
from theory.jit import kernel


@kernel
def draw_start(s, x, kind, zeros, bits):
    """Fill x with a start of the given kind; return its number of zero-bits."""
    n = x.size
    if kind == UNIFORM:
        k = n
        word = np.uint64(0)
        for i in range(n):
            if i & 63 == 0:
                word = next_word(s)
            bit = np.uint8(word & np.uint64(1))
            word >>= np.uint64(1)
            x[i] = bit
            k -= bit
        return k
    if kind == ZEROS:
        rare = np.uint8(0) if 2 * zeros <= n else np.uint8(1)
        for i in range(n):
            x[i] = 1 - rare
        left = zeros if rare == 0 else n - zeros
        while left > 0:  # each set of positions is equally likely: redraw those already taken
            i = below(s, n)
            if x[i] != rare:
                x[i] = rare
                left -= 1
        return zeros
    k = n
    for i in range(n):
        x[i] = bits[i]
        k -= bits[i]
    return k

"""The one way in which driftproof compiles: cached on disk, without the GIL, numpy's rules for division by zero.

A hook is called by kernels only, so it gets no entrance from Python; that makes compiling a kernel cheaper.
"""

from __future__ import annotations

import math

import numba

kernel = numba.njit(cache=True, nogil=True, error_model="numpy")
hook = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


@hook
def lambert_w(x):
    """W(x) for x >= 0: Halley's iteration on w exp(w) = x, from ln(1 + x) down; a few roundings from exact."""
    if x == 0.0:
        return 0.0
    w = math.log1p(x)
    if w > 2.0:
        w -= math.log(w)
    for _ in range(12):
        e = math.exp(w)
        excess = w - x / e
        step = excess / (w + 1.0 - (w + 2.0) * excess / (2.0 * w + 2.0))
        w -= step
        if abs(step) <= 1e-15 * w:
            break
    return w

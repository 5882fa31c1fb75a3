"""The one way in which driftproof compiles: cached on disk, without the GIL, numpy's rules for division by zero.

A kernel is called from Python only, so it gets no entrance from C; a hook is called by kernels only, so it gets none at all.
That makes compiling a kernel cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
from numba.core.types import unliteral

_RULES: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


def kernel(function: Callable) -> Any:
    """Compile a function that Python calls, and other kernels may; served from numba's cache on disk afterwards.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.exact.laws_kernel import binomial
    >>> binomial(2, 1.0, 0.0, np.zeros(3))
    (0, 2)
    """
    return _once_a_type(numba.njit(cache=True, **_RULES)(function))  # type: ignore[call-overload]


def hook(function: Callable) -> Any:
    """Compile a function for kernels to call.

    Examples
    --------
    >>> @hook
    ... def twice(x):
    ...     return 2 * x
    >>> @numba.njit
    ... def odd(x):
    ...     return twice(x) + 1
    >>> odd(3)
    7
    """
    return _once_a_type(numba.njit(no_cpython_wrapper=True, **_RULES)(function))  # type: ignore[call-overload]


def _once_a_type(compiled: Any) -> Any:
    """Let compiled code that calls this function compile it once for each list of types.

    numba takes the 0 of ``reached = 0`` for a type of its own, until it has read the loop in which ``reached`` grows: a function
    with such an argument would be compiled for it too, in vain. LLVM sees the 0 anyway, where it inlines the function.
    """
    if not hasattr(compiled, "get_call_template"):  # NUMBA_DISABLE_JIT=1: it is the function itself
        return compiled
    of_literals = compiled.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return of_literals([unliteral(a) for a in args], {name: unliteral(a) for name, a in kws.items()})

    compiled.get_call_template = get_call_template
    return compiled


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

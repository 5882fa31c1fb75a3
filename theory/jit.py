"""The one way in which driftproof compiles: cached on disk, without the GIL, numpy's rules for division by zero.

A hook is called by kernels only, so it gets no entrance from Python; that makes compiling a kernel cheaper.
"""

from __future__ import annotations

import numba

kernel = numba.njit(cache=True, nogil=True, error_model="numpy")
hook = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]

"""The one way in which driftproof compiles: cached on disk, without the GIL, numpy's rules for division by zero."""

from __future__ import annotations

import numba

kernel = numba.njit(cache=True, nogil=True, error_model="numpy")
hook = numba.njit(nogil=True, error_model="numpy")

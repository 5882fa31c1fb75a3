"""One kernel cache for the whole test session, shared by the workers of pytest-xdist, and one thread each for BLAS.

The garbage collector looks seldom: what sympy and numba keep makes each look long, and little of it is garbage. Hypothesis draws
the same examples each time, and however slow the machine is.
"""

from __future__ import annotations

import gc
import os

from hypothesis import HealthCheck, settings

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

gc.set_threshold(50_000, 20, 100)

settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fixed")

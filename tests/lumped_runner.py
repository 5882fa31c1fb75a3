"""Run a lumped template directly, by the contract of sim.kernels (a helper of the tests, not a test)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from sim.kernels import codes
from sim.kernels.lumped import template_for
from theory.compile import potentials_source, rate_source, specialise

KEY = np.array([11, 22, 33, 44], dtype=np.uint64)


def run(
    process, n, replicates, *, c=1.0, start=codes.UNIFORM, zeros=0, bits=(), budget=1 << 62, targets=(), times=(), potentials=(),
    seed=0, stop=0, check=False, template=None,
):  # fmt: skip
    """Arrays of the contract as attributes of one object."""
    path = template or template_for(process, {}, start)[0]
    observe = bool(len(targets) or len(times))
    hooks = dict(process.problem.hooks)
    p = np.nan
    if process.rate is not None and not process.is_static:
        hooks["rate"] = rate_source(process.rate)
    elif process.rate is not None:
        p = process.static_rate({"n": n, "c": c} if "c" in process.rate_symbols else {"n": n})
    if potentials:
        hooks["potentials"] = potentials_source(list(potentials))
    module = specialise(
        path,
        {
            "STRICT": process.algorithm.strict, "FLIPS": process.algorithm.flips, "STATIC_RATE": process.is_static,
            "CHECK_RATE": check, "OBSERVE": observe,
        },
        hooks,
    )  # fmt: skip
    rows = replicates
    out = SimpleNamespace(
        evaluations=np.zeros(rows, np.int64),
        hit=np.zeros(rows, np.uint8),
        hits=np.full((rows, len(targets)), -1, np.int64),
        trajectory=np.full((rows, len(times), max(1, len(potentials))), np.nan),
        status=np.zeros(rows, np.int64),
        bad=np.full((rows, 4), np.nan),
    )
    module.run_block(
        KEY + np.uint64(seed), 0, rows, n, float(c), float(p), process.problem.data(n), 0.0, budget, int(start), zeros,
        np.array(bits, np.uint8), np.array([stop], np.uint8), np.array(targets, np.float64), np.array(times, np.int64),
        out.evaluations, out.hit, out.hits, out.trajectory, out.status, out.bad, np.zeros((0, 0), np.uint8),
    )  # fmt: skip
    return out

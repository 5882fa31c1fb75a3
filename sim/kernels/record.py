"""What kernels write down about a run besides its length; only runs that observe call it."""

from __future__ import annotations

from theory.jit import kernel


@kernel
def record_hits(v, t, targets, reached, row):
    """Note t for the targets that fitness v has reached now; return how many are reached in all."""
    while reached < targets.size and v >= targets[reached]:
        row[reached] = t
        reached += 1
    return reached


@kernel
def record_all_hits(t, targets, reached, row):
    """At the optimum every target left is reached."""
    while reached < targets.size:
        row[reached] = t
        reached += 1


@kernel
def record_bad(row, t, k, v, p):
    """Note where a run had to be given up."""
    row[0], row[1], row[2], row[3] = t, k, v, p

"""The functions of the suite PBO that stand here under another name, and the values at which their runs end.

C. Doerr, F. Ye, N. Horesh, H. Wang, O. Shir, T. Bäck, *Benchmarking discrete optimization heuristics with IOHprofiler*, Applied
Soft Computing 88 (2020), define the suite. Ids, names and largest values were read off the package ``ioh`` (a test asks it
again); they are those of the untransformed functions, which every instance of a function shares.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from theory.problems import LeadingOnes, Linear, OneMax
from theory.problems.base import Problem

LARGEST: dict[str, Callable[[int], int]] = {
    "OneMax": lambda n: n,
    "LeadingOnes": lambda n: n,
    "Linear": lambda n: n * (n + 1) // 2,
    "OneMaxDummy1": lambda n: n // 2,
    "OneMaxDummy2": lambda n: 9 * n // 10,
    "OneMaxNeutrality": lambda n: n // 3,
    "OneMaxEpistasis": lambda n: n,
    "OneMaxRuggedness1": lambda n: (n + 1) // 2 + 1,
    "OneMaxRuggedness2": lambda n: n,
    "OneMaxRuggedness3": lambda n: n,
    "LeadingOnesDummy1": lambda n: n // 2,
    "LeadingOnesDummy2": lambda n: 9 * n // 10,
    "LeadingOnesNeutrality": lambda n: n // 3,
    "LeadingOnesEpistasis": lambda n: n,
    "LeadingOnesRuggedness1": lambda n: (n + 1) // 2 + 1,
    "LeadingOnesRuggedness2": lambda n: n,
    "LeadingOnesRuggedness3": lambda n: n,
    "IsingRing": lambda n: n,
}
"""Name of a function of the suite to its largest value on n bits."""


def problem_of(identity: int, n: int) -> Problem | None:
    """The problem that is the suite's function of that number on n bits (its first instance), or None.

    >>> problem_of(2, 10), problem_of(3, 4), problem_of(25, 10)
    (LeadingOnes(), Linear(weights=[1, 2, 3, 4]), None)
    """
    if identity == 1:
        return OneMax()
    if identity == 2:
        return LeadingOnes()
    if identity == 3:
        return Linear(range(1, n + 1))
    return None


def identity_of(problem: str, n: int) -> tuple[int, str, str]:
    """Number, name and suite under which IOHanalyzer shows a problem, given by its key.

    Functions that aren't in the suite get a number from 100 000 to 999 999 that depends on nothing but the key.

    >>> identity_of("OneMax()", 10), identity_of("Jump(gap=2)", 10)
    ((1, 'OneMax', 'PBO'), (..., 'Jump(gap=2)', 'driftproof'))
    """
    for identity, name in ((1, "OneMax"), (2, "LeadingOnes"), (3, "Linear")):
        known = problem_of(identity, n)
        if known is not None and known.key == problem:
            return identity, name, "PBO"
    return 100_000 + zlib.crc32(problem.encode()) % 900_000, problem, "driftproof"

"""The functions of the suite PBO that stand here under another name, and the values at which their runs end.

C. Doerr, F. Ye, N. Horesh, H. Wang, O. Shir, T. Bäck, *Benchmarking discrete optimization heuristics with IOHprofiler*, Applied
Soft Computing 88 (2020), define the suite. Ids, names and largest values were read off the package ``ioh`` (a test asks it
again); they are those of the untransformed functions, which every instance of a function shares.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from theory.problems import LeadingOnes, Linear, OneMax, WModel
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


_LAYERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Dummy1", {"dummy": "1/2"}),
    ("Dummy2", {"dummy": "9/10"}),
    ("Neutrality", {"neutrality": 3}),
    ("Epistasis", {"epistasis": 4}),
    ("Ruggedness1", {"ruggedness": 1}),
    ("Ruggedness2", {"ruggedness": 2}),
    ("Ruggedness3", {"ruggedness": 3}),
)
NAMES: dict[int, str] = {
    1: "OneMax",
    2: "LeadingOnes",
    3: "Linear",
    **{4 + j: f"OneMax{layer}" for j, (layer, _) in enumerate(_LAYERS)},
    **{11 + j: f"LeadingOnes{layer}" for j, (layer, _) in enumerate(_LAYERS)},
}
"""Number of a function of the suite that is a problem here, to its name there."""
_KEYS = ("OneMax(", "LeadingOnes(", "Linear(", "WModel(")


def problem_of(identity: int, n: int) -> Problem | None:
    """The problem that is the suite's function of that number on n bits (its first instance), or None.

    >>> problem_of(2, 10), problem_of(3, 4), problem_of(25, 10)
    (LeadingOnes(), Linear(weights=[1, 2, 3, 4]), None)
    >>> problem_of(7, 10), problem_of(11, 10)
    (WModel(OneMax(), epistasis=4), WModel(LeadingOnes(), dummy=1/2, positions=[0, 1, 4, 6, 8]))
    """
    if identity == 1:
        return OneMax()
    if identity == 2:
        return LeadingOnes()
    if identity == 3:
        return Linear(range(1, n + 1))
    if identity not in NAMES:
        return None
    leading = identity >= 11
    _, layer = _LAYERS[identity - (11 if leading else 4)]
    if "dummy" in layer:
        layer = {**layer, "positions": counting_positions(n, LARGEST[NAMES[identity]](n))}
    return WModel(LeadingOnes() if leading else OneMax(), **layer)


def counting_positions(n: int, count: int) -> list[int]:
    """The positions, from 0, of the bits that count in the suite's dummy functions.

    They are drawn by the generator x -> 16807 x mod 2^31 - 1 (S. Park, K. Miller, CACM 1988) with a shuffle table of 32
    entries (C. Bays, S. Durham, ACM TOMS 1976), started at 10000 and warmed up with 8 numbers: the i-th position changes
    places with a drawn one, for the first ``count`` of them.

    >>> counting_positions(9, 4)
    [0, 1, 3, 5]
    """
    modulus = 2**31 - 1
    state, drawn = 10_000, []
    for _ in range(40):
        state = 16_807 * state % modulus
        drawn.append(state)
    table = drawn[:7:-1]
    places, number = list(range(n)), table[0]
    for i in range(count):
        entry = number // 67_108_865
        number, table[entry] = table[entry], 16_807 * number % modulus
        j = int(number / modulus * n)
        places[i], places[j] = places[j], places[i]
    return sorted(places[:count])


def identity_of(problem: str, n: int) -> tuple[int, str, str]:
    """Number, name and suite under which IOHanalyzer shows a problem, given by its key.

    Functions that aren't in the suite get a number from 100 000 to 999 999 that depends on nothing but the key.

    >>> identity_of("OneMax()", 10), identity_of("Jump(gap=2)", 10)
    ((1, 'OneMax', 'PBO'), (..., 'Jump(gap=2)', 'driftproof'))
    """
    for identity, name in NAMES.items() if problem.startswith(_KEYS) else ():
        known = problem_of(identity, n)
        if known is not None and known.key == problem:
            return identity, name, "PBO"
    return 100_000 + zlib.crc32(problem.encode()) % 900_000, problem, "driftproof"

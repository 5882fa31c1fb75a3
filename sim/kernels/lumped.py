"""Which process runs on a counter, and on which one; the compiled part is in the two templates named here.

=====================  ===========================================================================================
template               state
=====================  ===========================================================================================
``lumped_counter.py``  k, the number of zero-bits: problems whose fitness depends on k alone, from every start
``lumped_prefix.py``   v, the length of the prefix of ones: LeadingOnes from a uniform start
``lumped_schedule*``   the same two, at rates in t
=====================  ===========================================================================================
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.kernels.codes import UNIFORM
from theory.problems import LeadingOnes
from theory.process import Process

_HERE = Path(__file__).parent
COUNTER = _HERE / "lumped_counter.py"
PREFIX = _HERE / "lumped_prefix.py"
COUNTER_SCHEDULE = _HERE / "lumped_schedule.py"
PREFIX_SCHEDULE = _HERE / "lumped_schedule_prefix.py"


def template_for(
    process: Process, values: dict[str, Any], start_kind: int, start_zeros: int = 0, observe: Any = None
) -> tuple[Path | None, str]:
    """The template that runs a process on a counter, or the reason why there is none.

    Parameters
    ----------
    process : Process
    values : dict
        Of n and c; not looked at (the answer is the same for every n).
    start_kind : int
        One of :mod:`sim.kernels.codes`.
    start_zeros : int
        Number of zero-bits of the start; not looked at.
    observe : object, optional
        With ``needs_bits`` (a potential is a function of the bits) and ``symbols`` (the names that the potentials use).

    Returns
    -------
    path : Path or None
    reason : str
        Empty where there is a template.

    Examples
    --------
    >>> from theory import OnePlusOneEA, LeadingOnes, OneMax
    >>> from sim.kernels.codes import UNIFORM, ZEROS
    >>> template_for(OnePlusOneEA("c/n").on(OneMax()), {}, UNIFORM)[0].name
    'lumped_counter.py'
    >>> template_for(OnePlusOneEA("c/n").on(LeadingOnes()), {}, ZEROS)
    (None, 'the bits behind the first zero are not modelled; only the uniform start keeps them uniform')
    """
    problem, rate = process.core.problem, process.rate_symbols
    prefix = isinstance(problem, LeadingOnes)
    if not problem.symmetric and not prefix:
        return None, f"the state of {problem.name} does not collapse to a counter"
    if getattr(observe, "needs_bits", False):
        return None, "a potential is a function of the bits, but there is only a counter"
    if problem.symmetric:
        return COUNTER_SCHEDULE if "t" in rate else COUNTER, ""
    if start_kind != UNIFORM:
        return None, "the bits behind the first zero are not modelled; only the uniform start keeps them uniform"
    if "k" in rate:
        return None, "the rate depends on k, but only the prefix of ones is modelled"
    if "k" in getattr(observe, "symbols", ()):
        return None, "a potential depends on k, but only the prefix of ones is modelled"
    return PREFIX_SCHEDULE if "t" in rate else PREFIX, ""

"""The engines: which process each can run, why it refuses the others, and the compiled kernel for one run.

==============  ==========================================================  =========================================
engine          idea                                                        cost
==============  ==========================================================  =========================================
``lumped``      the chain of a counter, where the state collapses to one    O(1) a move, O(1) memory
``event``       only the rounds in which a zero-bit flips                   O(1 + np) an event
``sparse``      one geometric jump for each flipped bit                     O(1 + np) a generation
``reference``   flip each bit with probability p                            O(n) a generation
==============  ==========================================================  =========================================

All are exact in distribution; ``auto`` takes the first that can run the process.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from sympy import Expr, Rational

from sim.families import Choice, family_of, positions
from sim.kernels.codes import BITS, UNIFORM, ZEROS
from sim.observe import PARAMETER, Observe, expressions_in, functions_in
from sim.starts import Start, resolve
from sim.windows import windows_for
from theory.chain import Chain
from theory.compile import potentials_source, rate_source, specialise
from theory.errors import InputError, nearest
from theory.problems import Custom
from theory.process import Process
from theory.rates import check_rate
from theory.symbols import c as c_symbol
from theory.symbols import v as v_symbol
from theory.values import Number

ENGINES = ("lumped", "event", "sparse", "reference")
"""From the fastest to the slowest."""


def engines_for(
    process: Process | Chain, start: Any = "uniform", values: dict[str, Number] | None = None, observe: Any = None
) -> dict[str, str | None]:
    """Which engines can run a process.

    Parameters
    ----------
    process : Process or Chain
    start, observe
        As in :func:`sim.simulate`; a start that needs n needs ``values``.
    values : dict, optional
        Of n and c.

    Returns
    -------
    dict
        Engine to None (it can) or the reason why it can't, the fastest first.

    Examples
    --------
    >>> from theory import OnePlusOneEA, LeadingOnes
    >>> engines_for(OnePlusOneEA("c/n").on(LeadingOnes()))["event"]
    'LeadingOnes is not strictly monotone: an offspring whose flips are all from 1 to 0 may be accepted'
    """
    if isinstance(process, Chain):
        return {"chain": None, **{name: "a chain has no bits; its own step is the engine" for name in ENGINES}}
    if values and "n" in values:
        found = resolve(start, process, process.values(**values))
    elif isinstance(start, str):
        found = Start(int(UNIFORM if start == "uniform" else ZEROS), -1, start)
    else:
        found = Start(int(ZEROS if isinstance(start, int) else BITS), -1, "")
    answers = {name: choose(name, process, found, values or {}, Observe.of(observe)) for name in ENGINES}
    return {name: answer.reason if answer.template is None else None for name, answer in answers.items()}


def choose(name: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    return family_of(process)(name, process, start, values, observe)


def pick(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> tuple[str, Path]:
    """The engine that a user asks for (``auto``: the fastest that can) and its template.

    Raises
    ------
    InputError
        If the name is unknown or that engine can't run the process.
    """
    if not isinstance(engine, str) or engine not in ("auto", *ENGINES):
        raise InputError(f"engine: unknown engine {engine!r}; {nearest(str(engine), ['auto', *ENGINES])}")
    for name in ENGINES if engine == "auto" else (engine,):
        choice = choose(name, process, start, values, observe)
        if choice.template is not None:
            return name, choice.template
    able = [name for name in ENGINES if choose(name, process, start, values, observe).template is not None]
    if not able:
        raise InputError(f"process: {process} can't be simulated: {choice.reason}")
    raise InputError(f"engine: '{engine}' can't run {process}: {choice.reason}; use {', '.join(able)} or auto")


def settings_for(process: Process, engine: str, values: dict[str, Number], budget: int) -> np.ndarray:
    """A kernel's ``settings``: an algorithm's parameters, the rates of all positions, or bounds on a rate in t."""
    if engine in ("lumped", "event") and process.algorithm.single and "t" in process.rate_symbols:
        return windows_for(process, values, budget)
    if "i" in process.rate_symbols:
        return positions.rates_of(process, values)
    return np.array(process.algorithm.settings_on(process.problem, values), np.float64)


def kernel_for(process: Process, template: Path, values: dict[str, Number], observe: Observe | None) -> ModuleType:
    """The compiled module (see :mod:`sim.kernels`) of one process, at values that were checked."""
    problem, rate, n = process.problem, process.rate, int(values["n"])
    hooks, user = dict(problem.hooks), {**problem.user, **process.algorithm.user}
    scale, offset = problem.value_scale(n)
    in_kernel = v_symbol / Rational(scale.numerator, scale.denominator) + Rational(offset.numerator, offset.denominator)

    def convert(expr: Expr) -> Expr:  # kernels measure fitness in units of their own, and know the rate by its expression
        expr = expr if rate is None or process.algorithm.parameter is not None else expr.subs(PARAMETER, rate)
        return expr.subs(v_symbol, in_kernel) if in_kernel != v_symbol else expr

    proved = True
    by_position = "i" in process.rate_symbols
    if rate is not None and not process.is_static and not by_position:
        hooks["rate"] = rate_source(convert(rate))
        proved = check_rate(rate, values, n, problem.value_range(n))
    track = "v" in process.rate_symbols or "optimal" in problem.hooks
    if observe is not None:
        track = track or "v" in observe.symbols or bool(observe.targets)
        if "v" in observe.symbols or observe.targets:
            problem.check_value(n)
        if "c" in observe.symbols and "c" not in values:
            raise InputError(f"potentials: have {c_symbol}, but {process} doesn't; write its value instead")
        if "p" in observe.symbols and rate is None and process.algorithm.parameter is None:
            raise InputError(f"potentials: have p, but {process.algorithm} changes no parameter; leave p out")
        if "p" in observe.symbols and by_position:
            raise InputError(f"potentials: have p, but under {process} each position has a rate of its own; leave p out")
        for hook, potentials in (("potentials", observe.potentials), ("measured", observe.drift)):
            expressions, functions = [convert(e) for e in expressions_in(potentials)], functions_in(potentials)
            if potentials:
                hooks[hook] = potentials_source(expressions, len(functions), hook)
            prefix = "user_potential" if hook == "potentials" else "user_measured"
            user |= {f"{prefix}_{j}": function for j, function in enumerate(functions)}
        if observe.given == "v":
            hooks["state_of"] = _STATE_IS_FITNESS
    monotone = problem.is_strictly_monotone
    declared = isinstance(problem, Custom)
    constants = {
        "STRICT": process.algorithm.strict,
        "FLIPS": process.algorithm.flips,
        "RANDOM_ACCEPTANCE": problem.random_acceptance,
        "SCALE": 1.0 if process.algorithm.elitist else float(scale),
        "LETTERS": problem.letters,
        "STATIC_RATE": process.is_static or by_position,
        "POSITION_RATES": by_position,
        "TIMED_RATE": "t" in process.rate_symbols,
        "CHECK_RATE": not proved,
        "TRACK_VALUE": track,
        "VALUES_DECIDE": "compare" not in problem.hooks,
        "COUNTS_DECIDE": problem.symmetric,
        "MONOTONE": (monotone and not declared) or problem.random_acceptance,
        "DECLARED": monotone and declared,
        "OBSERVE": observe is not None,
        "MEASURE": observe is not None and bool(observe.drift),
        **process.algorithm.constants,
    }
    return specialise(template, constants, {**hooks, **process.algorithm.hooks}, user)


_STATE_IS_FITNESS = """
def state_of(k, v):
    return np.int64(v)
"""


def engine_table(processes: Iterable[Process] | None = None) -> list[dict[str, str]]:
    """Which engine runs what, from the code itself.

    Parameters
    ----------
    processes : iterable of Process, optional
        Default: one of each kind (:mod:`sim.kinds`).

    Returns
    -------
    list of dict
        ``process``, ``start``, ``auto`` (what it takes, or none) and one entry an engine: ``yes`` or the reason of its
        refusal.

    Examples
    --------
    >>> from theory import RLS, LeadingOnes
    >>> [(row["start"], row["auto"]) for row in engine_table([RLS().on(LeadingOnes())])]
    [('uniform', 'lumped'), ('zeros', 'sparse')]
    """
    from sim.kinds import kinds

    rows = []
    for process in kinds() if processes is None else processes:
        for start in ("uniform", "zeros"):
            answers = engines_for(process, start)
            rows.append(
                {
                    "process": str(process),
                    "start": start,
                    "auto": next((name for name, reason in answers.items() if reason is None), "none"),
                    **{name: "yes" if reason is None else reason for name, reason in answers.items()},
                }
            )
    return rows

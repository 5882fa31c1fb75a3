"""CustomAlgorithm: the user's own algorithm, one compiled function that is told a fitness and asked for the next candidate."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from theory.algorithms.base import Algorithm
from theory.compile import fingerprint
from theory.errors import InputError
from theory.problems.base import Problem
from theory.values import Number, exact

ARGUMENTS = ("y", "v", "memory", "rng", "n", "c", "t")
_LARGEST_TRIAL = 10_000  # bits up to which the step is tried once without compiling


class CustomAlgorithm(Algorithm):
    """A user's algorithm on bit strings, in ask-and-tell form.

    ``step(y, v, memory, rng, n, c, t)`` learns that the last candidate ``y`` has fitness ``v``, and overwrites ``y`` with the
    next candidate; it returns nothing. One call is one evaluation, so T counts the calls until a candidate is optimal. The first
    call (t = 0) gets the start, whose evaluation is not counted. What an algorithm has to remember, its parent or its population,
    it keeps in ``memory``.

    =============  ============  ===============================================================================================
    ``y``          uint8[n]      bits in the form in which the problem's user gave the function (with a negative weight a zero-bit
                                 is the better one)
    ``v``          float         fitness of y, in the user's units; beyond 53 bits (BinVal) it is rounded
    ``memory``     float64[:]    the algorithm's own; begins as ``memory(n)``. A population: ``memory.reshape(-1, n)``
    ``rng``        Generator     numpy's, on the stream of the replicate; nothing else may be random
    ``n, c``       int, float    c is NaN unless the step reads it
    ``t``          int           candidates evaluated so far, without the start
    =============  ============  ===============================================================================================

    What is observed is the last candidate, good or bad; targets are hit by the first candidate that is good enough.

    Parameters
    ----------
    step : numba function
        Compiled (``@numba.njit``).
    memory : function, optional
        ``memory(n)`` returns a one-dimensional array of numbers; default: an empty one. Needn't be compiled.
    name : str, optional
        For tables; default: the function's name.

    Raises
    ------
    InputError

    Examples
    --------
    The (1+1) EA. Its memory is f(x), then the bits of x:

    >>> import numba
    >>> import numpy as np
    >>> from sim import simulate
    >>> from theory import CustomAlgorithm, LeadingOnes
    >>>
    >>> def nothing_yet(n):
    ...     return np.full(1 + n, -np.inf)
    >>>
    >>> @numba.njit
    ... def one_plus_one(y, v, memory, rng, n, c, t):
    ...     if v >= memory[0]:  # y is not worse than x: it becomes x
    ...         memory[0] = v
    ...         memory[1:] = y
    ...     for i in range(n):  # the next y: flip each bit of x with probability c/n
    ...         y[i] = memory[1 + i]
    ...         if rng.random() < c / n:
    ...             y[i] = 1 - y[i]
    >>>
    >>> mine = CustomAlgorithm(one_plus_one, memory=nothing_yet, name="mine")
    >>> runs = simulate(mine.on(LeadingOnes()), n=10, c=1, replicates=400, seed=1, budget=10**5)
    >>> bool(75 < runs.evaluations.mean() < 92)  # E[T] is 84.2
    True
    """

    single = False
    strict = False
    constants = {"TRACK_VALUE": True}

    def __init__(self, step: Callable, memory: Callable | None = None, name: str | None = None) -> None:
        if not callable(step):
            raise InputError(f"step: {step!r} is not a function")
        if not hasattr(step, "py_func"):
            raise InputError(f"step: {getattr(step, '__name__', repr(step))} is not compiled; put @numba.njit above it")
        takes = len(inspect.signature(step.py_func).parameters)
        if takes != len(ARGUMENTS):
            wanted = ", ".join(ARGUMENTS)
            raise InputError(f"step: {step.py_func.__name__} takes {takes} arguments, but must take ({wanted})")
        if memory is not None and not callable(memory):
            raise InputError(f"memory: {memory!r} must be a function of n that returns an array, e.g. lambda n: numpy.zeros(n)")
        if name is not None and not (isinstance(name, str) and name.isprintable() and name.strip() and " on " not in name):
            raise InputError(f"name: {name!r} must be a text of one line without ' on '")
        self.step, self.memory, self.name_given = step, memory, name
        self._tried: set[int] = set()

    @property
    def key(self) -> str:
        name = self.name_given or self.step.py_func.__name__
        memory = "" if self.memory is None else f", memory=#{fingerprint(self.memory)[:12]}"
        return f"CustomAlgorithm({name}#{fingerprint(self.step)[:12]}{memory})"

    @property
    def needed(self) -> set[str]:
        return {"c"} if reads(self.step.py_func, ARGUMENTS.index("c")) else set()

    @property
    def user(self) -> Mapping[str, Any]:
        return {"user_step": self.step}

    def check(self, values: dict[str, Number]) -> None:
        """Make the memory, and let Python take one step: unlike compiled code it notices an index that is out of range."""
        n = int(values["n"])
        if n in self._tried:
            return
        memory, y = self._memory(n), np.zeros(n, np.uint8)
        if n <= _LARGEST_TRIAL:
            try:
                result = self.step.py_func(y, 0.0, memory, np.random.default_rng(0), n, float(values.get("c", np.nan)), 0)
            except IndexError as error:
                raise InputError(f"step: fails on the zeros with fitness 0 at t = 0: {error}") from None
            except Exception:  # what Python can't run, numba may; it says later what is wrong
                result = None
            if result is not None:
                raise InputError("step: must overwrite y with the next candidate and return nothing")
        self._tried.add(n)

    def settings_on(self, problem: Problem, values: dict[str, Number]) -> np.ndarray:
        """[scale, offset of the kernel's fitness, the n bits of the optimum in the user's form, the memory at the start]"""
        n = int(values["n"])
        problem.check_value(n)
        scale, offset = (float(exact(x)) for x in problem.value_scale(n))
        return np.concatenate([[scale, offset], problem.optimum(n).astype(np.float64), self._memory(n)])

    def _memory(self, n: int) -> np.ndarray:
        if self.memory is None:
            return np.zeros(0)
        try:
            found = np.array(self.memory(n), np.float64)
        except Exception as error:
            first = (str(error).strip().splitlines() or [""])[0]
            raise InputError(f"memory: fails at n = {n}: {type(error).__name__}: {first}") from None
        if found.ndim != 1:
            raise InputError(
                f"memory: has shape {found.shape}, but must have one dimension; in the step write memory.reshape{found.shape}"
            )
        return found


def reads(function: FunctionType, place: int) -> bool:
    """Whether a function reads its argument number ``place``.

    >>> reads(lambda x, y: x + 1, 0), reads(lambda x, y: x + 1, 1)
    (True, False)
    """
    name = function.__code__.co_varnames[place]
    loads = (i.argval for i in dis.get_instructions(function) if i.opname.startswith("LOAD"))
    return any(name in (argument if isinstance(argument, tuple) else (argument,)) for argument in loads)

"""Custom: the user's own function on bit arrays, compiled by numba, as a problem like any other."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from theory.compile import fingerprint
from theory.errors import InputError
from theory.problems.base import Problem

EXHAUSTIVE = 12  # bits up to which declarations are checked on all points
_PAIRS = 200  # random comparable pairs checked above that

_VALUE = """
def value(x, data):
    return user_function(x)
"""
_JUDGE = """
def judge(x, flips, m, ups, k, v, data):
    for j in range(m):
        x[flips[j]] ^= 1
    after = user_function(x)
    for j in range(m):
        x[flips[j]] ^= 1
    return (after > v) - (after < v), after
"""
_JUDGE_UPDATE = """
def judge(x, flips, m, ups, k, v, data):
    after = user_update(x, flips[:m], v)
    return (after > v) - (after < v), after
"""
_OPTIMAL = """
def optimal(k, v, target):
    return v >= target
"""


class Custom(Problem):
    """A user's function, to be maximised.

    Parameters
    ----------
    function : numba function
        ``function(x)`` with x a uint8 array of shape (n,), read only; returns an integer or a float. It must be compiled
        (``@numba.njit``).
    strictly_monotone : bool
        Declares that more one-bits always mean a larger value; the event engine then works. Checked on all pairs of
        neighbours up to n = 12, on random comparable pairs above, and on a sample of the skipped rounds of each run.
    update : numba function, optional
        ``update(x, flips, value)`` returns the value of x with the positions ``flips`` flipped, given f(x) = value;
        it makes a generation cost what it costs, not O(n).
    target : float, optional
        A run ends when the fitness is at least this; default: the value of the all-ones string, which must be a maximum
        (checked on all points up to n = 12, on random ones above).

    Examples
    --------
    >>> import numba
    >>> @numba.njit
    ... def pairs(x):
    ...     return (x[:-1] & x[1:]).sum()
    >>> Custom(pairs).value([1, 1, 1, 0])
    2
    """

    def __init__(
        self,
        function: Callable,
        strictly_monotone: bool = False,
        update: Callable | None = None,
        target: float | None = None,
    ) -> None:
        self.function = _compiled(function, "function", 1)
        self.update = None if update is None else _compiled(update, "update", 3)
        if not isinstance(strictly_monotone, (bool, np.bool_)):
            raise InputError(f"strictly_monotone: {strictly_monotone!r} must be True or False")
        self._strictly_monotone = bool(strictly_monotone)
        if target is not None and not np.isfinite(target):
            raise InputError(f"target: {target!r} must be a finite number")
        self._target = target
        self._checked: set[int] = set()

    @property
    def is_strictly_monotone(self) -> bool:
        return self._strictly_monotone

    @property
    def key(self) -> str:
        parts = [f"{self.function.py_func.__name__}#{fingerprint(self.function)[:12]}"]
        parts += [f"strictly_monotone={self._strictly_monotone}"]
        parts += [f"update=#{fingerprint(self.update)[:12]}"] if self.update is not None else []
        parts += [f"target={self._target}"] if self._target is not None else []
        return f"Custom({', '.join(parts)})"

    @property
    def hooks(self):  # type: ignore[override]
        return {"value": _VALUE, "judge": _JUDGE if self.update is None else _JUDGE_UPDATE, "optimal": _OPTIMAL}

    @property
    def user(self) -> dict[str, Any]:
        extra = {} if self.update is None else {"user_update": self.update}
        return {"user_function": self.function, **extra}

    def value(self, x):
        return self.function(np.ascontiguousarray(x, dtype=np.uint8))

    def target(self, n):
        return float(self.value(np.ones(n)) if self._target is None else self._target)

    def check(self, n):
        """Check the function's type and its declarations on n bits; each n once."""
        if n in self._checked:
            return
        try:
            top = self.value(np.ones(n))
        except Exception as error:
            first = str(error).strip().splitlines()[0]
            raise InputError(
                f"function: can't be called with a uint8 array of {n} bits: {type(error).__name__}: {first}"
            ) from None
        if not isinstance(top, (int, float, np.integer, np.floating)) or isinstance(top, bool):
            raise InputError(f"function: must return an integer or a float, not {type(top).__name__}")
        if self._target is not None and self._strictly_monotone and self._target > top:
            raise InputError(f"target: {self._target} is never reached; the maximum, at all ones, is {top} on {n} bits")
        rng = np.random.default_rng(0)
        if n <= EXHAUSTIVE:
            points = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.uint8)
        else:
            points = (rng.random((_PAIRS, n)) < rng.random((_PAIRS, 1))).astype(np.uint8)
        highest = top
        for x in points:
            bits = x.copy()
            before = self.value(x)
            highest = max(highest, before)
            if before != before:
                raise InputError(f"function: is NaN at {_show(x)}; every point needs a number")
            if self._target is None and before > top:
                raise InputError(f"function: the all-ones string is not a maximum ({_show(x)} is larger); give target=")
            zeros = np.flatnonzero(x == 0)
            if self._strictly_monotone and zeros.size:
                ups = zeros[:, None] if n <= EXHAUSTIVE else [rng.choice(zeros, rng.integers(1, zeros.size + 1), replace=False)]
                for up in ups:
                    y = x.copy()
                    y[up] = 1
                    if not self.value(y) > before:
                        raise InputError(
                            f"strictly_monotone: f({_show(y)}) = {self.value(y)} is not larger than f({_show(x)}) = {before};"
                            " declare strictly_monotone=False"
                        )
            if self.update is not None and n:
                flips = np.sort(rng.choice(n, rng.integers(1, min(n, 4) + 1), replace=False)).astype(np.int64)
                y = x.copy()
                y[flips] ^= 1
                got, right = self.update(x, flips, before), self.value(y)
                if not np.isclose(got, right, rtol=1e-9):
                    raise InputError(
                        f"update: gives {got} for {_show(x)} with {list(map(int, flips))} flipped, but function gives {right}"
                    )
            if not np.array_equal(x, bits):
                raise InputError("function: changes its argument; it must only read x")
        if self._target is not None and n <= EXHAUSTIVE and self._target > highest:
            raise InputError(f"target: {self._target} is never reached; the maximum is {highest} on {n} bits")
        self._checked.add(n)


def _show(x: np.ndarray) -> str:
    text = "".join(map(str, x))
    return text if len(text) <= 24 else f"{text[:24]}... ({len(text)} bits, {int(x.sum())} ones)"


def _compiled(function: object, argument: str, arity: int) -> Any:
    """Check that a user's function is compiled by numba and takes the right number of arguments."""
    if not callable(function):
        raise InputError(f"{argument}: {function!r} is not a function")
    if not hasattr(function, "py_func"):
        name = getattr(function, "__name__", repr(function))
        raise InputError(f"{argument}: {name} is not compiled; put @numba.njit above it")
    takes = len(inspect.signature(function.py_func).parameters)
    if takes != arity:
        wanted = {1: "x", 3: "x, flips, value"}.get(arity, f"{arity} arguments")
        raise InputError(f"{argument}: {function.py_func.__name__} takes {takes} arguments, but must take ({wanted})")
    return function

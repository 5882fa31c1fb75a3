"""What an algorithm is: how offspring are made and which of them live on.

``rate``, ``flips``, ``strict`` and ``elitist`` describe algorithms with one parent and one offspring (``single``), which theory
can put into a Markov chain on points. The others have parameters of their own, given to kernels as ``settings``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from theory import symbols
from theory.arguments import plain_constructor
from theory.errors import InputError
from theory.problems.base import Problem
from theory.values import Number

if TYPE_CHECKING:
    from theory.process import Process


class Algorithm(ABC):
    """An algorithm that can be put :meth:`on` a problem."""

    strict: bool
    rate: Expr | None = None
    """Mutation rate of standard bit mutation, or None where another mutation is used."""
    flips: int = 0
    """Number of positions flipped by each mutation, or 0 where that is random."""
    elitist: bool = True
    """Offspring that are worse are never accepted."""
    single: bool = True
    """One parent, one offspring, nothing remembered but the parent: the points are a Markov chain (given the time)."""
    mixed: bool = False
    """As the (1+1) EA at a rate that is drawn anew for each offspring, from the law :meth:`mixture`."""
    hooks: Mapping[str, Callable | str] = {}
    """What kernels call (see :mod:`theory.hooks`) and this algorithm defines."""
    constants: Mapping[str, bool | int] = {}
    """The constants of :mod:`theory.hooks` that this algorithm sets."""
    parameter: str | None = None
    """Name of a parameter that changes while the algorithm runs, for potentials: its value is ``p`` in kernels."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        plain_constructor(cls)

    @property
    def name(self) -> str:
        """The class name, as it stands in tables."""
        return type(self).__name__

    @property
    @abstractmethod
    def key(self) -> str:
        """Canonical text: two algorithms with the same key are the same algorithm."""

    @property
    def flips_independently(self) -> bool:
        """Every bit flips independently of the others, given the past, at a rate that doesn't ask for the string's length."""
        return self.rate is not None

    @property
    def needed(self) -> set[str]:
        """The symbols in its parameters (the rate's aside) that need a value."""
        return set()

    def mixture(self, values: dict[str, Number]) -> tuple[np.ndarray, np.ndarray]:
        """The law of the rate where it is drawn (``mixed``): probabilities, rates."""
        raise NotImplementedError

    def check(self, values: dict[str, Number]) -> None:
        """Raise InputError if the parameters are impossible at values of n and c."""

    def check_start(self, start: Any) -> None:
        """Raise InputError if runs can't start in what a user gives as ``start``."""

    def settings(self, values: dict[str, Number]) -> Sequence[float]:
        """What kernels get as ``settings``: the parameters at values of n and c, as floats."""
        return ()

    def settings_on(self, problem: Problem, values: dict[str, Number]) -> Sequence[float] | np.ndarray:
        """The same on a problem; different only where kernels need its form to run the algorithm."""
        return self.settings(values)

    @property
    def user(self) -> Mapping[str, Any]:
        """The user's compiled functions, by the name under which kernels call them."""
        return {}

    def uncounted(self, values: dict[str, Number]) -> int:
        """Evaluations of the start, which T doesn't count."""
        return 1

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return self.key

    def on(self, problem: Problem) -> Process:
        """The process: this algorithm maximising that problem."""
        from theory.process import Process

        if isinstance(problem, type) and issubclass(problem, Problem):
            raise InputError(f"problem: {problem.__name__} is a class; write {problem.__name__}(...)")
        if not isinstance(problem, Problem):
            raise InputError(
                f"problem: {problem!r} is not a problem; take one from theory, e.g. OneMax(), or wrap a function in Custom(...)"
            )
        if self.rate is not None and symbols.i in self.rate.free_symbols and not problem.positional:
            raise InputError(f"rate: {self.rate} depends on the position i, as it may on InitialSegment alone, not on {problem}")
        problem.check_algorithm(self)
        return Process(self, problem)


def truth(value: object, argument: str) -> bool:
    """Check a yes or no."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{argument}: {value!r} must be True or False")
    return bool(value)

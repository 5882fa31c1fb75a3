"""What a problem is: a function to maximise on {0,1}^n, the facts theory knows of it, and the hooks kernels call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from theory.arguments import plain_constructor
from theory.errors import InputError


class Problem(ABC):
    """A function to maximise on bit strings of length n.

    A problem is written once: :meth:`value` is its readable definition in exact arithmetic; ``hooks`` are its
    definition for kernels (see :mod:`theory.hooks`), which must agree with it.
    """

    strictly_monotone: bool = False
    """More one-bits (in canonical form) always mean larger fitness."""
    symmetric: bool = False
    """Fitness depends on the number k of zero-bits alone."""
    random_acceptance: ClassVar[bool] = False
    """Offspring are accepted at random by :meth:`acceptance`, and a point has no fitness: the chain is that of k."""
    acceptance_known: bool = True
    """That probability has a closed form."""
    positional: ClassVar[bool] = False
    """Mutation rates may depend on the position i of a bit."""
    space: ClassVar[str] = "bits"
    """What a point is; kernels for anything but bit strings are chosen by this name."""
    letters: int = 2
    """How many values a position of a point can take."""
    hooks: Mapping[str, Callable | str] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        plain_constructor(cls)

    @property
    def name(self) -> str:
        """The class name, as it stands in tables."""
        return type(self).__name__

    @property
    def key(self) -> str:
        """Canonical text: two problems with the same key are the same problem."""
        return f"{self.name}()"

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return self.key

    @property
    def is_strictly_monotone(self) -> bool:
        """As ``strictly_monotone``; for problems where it depends on the instance."""
        return self.strictly_monotone

    @property
    def core(self) -> Problem:
        """The problem on the bits that matter, which has the same law under standard bit mutation; most are their own core."""
        return self

    @property
    def fixed_n(self) -> int | None:
        """The number n of positions, where the problem fixes it."""
        return None

    def check_algorithm(self, algorithm: Any) -> None:
        """Raise InputError if an algorithm can't be put on the problem."""

    def check(self, n: int) -> None:
        """Raise InputError if the problem doesn't exist on n bits."""

    def data(self, n: int) -> np.ndarray:
        """The int64 matrix that the hooks receive."""
        return np.zeros((0, 0), dtype=np.int64)

    def optimum(self, n: int) -> np.ndarray:
        """The optimum as uint8 bits in the user's form; in canonical form it is all ones."""
        return np.ones(n, dtype=np.uint8)

    def target(self, n: int) -> Any:
        """The exact fitness at which a run ends, for problems that aren't ended by k = 0 (those with a hook ``optimal``)."""
        return 0.0

    @property
    def user(self) -> Mapping[str, Any]:
        """The user's compiled functions, by the name under which the hooks call them."""
        return {}

    def value_range(self, n: int) -> tuple[float, float]:
        """Bounds on the fitness v, for checking rates and potentials in v."""
        return (-np.inf, np.inf)

    def value_scale(self, n: int) -> tuple[Fraction, Fraction]:
        """(scale, offset): the kernel's fitness is (v - offset) * scale, where v is the user's."""
        return Fraction(1), Fraction(0)

    def check_value(self, n: int) -> None:
        """Raise InputError if the fitness v can't be held in a float (a rate or potential in v needs that)."""

    def acceptance(self, a: int, b: int) -> Fraction:
        """Probability that an offspring with a flipped zero-bits and b flipped one-bits is accepted (``random_acceptance``)."""
        raise NotImplementedError

    @abstractmethod
    def value(self, x: np.ndarray) -> Any:
        """Exact fitness (int, Fraction or the user's type) of a point x in *canonical* form, a sequence of 0 and 1."""


def positive_integer(value: object, argument: str) -> int:
    """Check that a parameter is a positive integer and return it as int."""
    try:
        number = int(value)  # type: ignore[call-overload]
        if isinstance(value, bool) or number != value or number < 1:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{argument}: {value!r} must be a positive integer") from None
    return number

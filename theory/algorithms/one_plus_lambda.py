"""The (1+lambda) EA: lambda offspring of one parent a generation, of which the best replaces it if it is not worse.

T. Jansen, K. A. De Jong, I. Wegener, *On the choice of the offspring population size in evolutionary algorithms*, Evolutionary
Computation 13 (2005). In a generation

* lambda offspring are made independently of each other: each flips every bit of the parent x with probability p;
* y is one of the best of them, uniformly if there are several;
* y replaces x if f(y) >= f(x) (``strict``: if f(y) > f(x)).

With lambda = 1 this is the (1+1) EA. T counts offspring up to and with the first optimal one, in the order in which they are
made; the rest of its generation is not counted.

A rate in t stands still during a generation: t is the number of its first offspring, (g - 1) lambda + 1 in generation g.
"""

from __future__ import annotations

from sympy import Expr

from theory import symbols
from theory.algorithms.base import Algorithm, truth
from theory.algorithms.parameters import parameter, whole
from theory.errors import InputError
from theory.parse import expression
from theory.schedules import text
from theory.values import Number

MOST_PLACES = 2**60  # of the bits of a generation, so that a waiting time counted in bits fits 64 bits


class OnePlusLambdaEA(Algorithm):
    """The (1+lambda) EA with standard bit mutation.

    Parameters
    ----------
    lam : int, expression or text
        Number lambda of offspring a generation; an expression in n and c is rounded up: ``log(n)``.
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v, where k and v are the parent's and t is the number of the generation's
        first offspring.
    strict : bool
        Reject offspring of equal fitness.

    Raises
    ------
    InputError

    Examples
    --------
    >>> OnePlusLambdaEA(8, "c/n")
    OnePlusLambdaEA(lam=8, rate=c/n)
    """

    single = False

    def __init__(self, lam: object, rate: object, strict: bool = False) -> None:
        self.lam, self.rate = parameter(lam, "lam"), mutation_rate(rate)
        self.strict = truth(strict, "strict")

    @property
    def key(self) -> str:
        return f"OnePlusLambdaEA(lam={self.lam}, rate={text(self.rate)}{', strict=True' if self.strict else ''})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.lam.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[lambda]"""
        return [float(offspring_of(self.lam, values))]


def mutation_rate(rate: object) -> Expr:
    """Read a rate of standard bit mutation."""
    found = expression(rate, "rate", symbols.RATE_SYMBOLS)
    if found.is_number and not 0 <= found <= 1:
        raise InputError(f"rate: {rate!r} must lie in [0, 1]: it is a probability")
    return found


def offspring_of(lam: Expr, values: dict[str, Number]) -> int:
    """The number of offspring of a generation at values of n and c."""
    number = whole(lam, values, "lam")
    if number * int(values["n"]) > MOST_PLACES:
        raise InputError(f"lam: {number} offspring of {values['n']} bits are more than 2^60 bits a generation; take fewer")
    return number

"""The (1,lambda) EA: lambda offspring of one parent a generation, of which the best replaces it, whether or not it is better.

J. Jägersküpper, T. Storch, *When the plus strategy outperforms the comma strategy and when not*, FOCI 2007; J. E. Rowe, D.
Sudholt, *The choice of the offspring population size in the (1,lambda) evolutionary algorithm*, TCS 545 (2014). A generation is
that of the (1+lambda) EA (:mod:`theory.algorithms.one_plus_lambda`), except that y replaces x always. A run ends at the first
offspring that is optimal, so it doesn't matter that the algorithm would leave the optimum again.
"""

from __future__ import annotations

from collections.abc import Mapping

from theory.algorithms.base import Algorithm
from theory.algorithms.one_plus_lambda import mutation_rate, offspring_of
from theory.algorithms.parameters import parameter
from theory.schedules import text
from theory.values import Number


class OneCommaLambdaEA(Algorithm):
    """The (1,lambda) EA with standard bit mutation.

    Parameters
    ----------
    lam : int, expression or text
        Number lambda of offspring a generation; an expression in n and c is rounded up: ``4*log(n)``.
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v, where k and v are the parent's and t is the number of the generation's
        first offspring.

    Raises
    ------
    InputError

    Examples
    --------
    >>> OneCommaLambdaEA("4*log(n)", "1/n")
    OneCommaLambdaEA(lam=4*log(n), rate=1/n)
    """

    single = False
    elitist = False
    strict = False
    constants: Mapping[str, bool | int] = {"COMMA": True}

    def __init__(self, lam: object, rate: object) -> None:
        self.lam, self.rate = parameter(lam, "lam"), mutation_rate(rate)

    @property
    def key(self) -> str:
        return f"OneCommaLambdaEA(lam={self.lam}, rate={text(self.rate)})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.lam.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[lambda]"""
        return [float(offspring_of(self.lam, values))]

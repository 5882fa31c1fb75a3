"""The (1,lambda) EA: lambda offspring of one parent a generation, of which the best replaces it, whether or not it is better.

J. Jägersküpper, T. Storch, *When the plus strategy outperforms the comma strategy and when not*, FOCI 2007; J. E. Rowe,
D. Sudholt, *The choice of the offspring population size in the (1,lambda) evolutionary algorithm*, TCS 545 (2014). A generation
is that of the (1+lambda) EA (:mod:`theory.algorithms.one_plus_lambda`), except that y replaces x always. A run ends at the first
offspring that is optimal, so it doesn't matter that the algorithm would leave the optimum again.

The (1:s+1) success rule adjusts lambda: M. A. Hevia Fajardo, D. Sudholt, *Self-adjusting population sizes for non-elitist
evolutionary algorithms: why success rates matter*, GECCO 2021. A generation has as many offspring as lambda rounded to the
nearest integer, halves upwards (also those that rounding errors hide); after it

* lambda <- max(lambda/F, 1) if f(y) > f(x), and lambda <- lambda F^(1/s) otherwise.

lambda never exceeds 2^60/n, which is beyond all budgets that can be run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sympy import Expr, Rational

from theory.algorithms.base import Algorithm
from theory.algorithms.one_plus_lambda import MOST_PLACES, mutation_rate, offspring_of
from theory.algorithms.parameters import parameter, real
from theory.errors import InputError
from theory.schedules import text
from theory.values import Number


class OneCommaLambdaEA(Algorithm):
    """The (1,lambda) EA with standard bit mutation, with a static lambda or one that follows the (1:s+1) success rule.

    Under the rule, ``p`` as a potential is lambda.

    Parameters
    ----------
    lam : int, expression or text
        Number lambda of offspring a generation; an expression in n and c is rounded up: ``4*log(n)``. Under the success rule that
        of the first generation.
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v, where k and v are the parent's and t is the number of the generation's
        first offspring.
    s : number, expression or text, optional
        Lambda follows the (1:s+1) success rule: it stands still where one generation in s + 1 is a success. Positive.
    factor : number, expression or text, optional
        The update factor F > 1 of the success rule: 3/2.

    Raises
    ------
    InputError

    Examples
    --------
    >>> OneCommaLambdaEA("4*log(n)", "1/n"), OneCommaLambdaEA(1, "1/n", s=1)
    (OneCommaLambdaEA(lam=4*log(n), rate=1/n), OneCommaLambdaEA(lam=1, rate=1/n, s=1, factor=3/2))
    """

    single = False
    elitist = False
    strict = False

    def __init__(self, lam: object, rate: object, s: object = None, factor: object = None) -> None:
        self.lam, self.rate = parameter(lam, "lam"), mutation_rate(rate)
        if s is None and factor is not None:
            raise InputError("factor: belongs to the success rule; give s too, e.g. s=1")
        self.s: Expr | None = None
        if s is not None:
            self.s, self.factor = parameter(s, "s", 0), parameter(Rational(3, 2) if factor is None else factor, "factor")
            for name, value, least in (("s", self.s, 0), ("factor", self.factor, 1)):
                if value == least:
                    raise InputError(f"{name}: {value} must be more than {least}")
            self.parameter = "lam"

    @property
    def key(self) -> str:
        rule = "" if self.s is None else f", s={self.s}, factor={self.factor}"
        return f"OneCommaLambdaEA(lam={self.lam}, rate={text(self.rate)}{rule})"

    @property
    def constants(self) -> Mapping[str, bool | int]:  # type: ignore[override]
        return {"COMMA": True, "SUCCESS_RULE": self.s is not None}

    @property
    def needed(self) -> set[str]:
        expressions = [self.lam] if self.s is None else [self.lam, self.s, self.factor]
        return {str(symbol) for expr in expressions for symbol in expr.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[lambda]; under the success rule [first lambda, factor after a success, factor otherwise, largest lambda]"""
        lam = float(offspring_of(self.lam, values))
        if self.s is None:
            return [lam]
        s, factor = real(self.s, values, "s", 0), real(self.factor, values, "factor")
        for name, value, least in (("s", s, 0), ("factor", factor, 1)):
            if value == least:
                raise InputError(f"{name}: is {least} at these values, but must be more")
        most = MOST_PLACES // int(values["n"])
        growth = min(math.log(factor) / s, 700.0)  # so that it fits a float
        return [lam, 1.0 / factor, math.exp(growth), float(most)]

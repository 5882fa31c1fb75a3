"""The (1+(lambda,lambda)) GA: mutants at a high rate, and crossover with the parent that repairs them.

B. Doerr, C. Doerr, F. Ebel, *From black-box complexity to designing new genetic algorithms*, TCS 567 (2015). In a generation

* l is drawn from Bin(n, lambda/n); m mutants are made independently, each flips l uniform positions of the parent x; x' is one of
  the best of them, uniformly if there are several;
* m offspring are made independently: each takes every bit from x' with probability 1/lambda and from x otherwise; y is one of the
  best of them, uniformly if there are several;
* y replaces x if f(y) >= f(x).

m is the number of offspring, lambda rounded to the nearest integer, halves upwards (also those that rounding errors
hide); lambda/n and 1/lambda are not rounded. Only
crossover offspring can become the parent: x' takes no part in the second selection. All 2m offspring are evaluated, those that
are copies of x or x' too, and T counts them up to and with the first optimal one, be it a mutant.

Self-adjusting: lambda <- max(lambda/F, 1) if f(y) > f(x), and lambda <- min(lambda F^(1/4), n) otherwise. The first lambda is 1.
"""

from __future__ import annotations

from sympy import Expr, Rational

from theory.algorithms.base import Algorithm
from theory.algorithms.one_plus_lambda import offspring_of
from theory.algorithms.parameters import parameter, real
from theory.errors import InputError
from theory.values import Number


class OnePlusLambdaLambdaGA(Algorithm):
    """The (1+(lambda,lambda)) GA, with a static lambda or one that adjusts itself.

    As a potential, ``p`` is lambda.

    Parameters
    ----------
    lam : int, expression or text, optional
        The static lambda, from 1 to n; an expression in n and c is rounded up: ``sqrt(log(n))``. Without it lambda adjusts
        itself.
    factor : number, expression or text, optional
        The update factor F > 1 of the self-adjusting lambda: 3/2.

    Raises
    ------
    InputError

    Examples
    --------
    >>> OnePlusLambdaLambdaGA(), OnePlusLambdaLambdaGA(lam=8)
    (OnePlusLambdaLambdaGA(factor=3/2), OnePlusLambdaLambdaGA(lam=8))
    """

    single = False
    strict = False
    parameter = "lam"

    def __init__(self, lam: object = None, factor: object = None) -> None:
        if lam is not None and factor is not None:
            raise InputError("factor: a static lam has no update factor; leave one of the two out")
        self.lam: Expr | None = None if lam is None else parameter(lam, "lam")
        self.factor: Expr | None = None
        if lam is None:
            self.factor = parameter(Rational(3, 2) if factor is None else factor, "factor")
            if self.factor == 1:
                raise InputError(f"factor: {factor!r} must be more than 1")

    @property
    def key(self) -> str:
        return f"OnePlusLambdaLambdaGA({f'factor={self.factor}' if self.lam is None else f'lam={self.lam}'})"

    @property
    def needed(self) -> set[str]:
        expr = self.factor if self.lam is None else self.lam
        assert expr is not None
        return {str(symbol) for symbol in expr.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[first lambda, factor after an improvement, factor otherwise]"""
        if self.lam is not None:
            lam = offspring_of(self.lam, values)
            if lam > values["n"]:
                raise InputError(f"lam: {self.lam} is {lam} at these values, but must be at most n = {values['n']}")
            return [float(lam), 1.0, 1.0]
        assert self.factor is not None
        factor = real(self.factor, values, "factor")
        if factor == 1:
            raise InputError(f"factor: {self.factor} is 1 at these values, but must be more than 1")
        return [1.0, 1.0 / factor, factor**0.25]

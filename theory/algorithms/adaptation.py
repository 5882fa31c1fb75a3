"""Rules by which a (1+1) EA changes its mutation rate after each offspring: data here, compiled as the hook ``adapt``.

A rule is one entry of :data:`ADAPTATIONS`: which of the parameters ``F, s, first, lowest`` it takes, with their defaults, and how
it becomes a hook and its settings. The kernels know no rule by name, so that a new one is a new entry.

==========  ===============================================================  ==================================================
rule        after an offspring y of x at rate p                              source
==========  ===============================================================  ==================================================
one-fifth   f(y) >= f(x): p <- min(1/2, p F^s), else p <- max(lowest, p/F)   B. Doerr, C. Doerr, J. Lengler, arXiv
                                                                             1902.02588: the (1:s+1)-rule
A, A', C    as :data:`theory.hidden_subset.RULES` says                       :mod:`theory.hidden_subset.adaptive`
B           by epochs, likewise                                              likewise
==========  ===============================================================  ==================================================

Success of the one-fifth rule is f(y) >= f(x), *not worse*: at rate 1/v on LeadingOnes that has probability about 1/e, and the
rule with s = e - 1 holds the rate there. The rate stands still where one offspring in s + 1 is a success; s = 4 is one fifth.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sympy import Expr

from theory import symbols
from theory.algorithms.parameters import at_values, real
from theory.compile import expression_source, function_source
from theory.errors import InputError
from theory.hidden_subset.adaptive import RULES, EpochRule, StepRule
from theory.parse import expression
from theory.values import Number

HIGHEST = 0.5
"""The largest mutation rate of every rule."""
_TRIED = (1, 2, 10, 10**3, 10**6, 10**9, 10**15)  # times at which a factor in t is looked at


def adapt_by_step(p, sign, u, n, c, t, settings, memory):
    """Step rule: grow after a success, shrink otherwise; settings[4] is 1 where equal fitness alone is a success."""
    if sign == 0 or (sign > 0 and settings[4] == 0.0):
        return min(0.5, p * settings[2])
    return max(settings[1], p * settings[3])


def adapt_by_epochs(p, sign, u, n, c, t, settings, memory):
    """Epoch rule; ``memory`` holds the epoch's length, its offspring so far, and how many of them were neutral."""
    if memory[0] == 0.0:
        memory[0] = settings[1]
    memory[1] += 1.0
    if sign == 0:
        memory[2] += 1.0
    if memory[1] < memory[0]:
        return p
    share = memory[2] / memory[0]
    memory[1] = 0.0
    memory[2] = 0.0
    if share < settings[2]:
        return p / settings[4]
    if share > settings[3]:
        return min(0.5, p * settings[4])
    memory[0] *= 2.0
    return min(0.5, math.log1p(-p) / math.log(share))


def _named(function: Callable) -> str:
    """The source of a rule under the name by which kernels call it."""
    return function_source(function).replace(f"def {function.__name__}(", "def adapt(", 1)


_TIMED = """
def adapt(p, sign, u, n, c, t, settings, memory):
    n, c, t = float(n), float(c), float(t)
    factor = {factor}
    if sign == 0 or (sign > 0 and settings[4] == 0.0):
        return min(0.5, p * factor ** settings[2])
    return max(settings[1], p / factor ** settings[3])
"""

_SYMBOLS = {"n": symbols.n, "c": symbols.c, "t": symbols.t}


class Adaptation(ABC):
    """A rule for the rate of a (1+1) EA.

    Attributes
    ----------
    defaults : mapping of str to text
        The parameters that it takes.
    """

    defaults: Mapping[str, str]

    def read(self, given: Mapping[str, object]) -> dict[str, Expr]:
        """The parameters, with defaults for those that are None; numbers that are impossible are refused."""
        found = {}
        for name, default in self.defaults.items():
            value = default if given[name] is None else given[name]
            found[name] = expression(value, name, _SYMBOLS if name == "F" else {"n": symbols.n, "c": symbols.c})
        return found

    @abstractmethod
    def hook(self, parameters: Mapping[str, Expr]) -> str:
        """The source of the hook ``adapt``."""

    @abstractmethod
    def settings(self, parameters: Mapping[str, Expr], values: dict[str, Number]) -> list[float]:
        """What the hook gets as ``settings``; the first entry is the rate of the first offspring.

        Raises
        ------
        InputError
            If a parameter is impossible at these values.
        """


@dataclass(frozen=True)
class ByStep(Adaptation):
    """A rule that multiplies the rate after each offspring.

    Attributes
    ----------
    rule : StepRule
        Its exponents; that of a success is s where ``s`` is among the parameters.
    defaults : mapping of str to text
    """

    rule: StepRule
    defaults: Mapping[str, str]

    def hook(self, parameters):
        if "t" in {str(symbol) for symbol in parameters["F"].free_symbols}:
            return _TIMED.format(factor=expression_source(parameters["F"], "F"))
        return _named(adapt_by_step)

    def settings(self, parameters, values):
        first = real(parameters["first"], values, "first", 0)
        lowest = real(parameters["lowest"], values, "lowest", 0)
        if not 0 < first <= HIGHEST:
            raise InputError(f"first: {parameters['first']} is {first:.6g} at these values, but must lie in (0, 1/2]")
        if lowest > first:
            raise InputError(f"lowest: {parameters['lowest']} is {lowest:.6g} at these values, above first = {first:.6g}")
        rule = self.rule
        if "s" in parameters:
            rule = replace(rule, up=_above(parameters["s"], values, "s", 0))
        factor = at_values(parameters["F"], values)
        if symbols.t not in factor.free_symbols:
            F = _above(parameters["F"], values, "F", 1)
            return [first, lowest, F**rule.up, F**-rule.down, float(rule.neutral)]
        for t in _TRIED:
            at = factor.subs(symbols.t, t)
            if not (at.is_number and at.is_real and at > 1):
                raise InputError(f"F: {parameters['F']} is {at.evalf(6)} at t = {t}, but must be more than 1")
        return [first, lowest, rule.up, rule.down, float(rule.neutral)]


@dataclass(frozen=True)
class ByEpoch(Adaptation):
    """A rule that holds the rate for an epoch and then sets it anew.

    Attributes
    ----------
    rule : EpochRule
    defaults : mapping of str to text
    """

    rule: EpochRule
    defaults: Mapping[str, str]

    def hook(self, parameters):
        return _named(adapt_by_epochs)

    def settings(self, parameters, values):
        first = real(parameters["first"], values, "first", 0)
        if not 0 < first <= HIGHEST:
            raise InputError(f"first: {parameters['first']} is {first:.6g} at these values, but must lie in (0, 1/2]")
        return [first, float(self.rule.first), self.rule.low, self.rule.high, self.rule.factor]


def _above(expr: Expr, values: dict[str, Number], argument: str, bound: int) -> float:
    """A parameter as a float that is above a bound."""
    value = real(expr, values, argument, bound)
    if value == bound:
        raise InputError(f"{argument}: {expr} is {value:.6g} at these values, but must be more than {bound}")
    return value


_HIDDEN = {"F": "21/20", "first": "1/2", "lowest": "0"}  # these rules know no n, so that nothing bounds the rate below

ADAPTATIONS: dict[str, Adaptation] = {
    "one-fifth": ByStep(StepRule(neutral=False, up=4.0, down=1.0), {"F": "11/10", "s": "4", "first": "1/n", "lowest": "1/n**2"}),
    **{
        name: ByStep(rule, _HIDDEN) if isinstance(rule, StepRule) else ByEpoch(rule, {"first": "1/2"})
        for name, rule in RULES.items()
    },
}
"""The rules by name."""

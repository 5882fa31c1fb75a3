"""Self-adjusting mutation rates: the rate follows what the offspring were like.

The rules of one offspring a generation are in :mod:`theory.algorithms.adaptation`. The two-rate rule is the (1+lambda) EA of
B. Doerr, C. Gießen, C. Witt, J. Yang, *The (1+lambda) evolutionary algorithm with self-adjusting mutation rate*, Algorithmica 81
(2019). In a generation at strength r

* the first lambda/2 offspring flip each bit with probability r/(2n), the others with 2r/n;
* y is the best offspring, ties broken uniformly; it replaces x if f(y) >= f(x);
* with probability 1/2 the strength becomes the one with which y was made (r/2 or 2r), otherwise r/2 or 2r with equal
  probability, whether or not y was accepted; then it is clipped to [2, n/4].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr

from theory.algorithms.adaptation import ADAPTATIONS
from theory.algorithms.base import Algorithm
from theory.algorithms.parameters import parameter, real, whole
from theory.errors import InputError, nearest
from theory.values import Number

TWO_RATE = "two-rate"
_TWO_RATE_DEFAULTS = {"lam": 10, "r0": 2}
SMALLEST_TWO_RATE = 8  # bits: below, 2 is more than n/4


class SelfAdjustingEA(Algorithm):
    """The (1+1) EA whose mutation rate p follows a rule; with ``"two-rate"`` the (1+lambda) EA with two rates.

    An offspring y replaces its parent x if it is not worse. The rate of the next offspring, at most 1/2, is

    =============  =============================================================================================================
    ``one-fifth``  p F^s if f(y) >= f(x), otherwise p/F
    ``A``          p F^(e-1) if f(y) = f(x), otherwise p/F: it settles where an offspring is neutral with probability 1/e
    ``A'``         the same with f(y) >= f(x) as success
    ``C``          p F if f(y) = f(x), otherwise p/F^(e-1): rule A with its exponents exchanged
    ``B``          constant for an epoch of L = 16 offspring; then 4p if more than 95% of them were neutral, p/4 if fewer than
                   5% were, and otherwise 1/n', with n' the number of bits that explains their share; in that case L doubles
    ``two-rate``   see the head of :mod:`theory.algorithms.self_adjusting`
    =============  =============================================================================================================

    In a shell the apostrophe of A' stands in quotes of the other kind: ``self-adjusting-ea(rule="A'")``.

    As a potential, ``p`` is the rate of the next offspring; of the two-rate rule r/n. On HiddenSubset n is the number of relevant
    bits, so that a parameter in n is one of an algorithm that knows it.

    Parameters
    ----------
    rule : {"one-fifth", "two-rate", "A", "A'", "B", "C"}
    F : number, expression or text, optional
        The factor, more than 1: of one-fifth 11/10, of A, A' and C 21/20. It may depend on n, c and t: ``1 + 1/log(E + t)``.
    s : number, expression or text, optional
        Of one-fifth, in which p grows by F^s after a success: 4.
    first : number, expression or text, optional
        The rate of the first offspring, at most 1/2: of one-fifth 1/n, of the others 1/2.
    lowest : number, expression or text, optional
        Of the step rules, the smallest rate: of one-fifth 1/n^2, of A, A' and C 0. The largest one is 1/2.
    lam : int, expression or text, optional
        Of two-rate, the number of offspring, even: 10.
    r0 : number, expression or text, optional
        Of two-rate, the strength r of the first generation, from 2 to n/4: 2.

    Raises
    ------
    InputError

    Examples
    --------
    >>> SelfAdjustingEA("A"), SelfAdjustingEA("one-fifth", s="E - 1")
    (SelfAdjustingEA(rule="A", F=21/20), SelfAdjustingEA(rule="one-fifth", F=11/10, s=-1 + E))
    >>> SelfAdjustingEA("two-rate", lam=4)
    SelfAdjustingEA(rule="two-rate", lam=4, r0=2)
    """

    single = False
    strict = False
    parameter = "p"

    def __init__(
        self,
        rule: str,
        F: object = None,
        s: object = None,
        first: object = None,
        lowest: object = None,
        lam: object = None,
        r0: object = None,
    ) -> None:
        known = [*ADAPTATIONS, TWO_RATE]
        if rule not in known:
            raise InputError(f"rule: unknown rule {rule!r}; {nearest(str(rule), known)}")
        self.rule = rule
        given = {"F": F, "s": s, "first": first, "lowest": lowest, "lam": lam, "r0": r0}
        takes = _TWO_RATE_DEFAULTS if rule == TWO_RATE else ADAPTATIONS[rule].defaults
        for name, value in given.items():
            if value is not None and name not in takes:
                raise InputError(f"{name}: rule {rule!r} has no such parameter; it takes {', '.join(takes)}")
        if rule == TWO_RATE:
            read = {name: default if given[name] is None else given[name] for name, default in _TWO_RATE_DEFAULTS.items()}
            self.parameters: dict[str, Expr] = {name: parameter(value, name, 2) for name, value in read.items()}
            if self.parameters["lam"].is_number and self.parameters["lam"] % 2 != 0:
                raise InputError(f"lam: {lam!r} must be even: half of the offspring are made at each rate")
        else:
            self.parameters = ADAPTATIONS[rule].read(given)
        self._shown = {
            name: value
            for name, value in self.parameters.items()
            if name in ("F", "s", "lam", "r0") or str(value) != str(ADAPTATIONS[rule].read(dict.fromkeys(given))[name])
        }

    @property
    def key(self) -> str:
        shown = "".join(f", {name}={value}" for name, value in self._shown.items())
        return f'SelfAdjustingEA(rule="{self.rule}"{shown})'

    @property
    def flips_independently(self) -> bool:
        return self.rule != TWO_RATE

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for value in self.parameters.values() for symbol in value.free_symbols} - {"t"}

    @property
    def hooks(self) -> Mapping[str, Callable | str]:  # type: ignore[override]
        return {} if self.rule == TWO_RATE else {"adapt": ADAPTATIONS[self.rule].hook(self.parameters)}

    constants = {"ADAPTIVE": True}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[rate of the first offspring, the rule's own]; of two-rate [r0/n, lambda]."""
        if self.rule != TWO_RATE:
            return ADAPTATIONS[self.rule].settings(self.parameters, values)
        n = int(values["n"])
        if n < SMALLEST_TWO_RATE:
            raise InputError(f"n: the two-rate rule clips r to [2, n/4], so n must be at least {SMALLEST_TWO_RATE}, not {n}")
        lam = whole(self.parameters["lam"], values, "lam", 2)
        if lam % 2:
            raise InputError(f"lam: {self.parameters['lam']} is {lam} at these values, but must be even")
        strength = real(self.parameters["r0"], values, "r0", 2)
        if strength > n / 4:
            raise InputError(
                f"r0: {self.parameters['r0']} is {strength:.6g} at these values, but must be at most n/4 = {n / 4:g}"
            )
        return [strength / n, float(lam)]

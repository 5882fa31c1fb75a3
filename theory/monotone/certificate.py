"""The entropy certificate: why slightly more than one flip a step still doesn't make strictly monotone functions hard.

J. Lengler, A. Martinsson, A. Steger, *When does hillclimbing fail on monotone functions: an entropy compression argument*,
ANALCO 2019: O(n log^2 n) for all c up to some c_0 > 1. What stands here is a RECONSTRUCTION of the idea, not the paper's text.
It works to first order in z/n, and its range of c is what this reconstruction gives; the paper names no number.

Notation: z zero-bits, z/n small; p_b = e^-c c^b/b!, P(b one-bits flip). At a point y reached by the run, theta is the
probability that a step that flips one zero-bit is rejected, phi the fraction of pairs (zero-bit j, one-bit i) whose swap
improves y, alpha_b the fraction of (j, b one-bits) that are accepted, beta_b of (one-bit i, b zero-bits) whose swap gives a
possible predecessor of y.

Since f is one fixed function, beta_1 = 1 - phi; alpha_b falls in b; by strict monotonicity alpha_b <= phi and beta_b <= 1 - phi
for b >= 2. A code that writes the run backwards saves at each accepted step at least gamma(theta) nats, and z then grows on
average by at most d(theta):

    gamma(theta) = ln( (1 - theta) / (p_0 + (1 - p_0) min(1, theta/p_>=2)) ),   gamma(0) = c,
    d(theta) = (c - theta c/(1 - p_0)) / (1 - theta) - 1,                       d(0) = c - 1.

*Certificate for c*: Lambda >= 0 and eta > 0 with gamma(theta) - Lambda d(theta) >= eta on [0, 1 - p_0]. Then N accepted steps
near the optimum would save eta N - O(z log n) bits: more than Kraft's inequality allows once N is large against z log n.

The best certificate is a linear programme in (Lambda, eta) with a constraint for each theta. Its dual weights sit on the one
theta_0 with d(theta_0) = 0: every certificate has eta <= gamma(theta_0), and Lambda = gamma'(theta_0)/d'(theta_0) attains it.
So certificates exist for c <= c_1 with gamma(theta_0(c_1)) = 0, c_1 = 1.14801...
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from theory.errors import InputError
from theory.values import exact, number

_BITS = 128
_PIECES = 200_000


@dataclass(frozen=True)
class Certificate:
    """Lambda and eta for a c; ``proved`` says that balls showed gamma - Lambda d >= eta on all of [0, 1 - p_0]."""

    c: Fraction
    Lambda: Fraction
    eta: Fraction
    proved: bool

    def __iter__(self):  # Lambda, eta, proved = certificate(c)
        return iter((self.Lambda, self.eta, self.proved))


class _Curves:
    """gamma and d at a ball c."""

    def __init__(self, c: arb) -> None:
        self.c, self.none = c, (-c).exp()
        self.some = 1 - self.none  # the largest theta
        self.two = 1 - self.none * (1 + c)
        self.slope = self.c / self.some

    def saved(self, theta: arb) -> arb:
        """gamma, for theta on either side of p_>=2."""
        left, right = self.none + self.some * theta / self.two, arb(1)
        below = left.min(right) if not theta <= self.two else left
        return ((1 - theta) / (right if theta >= self.two else below)).log()

    def grown(self, theta: arb) -> arb:
        """d."""
        return (self.c - theta * self.slope) / (1 - theta) - 1

    def difference(self, theta: arb, multiplier: arb) -> arb:
        """gamma - Lambda d on an interval, by the mean value theorem where the interval doesn't contain the kink."""
        plain = self.saved(theta) - multiplier * self.grown(theta)
        if not (theta < self.two or theta > self.two):
            return plain
        middle = arb(theta.mid())
        rate = -1 / (1 - theta) - multiplier * (self.c - self.slope) / (1 - theta) ** 2
        if theta < self.two:
            rate -= self.some / self.two / (self.none + self.some * theta / self.two)
        centred = self.saved(middle) - multiplier * self.grown(middle) + rate * (theta - middle)
        return plain if plain.lower() > centred.lower() else centred

    def balance(self) -> arb:
        """theta_0, where d = 0; 0 for c <= 1."""
        return ((self.c - 1) / (self.slope - 1)).max(arb(0))

    def best(self) -> tuple[arb, arb]:
        """(Lambda, eta) of the linear programme; gamma and d are smooth at theta_0 < p_>=2."""
        theta = self.balance()
        rate = -1 / (1 - theta) - self.some / self.two / (self.none + self.some * theta / self.two)
        multiplier = rate / ((self.c - self.slope) / (1 - theta) ** 2)
        return multiplier, self.saved(theta) - multiplier * self.grown(theta)


def certificate(c: Any) -> Certificate:
    """The best certificate for c, rounded to fractions, and whether balls prove it.

    Parameters
    ----------
    c : number
        0 < c <= 2.

    Returns
    -------
    Certificate
        It unpacks to ``Lambda, eta, proved``. Where none exists (eta <= 0), ``proved`` is False.

    Raises
    ------
    InputError

    Examples
    --------
    >>> Lambda, eta, proved = certificate("1.1")
    >>> round(float(Lambda), 2), round(float(eta), 3), proved
    (5.83, 0.226, True)
    >>> certificate("1.15").proved
    False
    """
    value = _constant(c)
    with ctx.workprec(_BITS):
        multiplier, eta = _Curves(_ball(value)).best()
        factor = _round(multiplier, 32)
        low = _round(eta * (1 - arb(2) ** -12), 60)
        return Certificate(value, factor, low, low > 0 and holds(value, factor, low))


def holds(c: Any, Lambda: Fraction, eta: Fraction) -> bool:
    """Prove gamma(theta) - Lambda d(theta) >= eta for every theta in [0, 1 - p_0], by balls.

    >>> holds(Fraction(1), Fraction(12), Fraction(99, 100)), holds(Fraction(1), Fraction(12), Fraction(1))
    (True, False)
    """
    with ctx.workprec(_BITS):
        return _above(_Curves(_ball(_constant(c))), _ball(Lambda), _ball(eta))


def refuted(c: Any) -> bool:
    """Prove that no certificate exists: gamma(theta_0) < 0 where d(theta_0) = 0, so gamma - Lambda d < 0 there for every Lambda.

    >>> refuted("1.149"), refuted("1.147")
    (True, False)
    """
    with ctx.workprec(_BITS):
        curves = _Curves(_ball(_constant(c)))
        theta = curves.balance()
        return bool(curves.c > 1 and curves.saved(theta) < 0)


def certified_up_to(high: Any, low: Any = 1) -> bool:
    """Prove that every c in [low, high] has a certificate, by balls in c and theta.

    Examples
    --------
    >>> certified_up_to("1.14")
    True
    """
    bottom, top = _constant(low), _constant(high)
    with ctx.workprec(64):
        todo, pieces = [(bottom, top)], 0
        while todo:
            a, b = todo.pop()
            pieces += 1
            multiplier, eta = _Curves(_ball((a + b) / 2)).best()
            if eta < 0 or pieces > _PIECES:
                return False
            factor = _ball(_round(multiplier, 32))
            if (b - a) * 30 < Fraction(float(eta.mid())) and _above(_Curves(_ball(a).union(_ball(b))), factor, arb(0)):
                continue
            if b - a < Fraction(1, 2**60):
                return False
            todo += [(a, (a + b) / 2), ((a + b) / 2, b)]
    return True


def crossing_bracket(digits: int = 6) -> tuple[Fraction, Fraction]:
    """Two decimals, 10^-digits apart, between which c_1 lies: the lower has a proved certificate, the upper provably none.

    Parameters
    ----------
    digits : int
        1 to 10.

    Examples
    --------
    >>> low, high = crossing_bracket(4)
    >>> float(low), float(high)
    (1.148, 1.1481)
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 10:
        raise InputError(f"digits: {digits!r} must be an integer from 1 to 10")
    scale = 10**digits
    low, high = scale, 2 * scale
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if refuted(Fraction(middle, scale)) else (middle, high)
    found = (Fraction(low, scale), Fraction(high, scale))
    assert refuted(found[1]) and certificate(found[0]).proved
    return found


def _above(curves: _Curves, multiplier: arb, eta: arb) -> bool:
    top = arb(curves.some.upper())
    todo, pieces = [(arb(0), top)], 0
    while todo:
        a, b = todo.pop()
        pieces += 1
        value = curves.difference(a.union(b), multiplier)
        if value >= eta:
            continue
        middle = arb(((a + b) / 2).mid())
        if value < eta or pieces > _PIECES or curves.difference(middle, multiplier) < eta:
            return False
        todo += [(a, middle), (middle, b)]
    return True


def _constant(c: Any) -> Fraction:
    value = exact(number(c, "c"))
    if not 0 < value <= 2:
        raise InputError(f"c: {c!r} must be positive and at most 2")
    return value


def _round(x: arb, bits: int) -> Fraction:
    """Downwards to a multiple of 2^-bits."""
    return Fraction(int(str((x.lower() * 2**bits).floor().unique_fmpz())), 2**bits)


def _ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))

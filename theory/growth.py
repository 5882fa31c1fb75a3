"""How functions of n grow: which are products of powers of n, ln n, lnln n, ..., up to a factor that tends to a constant.

G. H. Hardy, *Orders of Infinity* (1910): such products are ordered by their exponents, the first difference decides; of a sum
the largest term is left, and the logarithm of C L_j^a L_{j+1}^b ..., a not 0, with L_0 = n and L_{j+1} = ln L_j, is a L_{j+1}
up to a factor that tends to 1.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Integer, Symbol, log

from theory.errors import InputError
from theory.parse import expression
from theory.symbols import c, n

_DEEPEST = 8  # iterated logarithms; ln^(8) is positive only from a tower of seven powers on


@dataclass(frozen=True)
class Growth:
    """A function of n that is factor * n^powers[0] (ln n)^powers[1] (lnln n)^powers[2] ..., up to a factor that tends to 1.

    Attributes
    ----------
    factor : sympy.Expr
        Without n; not zero.
    powers : tuple of sympy.Expr
        Without zeros at the end.
    is_exact : bool
        Whether it is this product itself.

    Examples
    --------
    >>> growth("(n + 1)*log(n**2)")
    Growth(factor=2, powers=(1, 1), is_exact=False)
    """

    factor: Expr
    powers: tuple[Expr, ...]
    is_exact: bool = True

    def __mul__(self, other: Growth) -> Growth:
        size = max(len(self.powers), len(other.powers))
        powers = [self.power(j) + other.power(j) for j in range(size)]
        return Growth(self.factor * other.factor, trimmed(powers), self.is_exact and other.is_exact)

    def __pow__(self, exponent: Expr) -> Growth:
        return Growth(self.factor**exponent, trimmed([x * exponent for x in self.powers]), self.is_exact)

    def power(self, j: int) -> Expr:
        """The exponent of the j-fold logarithm."""
        return self.powers[j] if j < len(self.powers) else Integer(0)

    def expr(self, variable: Symbol = n) -> Expr:
        """The product as an expression.

        >>> growth("log(n)/n").expr()
        log(n)/n
        """
        return self.factor * sympy.Mul(*(iterated_log(j, variable) ** e for j, e in enumerate(self.powers)))


def iterated_log(j: int, variable: Symbol = n) -> Expr:
    """The j-fold natural logarithm; n itself for j = 0.

    >>> iterated_log(2)
    log(log(n))
    """
    return functools.reduce(lambda x, _: log(x), range(j), variable)


def growth(value: object, variable: Symbol = n, name: str = "terms") -> Growth:
    """The product of powers of n, ln n, lnln n, ... to which a function is asymptotically equal.

    Parameters
    ----------
    value : expression or text
    variable : sympy.Symbol
        That tends to infinity.
    name : str
        The name that an error message gives to the value.

    Raises
    ------
    InputError
        Where there is no such product, or it isn't positive.

    Examples
    --------
    >>> growth("n*log(n, 2)")
    Growth(factor=1/log(2), powers=(1, 1), is_exact=True)
    """
    expr = _read(value, variable, name)
    found = _growth(expr, variable, name)
    if sign_of(found.factor, f"{name}: the factor of {expr}") < 0:
        raise InputError(f"{name}: {expr} is negative for large {variable}; give a positive function")
    return found


def _read(value: object, variable: Symbol, name: str) -> Expr:
    if isinstance(value, Expr):
        expr = value
        for symbol in value.free_symbols:
            if symbol != variable and str(symbol) == str(variable):  # the user's own Symbol('n'), with other assumptions
                expr = expr.subs(symbol, variable)
    else:
        expr = expression(value, name, {str(variable): variable, "c": c})
    return sympy.nsimplify(expr, rational=True) if expr.has(sympy.Float) else expr


def _growth(expr: Expr, variable: Symbol, name: str) -> Growth:
    read = functools.partial(_growth, variable=variable, name=name)
    if variable not in expr.free_symbols:
        if expr.is_real is False or expr.is_finite is False or sign_of(expr, f"{name}: the constant {expr}") == 0:
            raise InputError(f"{name}: the constant {expr} must be a real number other than 0")
        return Growth(expr, ())
    if expr == variable:
        return Growth(Integer(1), (Integer(1),))
    if isinstance(expr, sympy.Mul):
        return functools.reduce(Growth.__mul__, map(read, expr.args))
    if isinstance(expr, sympy.Pow) and variable not in expr.exp.free_symbols:
        base = read(expr.base)
        if not expr.exp.is_integer and sign_of(base.factor, f"{name}: the factor of {expr.base}") < 0:
            raise InputError(f"{name}: {expr} is not real for large {variable}")
        return base**expr.exp
    if isinstance(expr, sympy.Add):
        return _sum([read(x) for x in expr.args], expr, name)
    if isinstance(expr, (sympy.Max, sympy.Min)):
        return _extreme([read(x) for x in expr.args], 1 if isinstance(expr, sympy.Max) else -1, expr, name)
    if isinstance(expr, log):
        return _log(read(expr.args[0]), expr, name)
    known = f"{variable}, log({variable}), log(log({variable})), ..."
    raise InputError(f"{name}: {expr} is not a product of powers of {known}; others are not decided")


def _sum(terms: list[Growth], expr: Expr, name: str) -> Growth:
    """The largest term; those of equal growth together."""
    largest = functools.reduce(lambda a, b: a if _compare(a, b, name) >= 0 else b, terms)
    factor = sympy.Add(*(x.factor for x in terms if _compare(x, largest, name) == 0))
    if sign_of(factor, f"{name}: the factor of {expr}") == 0:
        raise InputError(f"{name}: the largest terms of {expr} cancel; write what is left")
    return Growth(factor, largest.powers, all(x.is_exact and _compare(x, largest, name) == 0 for x in terms))


def _extreme(terms: list[Growth], sign: int, expr: Expr, name: str) -> Growth:
    def height(one: Growth, other: Growth) -> int:
        """Which one is larger in the end."""
        of_one, of_other = (sign_of(x.factor, f"{name}: the factor of a term of {expr}") for x in (one, other))
        if of_one != of_other:
            return of_one
        return of_one * _compare(one, other, name) or sign_of(one.factor - other.factor, f"{name}: factors in {expr}")

    found = functools.reduce(lambda a, b: a if sign * height(a, b) >= 0 else b, terms)
    return Growth(found.factor, found.powers, False)


def _log(inside: Growth, expr: Expr, name: str) -> Growth:
    """ln of C L_j^a ... is a L_{j+1} up to a factor that tends to 1."""
    if sign_of(inside.factor, f"{name}: the factor in {expr}") < 0:
        raise InputError(f"{name}: {expr} is not real in the end")
    for j, power in enumerate(inside.powers):
        if sign_of(power, f"{name}: the exponent in {expr}"):
            if j + 1 > _DEEPEST:
                raise InputError(f"{name}: {expr} has more than {_DEEPEST} logarithms in each other")
            alone = inside.is_exact and inside.factor == 1 and not any(inside.powers[j + 1 :])
            return Growth(power, (*([Integer(0)] * (j + 1)), Integer(1)), alone)
    if sign_of(log(inside.factor), f"{name}: {expr}") == 0:
        raise InputError(f"{name}: {expr} tends to 0; write the power of the variable that it is close to")
    return Growth(log(inside.factor), (), False)


def _compare(one: Growth, other: Growth, name: str) -> int:
    """Which one grows faster: the sign of the first difference of the exponents."""
    for j in range(max(len(one.powers), len(other.powers))):
        sign = sign_of(one.power(j) - other.power(j), f"{name}: exponents")
        if sign:
            return sign
    return 0


def trimmed(powers: Sequence[Expr]) -> tuple[Expr, ...]:
    """Without the zeros at the end.

    >>> trimmed([Integer(1), Integer(0)])
    (1,)
    """
    last = max((j for j, x in enumerate(powers) if x != 0), default=-1)
    return tuple(powers[: last + 1])


def sign_of(value: Expr, what: str) -> int:
    """The sign of a number, or of an expression whose symbols' assumptions decide it.

    >>> sign_of(sympy.sqrt(2) - sympy.Rational(3, 2), "value")
    -1
    """
    for sign, truth in ((1, value.is_positive), (-1, value.is_negative), (0, value.is_zero)):
        if truth:
            return sign
    if value.is_number and value.is_real is not False and value.equals(0):
        return 0
    raise InputError(f"{what}, {value}, can't be compared; give a number, or symbols with assumptions that decide it")

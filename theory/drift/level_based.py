"""The level-based theorem for populations.

D. Corus, D.-C. Dang, A. V. Eremeev, P. K. Lehre, *Level-based analysis of genetic algorithms and other search processes*, IEEE
Transactions on Evolutionary Computation 22 (2018), Theorem 1. The theorem is cited, its proof isn't replayed; its conditions are
checked.

Notation: a population of lambda individuals ``size``; given P_t, those of P_{t+1} are drawn independently from a law D(P_t).
Levels are counted from the target here: level k has k - 1 levels above it that aren't the target, which is level 0; there are
m - 1 = ``levels`` levels below it. T counts the individuals that are drawn until the end of the first generation with one at
level 0 (the first population isn't counted): lambda times the number of generations.

Theorem. If there are z_k, delta in (0, 1] and gamma in (0, 1) such that for every population P
(G1) for every level k >= 1: if at least gamma lambda individuals are at level k or above, a drawn one is above level k with
probability >= z_k;
(G2) for every level k >= 2 and 0 < g <= gamma: if moreover at least g lambda individuals are above level k, a drawn one is
above level k with probability >= (1 + delta) g;
(G3) lambda >= 4/(gamma delta^2) ln(128 m/(z delta^2)), z the smallest z_k;
then E[T] <= 8/delta^2 times the sum over k of lambda ln(6 delta lambda/(4 + z_k delta lambda)) + 1/z_k.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any

import sympy
from sympy import Expr

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression, _rational, _relations, _values, total
from theory.drift.laws import Row, again, read_law
from theory.drift.prover import Region, show
from theory.errors import InputError, PreconditionError
from theory.facts import Cited, Computation, Declared
from theory.symbols import k
from theory.text import formula
from theory.values import exact, number

CORUS_DANG_EREMEEV_LEHRE = Source(
    "level-based theorem (Corus, Dang, Eremeev, Lehre 2018)",
    "@article{CorusDangEremeevLehre2018,\n"
    "  author = {Corus, Dogan and Dang, Duc-Cuong and Eremeev, Anton V. and Lehre, Per Kristian},\n"
    "  title = {Level-based analysis of genetic algorithms and other search processes},\n"
    "  journal = {IEEE Transactions on Evolutionary Computation},\n  volume = {22},\n  number = {5},\n  pages = {707--719},\n"
    "  year = {2018},\n}",
)


class LevelBased(DriftTheorem):
    """Under (G1), (G2) and (G3), E[T] <= 8/delta^2 sum over the levels of lambda ln(6 delta lambda/(4 + z delta lambda)) + 1/z.

    The individuals of a generation are drawn independently from a law that depends on the population before, of lambda
    individuals; level k has k - 1 levels above it that aren't the target, m - 1 levels are below the target. (G1) With at
    least gamma lambda individuals at level k or above, one is drawn above level k with probability at least z_k. (G2) With
    moreover at least g lambda above level k, 0 < g <= gamma, k >= 2, with probability at least (1 + delta) g. (G3) lambda >=
    4/(gamma delta^2) ln(128 m/(z delta^2)), z the smallest z_k. T counts individuals. Source: Corus, Dang, Eremeev, Lehre
    (2018), Theorem 1; cited.

    Examples
    --------
    The example of the paper: one of the better half of the population, chosen uniformly, goes up one level, or down, or stays,
    each with probability 1/3. Less than 216 (m - 1)(lambda + 1):

    >>> m, size = 6, 800
    >>> rows = [{0: 1}] + [{j - 1: "1/3", j: "1/3", j + 1: "1/3"} for j in range(1, m - 1)] + [{m - 2: "1/3", m - 1: "2/3"}]
    >>> bound = LevelBased.apply(rows, size=size, parents=size // 2, gamma="1/2", delta="1/3")
    >>> print(bound.status, bound.evaluate() < 216 * (m - 1) * (size + 1))
    cited True
    """

    name = "level-based theorem"
    statement = "E[T] <= 8/delta^2 sum over the levels of lambda ln(6 delta lambda/(4 + z_k delta lambda)) + 1/z_k"
    source = CORUS_DANG_EREMEEV_LEHRE
    preconditions = (
        Precondition("(G1) gamma lambda individuals at level k or above: one above level k with probability >= z_k", "necessary",
                     "a level that is never left has E[T] infinite"),
        Precondition("(G2) moreover g lambda individuals above level k: one above level k with probability >= (1 + delta) g",
                     "necessary", "without selection the better individuals die out as fast as they come"),
        Precondition("(G3) lambda >= 4/(gamma delta^2) ln(128 m/(z delta^2))", "necessary",
                     "one individual that falls back to the lowest level with probability 1/3 needs a time exponential in m"),
        Precondition("0 < z_k, delta <= 1 and 0 < gamma < 1", "technical", "as the theorem is stated"),
        Precondition("what is above a level is more often so for better parents", "technical",
                     "then the worst population is known, and (G1) and (G2) are checked on it (for a chain on levels)"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, size: Any = None, gamma: Any = None, delta: Any = None, levels: Any = None,
        parents: Any = None, z: Any = None, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from above, in individuals drawn.

        Parameters
        ----------
        drift : expression in k, list of numbers, or list of rows {next level: probability}
            z_k, declared, as a formula or z_1, z_2, ...; or the chain on levels that one mutation makes, with ``parents`` mu:
            each individual is a mutation of one of the mu best, uniformly chosen. (G1) and (G2) are then checked exactly.
        start : None
            The bound holds for every first population.
        size : int or expression
            lambda.
        gamma, delta : numbers or expressions
            The constants of the conditions.
        levels : int or expression
            m - 1, for z_k as a formula.
        parents : int
        z : list of numbers, optional
            Of a chain: z_1, z_2, ...; default: the largest that fulfil (G1).
        where, **values
            Assumed of n and c; values at which a formula's conditions are checked.

        Returns
        -------
        Bound
            Of status "cited".

        Raises
        ------
        PreconditionError
        """
        if start is not None:
            raise InputError("start: the bound holds for every first population; leave it out")
        if size is None or gamma is None or delta is None:
            raise InputError("size: give size (lambda), gamma and delta")
        if isinstance(drift, (list, tuple)) and drift and isinstance(drift[0], dict):
            if values or where != () or levels is not None:
                raise InputError("levels: a chain on levels has numbers only; leave out levels, where and values")
            return _of_chain(cls, drift, size, gamma, delta, parents, z)
        if parents is not None or z is not None:
            raise InputError("parents: belong to a chain on levels; z_k that are declared stand in the first argument")
        return _declared(cls, drift, size, gamma, delta, levels, where, values)


def _declared(
    cls: type[LevelBased], drift: Any, size: Any, gamma: Any, delta: Any, levels: Any, where: Any, values: dict[str, Any]
) -> Bound:
    lam, g, d = (_expression(x, name) for x, name in ((size, "size"), (gamma, "gamma"), (delta, "delta")))
    put, conditions = _values(values), _relations(where)
    nothing = Region(None, sympy.S.Zero, None, False, conditions, put)
    zero, one = sympy.Integer(0), sympy.Integer(1)
    if isinstance(drift, (list, tuple)):
        if levels is not None:
            raise InputError("levels: a list of z_k has its own length")
        listed = [_expression(x, "drift") for x in drift]
        depth: Expr = sympy.Integer(len(listed))
        chances = [(x, nothing) for x in listed]
        least: Expr = sympy.Min(*listed)
        text = ", ".join(map(formula, listed))
    else:
        if levels is None:
            raise InputError("levels: give m - 1, the number of levels below the target")
        formula_of_z, depth = _expression(drift, "drift"), _expression(levels, "levels")
        region = Region(k, one, depth, True, conditions, put)
        chances = [(formula_of_z, region)]
        least, text = _smallest(cls, formula_of_z, region), formula(formula_of_z)
    needed = 4 / (g * d**2) * sympy.log(128 * (depth + 1) / (least * d**2))
    said = (
        f"(G1) with gamma lambda individuals at level k or above, one above level k is drawn with probability >= z_k = {text}",
        "(G2) with moreover g lambda individuals above level k, one above level k is drawn with probability >= (1 + delta) g",
    )
    checks = [Check(x, "as declared", "necessary", Declared(x)) for x in said]
    for x, where_it_is in chances:
        checks.append(show(cls.name, "z_k > 0", "technical", x, zero, where_it_is, strict=True, name="z"))
        checks.append(show(cls.name, "z_k <= 1", "technical", one, x, where_it_is, name="1"))
    for name, x, strict in (("delta", d, False), ("gamma", g, True)):
        checks.append(show(cls.name, f"{name} > 0", "technical", x, zero, nothing, strict=True, name=name))
        sign = "<" if strict else "<="
        checks.append(show(cls.name, f"{name} {sign} 1", "technical", one, x, nothing, strict=strict, name="1"))
    checks.append(show(cls.name, _G3, "necessary", lam, needed, nothing, name="lambda"))
    numbers = {x: _rational(y) for x, y in put.items() if not isinstance(y, tuple)}
    lam, d, depth = (x.subs(numbers) for x in (lam, d, depth))
    if isinstance(drift, (list, tuple)):
        expr = 8 / d**2 * sympy.Add(*(_level(x.subs(numbers), lam, d) for x in listed))
    else:
        expr = 8 / d**2 * total(lambda j: _level(formula_of_z.subs(numbers).subs(k, j), lam, d), depth)
    limits: list = [w for w in conditions if w not in (True, sympy.true)]
    for symbol, x in put.items():
        if isinstance(x, tuple):
            limits += [sympy.Ge(symbol, _rational(x[0]), evaluate=False), sympy.Le(symbol, _rational(x[1]), evaluate=False)]
        else:
            limits.append(sympy.Eq(symbol, _rational(x), evaluate=False))
    return _bound(cls, expr, tuple(limits), said, tuple(checks))


_G3 = "(G3) lambda >= 4/(gamma delta^2) ln(128 m/(z delta^2))"


def _level(z: Expr, lam: Expr, delta: Expr) -> Expr:
    return lam * sympy.log(6 * delta * lam / (4 + z * delta * lam)) + 1 / z


def _smallest(cls: type[LevelBased], z: Expr, region: Region) -> Expr:
    """The smallest z_k, where it is that of the first or the last level."""
    if k not in z.free_symbols:
        return z
    assert region.largest is not None
    for end in (region.smallest, region.largest):
        try:
            show(cls.name, "z", "technical", z, z.subs(k, end), region)
        except PreconditionError:
            continue
        return z.subs(k, end)
    raise InputError("drift: the smallest z_k is that of neither end; give a list of numbers")


def _bound(cls: type[LevelBased], expr: Expr, limits: tuple, said: Sequence[str], checks: tuple) -> Bound:
    theorem = Check(
        "the level-based theorem", "as published", "premise", Cited("E[T] under (G1), (G2) and (G3)", cls.source.text)
    )
    derivation = Derivation(
        f"{cls.name} (Corus, Dang, Eremeev, Lehre 2018)", cls.statement, "the levels of a population", " and ".join(said),
        "every level", checks=(theorem, *checks),
    )  # fmt: skip
    return Bound("E[T]", "upper", expr, limits, "cited", "any", source=cls.source, derivation=derivation)


def _of_chain(cls: type[LevelBased], rows: Any, size: Any, gamma: Any, delta: Any, parents: Any, z: Any) -> Bound:
    law = read_law(rows, {})
    depth = len(law.rows) - 1
    for name, x in (("size", size), ("parents", parents)):
        if isinstance(x, bool) or not isinstance(x, int) or x < 1:
            raise InputError(f"{name}: {x!r} must be a positive integer")
    if parents > size:
        raise InputError(f"parents: {parents} must be at most size = {size}")
    g, d = Fraction(exact(number(gamma, "gamma"))), Fraction(exact(number(delta, "delta")))
    if not (0 < d <= 1 and 0 < g < 1):
        raise PreconditionError(cls.name, "0 < delta <= 1 and 0 < gamma < 1", f"delta = {d}, gamma = {g}")
    largest = best_chances(law.rows, size, parents, g)
    chances = largest if z is None else [Fraction(exact(number(x, "z"))) for x in z]
    if len(chances) != depth:
        raise InputError(f"z: has {len(chances)} entries, but there are {depth} levels")
    for level, (given, best) in enumerate(zip(chances, largest), start=1):
        if not 0 < given <= best:
            raise PreconditionError(cls.name, "(G1)", f"level {level}: one above it with probability {best}, z = {given}")
    failed = violation(law.source, size, parents, g, d, tuple(chances))
    if failed is not None:
        raise PreconditionError(cls.name, "(G2)", failed)
    nothing = Region(None, sympy.S.Zero, None, False, (), {})
    lam, dd = sympy.Integer(size), _rational(d)
    needed = 4 / (_rational(g) * dd**2) * sympy.log(128 * (depth + 1) / (_rational(min(chances)) * dd**2))
    arguments = (("source", law.source), ("size", size), ("parents", parents), ("gamma", g), ("delta", d), ("z", tuple(chances)))
    about = f"(G1) and (G2) for the worst population of {size}, the {parents} best as parents"
    fact = Computation("theory.drift.level_based:violation", arguments, None, about)
    checks = (
        Check("(G1) and (G2)", "exactly, for the worst population", "necessary", fact),
        show(cls.name, _G3, "necessary", lam, needed, nothing, name="lambda"),
    )
    expr = 8 / dd**2 * sympy.Add(*(_level(_rational(x), lam, dd) for x in chances))
    return _bound(cls, expr, (), (f"read from {law.name}",), checks)


def _above(row: Row, level: int) -> Fraction:
    """P(a mutation is above the level)."""
    return sum((p for to, p in row.items() if to < level), Fraction(0))


def _drawn(rows: Sequence[Row], size: int, parents: int, level: int, here: int, better: int) -> Fraction:
    """P(a drawn individual is above the level) for the worst population: ``better`` individuals just above the level, ``here`` at
    it or above, the others at the lowest."""
    best = min(better, parents)
    good = min(here, parents) - best
    low = parents - best - good
    chances = (_above(rows[level - 1], level), _above(rows[level], level), _above(rows[-1], level))
    return (best * chances[0] + good * chances[1] + low * chances[2]) / parents


def best_chances(rows: Sequence[Row], size: int, parents: int, gamma: Fraction) -> list[Fraction]:
    """The largest z_1, z_2, ... with (G1).

    >>> half = Fraction(1, 2)
    >>> best_chances([{0: Fraction(1)}, {0: half, 1: half}, {1: half, 2: half}], 10, 5, half)
    [Fraction(1, 2), Fraction(1, 2)]
    """
    return [_drawn(rows, size, parents, level, ceil(gamma * size), 0) for level in range(1, len(rows))]


def violation(source: Any, size: int, parents: int, gamma: Fraction, delta: Fraction, z: Sequence[Fraction]) -> str | None:
    """The first failure of (G1), of (G2), or of the order of the rows that makes the worst population known; None without one.

    Examples
    --------
    >>> half, one = Fraction(1, 2), Fraction(1)
    >>> violation((((0, one),), ((0, half), (1, half)), ((1, half), (2, half))), 8, 8, half, half, (one, half))
    'level 1: one above it with probability below 1'
    """
    rows = again(source, ()).rows
    for level in range(1, len(rows)):
        chances = [_above(row, level) for row in rows]
        if any(x < y for x, y in itertools.pairwise(chances[1:])) or (level > 1 and chances[0] < chances[1]):
            return f"level {level}: a better parent has a smaller chance of going above it, so the worst population isn't known"
    many = ceil(gamma * size)
    for level in range(1, len(rows)):
        if _drawn(rows, size, parents, level, many, 0) < z[level - 1]:
            return f"level {level}: one above it with probability below {z[level - 1]}"
        for better in range(1, many + 1) if level > 1 else ():
            share = min(gamma, Fraction(better, size))
            found = _drawn(rows, size, parents, level, many, better)
            if found < (1 + delta) * share:
                return f"level {level}, {better} of {size} above it: {float(found):.6g} < {float((1 + delta) * share):.6g}"
    return None


__all__ = ["CORUS_DANG_EREMEEV_LEHRE", "LevelBased", "best_chances", "violation"]

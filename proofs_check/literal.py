"""Numbers, and processes written out literally, for the independent checker: every point of the cube, every offspring.

Definitions as a reader of a paper would type them; nothing of ``theory`` is used. See :mod:`proofs_check.replay`.
"""

from __future__ import annotations

import itertools
from types import SimpleNamespace as Record
from typing import Any

import sympy
from sympy import Rational, Symbol

n, k = Symbol("n", integer=True, positive=True), Symbol("k", integer=True, nonnegative=True)
c, t, v = Symbol("c", positive=True), Symbol("t", integer=True, positive=True), Symbol("v", real=True)
position = Symbol("i", integer=True, positive=True)
RULES = ("DynamicBinVal", "PartiallyOrderedEA")  # they compare two points; a point has no fitness
Point = tuple[int, ...]


def value(e: Any, at: dict) -> Any:
    """The value of an expression at a point: a Rational where it is one, else 50 digits."""
    found = written_out(sympy.sympify(e).subs({x: Rational(y) for x, y in at.items()}))
    return found if found.is_Rational else sympy.N(found, 50)


def written_out(e: Any) -> Any:
    """Finite sums and products term by term."""
    if not e.args or not e.has(sympy.Sum, sympy.Product):
        return e
    if isinstance(e, (sympy.Sum, sympy.Product)):
        *inner, (index, low, high) = e.limits
        if not (low.is_Integer and high.is_Integer and high - low < 5000):
            raise NotImplementedError("a sum without end")
        body = e.func(e.function, *inner) if inner else e.function
        whole = sympy.Add if isinstance(e, sympy.Sum) else sympy.Mul
        return whole(*(written_out(body.subs(index, i)) for i in range(int(low), int(high) + 1)))
    return e.func(*map(written_out, e.args))


def sign(left, right):
    """Of left - right; 0 also where 50 digits see no difference."""
    gap = left - right
    if not (gap.is_Rational or gap.is_Float):
        raise NotImplementedError(f"no number: {gap}")
    return 0 if abs(gap) <= Rational(1, 10**35) * (1 + abs(right)) else 1 if gap > 0 else -1


def meets(left, sense, right):
    """Whether left >= right, or whatever the sign says."""
    return sign(left, right) in {">=": (0, 1), "<=": (0, -1), "==": (0,), ">": (1,), "<": (-1,), "!=": (1, -1)}[sense]


def holds(condition, at):
    """Whether a relation holds at a point."""
    known = condition in (True, False, sympy.true, sympy.false)
    return bool(condition) if known else meets(value(condition.lhs, at), condition.rel_op, value(condition.rhs, at))


def points(exprs, where=(), given=(), limit=12):
    """Rational points at which the conditions hold; ``given`` fixes symbols, or names the ends of an interval."""
    fixed = {x: y[0] if isinstance(y, tuple) else y for x, y in given}
    free = sorted(set().union(*(x.free_symbols for x in (*exprs, *where))) - set(fixed), key=str)
    reals = [Rational(x) for x in ("1/7", "1/2", "9/10", "1", "6/5", "5/2")]
    every = list(
        itertools.islice(
            itertools.product(*((2, 3, 5, 6) if x == n else (1, 2, 4, 7) if x.is_integer else reals for x in free)), 9999
        )
    )
    inside = ({**dict(zip(free, every[i * 7919 % len(every)])), **fixed} for i in range(min(len(every), 2000)))
    return itertools.islice((at for at in inside if at.get(k, 0) <= at.get(n, 99) and all(holds(w, at) for w in where)), limit)


def fitness(problem: Record, x: Point) -> Any:
    """f(x); the names and parameters are those of the document."""
    ones, size, name = sum(x), len(x), problem.name
    if name in ("HiddenSubset", "InitialSegment"):
        return fitness(next(part for part in vars(problem).values() if isinstance(part, Record)), x)
    known = {
        "OneMax": lambda: ones,
        "LeadingOnes": lambda: next((i for i, bit in enumerate(x) if not bit), size),
        "BinVal": lambda: sum(bit << (size - 1 - i) for i, bit in enumerate(x)),
        "Linear": lambda: sum(w for w, bit in zip(problem.weights, x) if bit),
        "Needle": lambda: int(ones == size),
        "Trap": lambda: size - ones or size + 1,
        "Jump": lambda: problem.gap + ones if ones <= size - problem.gap or ones == size else size - ones,
        "Plateau": lambda: ones if ones <= size - problem.radius or ones == size else size - problem.radius,
        **dict.fromkeys(RULES, lambda: 0),
    }
    if name not in known:
        raise NotImplementedError(name)
    return known[name]()


def accepted(process: Record, x: Point, y: Point, gain: Any, here: dict) -> Any:
    """The probability that the offspring y replaces x."""
    up, down = sum(b > a for a, b in zip(x, y)), sum(b < a for a, b in zip(x, y))
    if process.problem.name == "DynamicBinVal":
        return Rational(up, up + down) if up + down else 1
    if process.problem.name == "PartiallyOrderedEA":
        q = process.problem.pessimism
        return q * int(down >= up) + (1 - q) * int(up >= down) if up and down else int(down == 0)
    if process.algorithm.name == "Metropolis":
        return value(process.algorithm.alpha, here) ** min(0, gain)
    return int(gain > 0 or (gain == 0 and not process.algorithm.strict))


def chain(process: Record, size: int, at: dict) -> tuple[dict, list[Point], dict[Point, dict[Point, Any]]]:
    """(fitness of every point, the optimal points, and for each other point the law of the next one)."""
    algorithm, cube = process.algorithm, list(itertools.product((0, 1), repeat=size))
    f = {x: fitness(process.problem, x) for x in cube}
    best = [cube[-1]] if process.problem.name in RULES else [x for x in cube if f[x] == max(f.values())]
    rows: dict[Point, dict[Point, Any]] = {}
    for x in (x for x in cube if x not in best):
        here = {**at, k: size - sum(x), v: f[x]}
        flips = getattr(algorithm, "flips", 1)
        if algorithm.name == "OnePlusOneEA":
            rates = [value(algorithm.rate, {**here, position: i + 1}) for i in range(size)]
            if not all(p.is_Rational and 0 <= p <= 1 for p in rates):
                raise NotImplementedError("a rate that is no rational probability")
        rows[x] = {}
        for y in (y for y in cube if y != x):
            if algorithm.name == "OnePlusOneEA":
                chance = sympy.prod(p if a != b else 1 - p for p, a, b in zip(rates, x, y))
            elif algorithm.name in ("RLS", "Metropolis"):  # so many bits, uniformly
                chance = Rational(sum(a != b for a, b in zip(x, y)) == flips, sympy.binomial(size, flips))
            else:
                raise NotImplementedError(algorithm.name)
            chance *= accepted(process, x, y, f[y] - f[x], here)
            if chance:
                rows[x][y] = chance
    return f, best, rows


def costs(best: list[Point], rows: dict[Point, dict[Point, Any]]) -> dict[Point, Any]:
    """E[T] from every point, by the first-step equations."""
    order = list(rows)
    matrix = [[sum(rows[x].values()) if x == y else -rows[x].get(y, 0) for y in order] for x in order]
    found = sympy.Matrix(matrix).LUsolve(sympy.ones(len(order), 1)) if order else ()
    return {**dict.fromkeys(best, Rational(0)), **dict(zip(order, found))}

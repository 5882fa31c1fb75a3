"""Numbers, and processes written out literally, for the independent checker: every point of the cube, every offspring.

Definitions as a reader of a paper would type them; nothing of ``theory`` is used. See :mod:`proofs_check.replay`.
"""

from __future__ import annotations

import itertools
import zlib
from types import SimpleNamespace as Record
from typing import Any

import sympy
from sympy import Rational, Symbol

n, k = Symbol("n", integer=True, positive=True), Symbol("k", integer=True, nonnegative=True)
c, t, v = Symbol("c", positive=True), Symbol("t", integer=True, positive=True), Symbol("v", real=True)
position, s = Symbol("i", integer=True, positive=True), Symbol("s", real=True)
RULES = ("DynamicBinVal", "PartiallyOrderedEA")  # they compare two points; a point has no fitness
Point = tuple[int, ...]


def value(e: Any, at: dict) -> Any:
    """The value of an expression at a point: a Rational where it is one, else 50 digits."""
    found = written_out(sympy.sympify(e), {x: Rational(y) for x, y in at.items()})
    return found if found.is_Rational else sympy.N(found, 50)


def is_number(x: Any) -> bool:
    """Whether a value is a finite number."""
    return bool(x.is_Rational or x.is_Float) and bool(x.is_finite)


def written_out(e: Any, at: dict) -> Any:
    """An expression at a point, finite sums and products term by term."""
    if e in at:
        return at[e]
    if isinstance(e, (sympy.Sum, sympy.Product)):
        *inner, (index, low, high) = e.limits
        low, high = written_out(low, at), written_out(high, at)
        if not (low.is_Integer and high.is_Integer and high - low < 5000):
            raise NotImplementedError("a sum without end")
        body = e.func(e.function, *inner) if inner else e.function
        whole = sympy.Add if isinstance(e, sympy.Sum) else sympy.Mul
        return whole(*(written_out(body, {**at, index: sympy.Integer(i)}) for i in range(int(low), int(high) + 1)))
    if isinstance(e, sympy.Integral):
        return e.subs(at)
    if not e.args:
        return e
    done = [written_out(a, at) for a in e.args]
    return OWN[e.func.__name__](*done) if e.func.__name__ in OWN else e.func(*done)


def easiest(size: Any, rate: Any, zeros: Any = None) -> Any:
    """E[T] of the (1+1) EA on OneMax, from a uniform start or from so many zero-bits."""
    if not (size.is_Integer and rate.is_Rational and size <= 4):
        raise NotImplementedError("E_OneMax at more than 4 bits")
    process = Record(algorithm=Record(name="OnePlusOneEA", rate=rate, strict=False), problem=Record(name="OneMax"))
    _, best, rows = chain(process, int(size), {})
    cost = costs(best, rows)
    chosen = [cost[x] for x in cost if zeros is None or size - sum(x) == zeros]
    return sum(chosen) / Rational(len(chosen))


def visits(level: Any, rate: Any, strict: Any = 0) -> Any:
    """P[a run from 0^n is on this level of LeadingOnes at some time]; the bits behind the level don't matter, rate 0 is RLS."""
    if not (level.is_Integer and rate.is_Rational and level <= 3):
        raise NotImplementedError("V_LO at higher levels")
    flips = {"name": "OnePlusOneEA", "rate": rate} if rate else {"name": "RLS", "flips": 1}
    process = Record(algorithm=Record(**flips, strict=bool(strict)), problem=Record(name="LeadingOnes"))
    f, _, rows = chain(process, int(level) + 1, {})
    below = [x for x in rows if f[x] < level]
    if not below:
        return Rational(1)
    matrix = [[sum(rows[x].values()) if x == y else -rows[x].get(y, 0) for y in below] for x in below]
    there = sympy.Matrix([sum(q for y, q in rows[x].items() if f[y] == level) for x in below])
    return sympy.Matrix(matrix).LUsolve(there)[below.index((0,) * (int(level) + 1))]


OWN = {"E_OneMax": easiest, "V_LO": visits}
"""The functions of formulas that no book of functions has."""


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


def odd_points(exprs, where=()):
    """Two more points, which depend on the formulas: a difference that vanishes on the grid shows there."""
    free, found = sorted(set().union(*(x.free_symbols for x in (*exprs, *where))), key=str), 0
    for trial in range(40):
        draws = {x: zlib.crc32(f"{trial} {x} {exprs}".encode()) for x in free}
        at = {
            x: Rational(7 + d % 6 if x == n else 1 + d % 7) if x.is_integer else Rational(d % 991 + 1, 400)
            for x, d in draws.items()
        }
        if found < 2 and at.get(k, 0) <= at.get(n, 99) and all(holds(w, at) for w in where):
            found += 1
            yield at


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
    return int(bool(gain > 0) or (bool(gain == 0) and not process.algorithm.strict))


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

"""Which finite chain a process (or a matrix) is at concrete values, and its transition law.

======================================  =======================================  ======================================
process                                 states                                   fractions up to, balls up to
======================================  =======================================  ======================================
fitness in the number of zero-bits      k = 0..n                                 n = 200, n = 2000
random acceptance, Metropolis           k = 0..n                                 n = 80, n = 2000
LeadingOnes, uniform start              v = 0..n                                 n = 200, n = 2000
any other; all with weights per bit     all points                               n = 12
a matrix                                its rows; the absorbing ones are ends    any size
======================================  =======================================  ======================================
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import sympy
from flint import arb, arb_poly, ctx, fmpq, fmpz, fmpz_poly

from theory.balls import ball
from theory.errors import InputError
from theory.exact import counts
from theory.exact.errors import NoExactMethod
from theory.exact.matrices import full_transition_matrix, rls_row
from theory.exact.states import (
    LARGEST_DENSE,
    States,
    by_points,
    by_zeros,
    points_of,
    rational_rates,
    require_one_rate,
    require_single,
    require_timeless,
)
from theory.problems import LeadingOnes
from theory.process import Process
from theory.starts import Start
from theory.symbols import SYMBOLS, k, v
from theory.synthesis.chains import BITS, CubeChain, FiniteChain, RowChain, as_fmpq
from theory.values import exact, number

LARGEST_EXACT = 200
LARGEST_EXACT_COUNTS = 80
TAIL = 128
"""Moves are cut off where they have probability 2^-TAIL."""
Row = tuple[list[int], list, Any, Any]


def kind_of(process: Any, bits: bool, counted: bool, start: Any) -> str:
    """The states on which a template is put: "zeros", "levels", "points" or "matrix"."""
    if not isinstance(process, Process):
        if bits:
            raise InputError("template: weights per bit need a process on bits, not a matrix")
        return "matrix"
    if counts.applies(process):
        if bits:
            raise InputError(
                f"template: {process} is a chain of the number of zero-bits alone; take 'states' or expressions in k"
            )
        return "zeros"
    if bits:
        return "points"
    if process.problem.symmetric:
        return "zeros"
    levels = isinstance(process.problem, LeadingOnes) and "k" not in process.rate_symbols and not counted
    return "levels" if levels and (start is None or (isinstance(start, str) and start == "uniform")) else "points"


def model(process: Any, kind: str, values: dict[str, Any]) -> FiniteChain:
    """The chain of a process at concrete values.

    Raises
    ------
    InputError, NoExactMethod
        Where there is none, or n is too large.
    """
    if kind == "matrix":
        if values:
            raise InputError(f"{next(iter(values))}: a matrix has no values")
        return _from_matrix(process)
    require_single(process)
    checked = process.values(**values)
    size = int(checked["n"])
    if kind == "points":
        return _points(process, checked, size)
    if size > LARGEST_DENSE:
        raise NoExactMethod(f"n: potentials are synthesised up to n = {LARGEST_DENSE}, not at n = {size}")
    with ctx.workprec(BITS):
        if counts.applies(process):
            return _counts(process, checked, size)
        return (_zeros if kind == "zeros" else _levels)(process, checked, size)


# ---- k = 0..n


def _zeros(process: Process, values: dict, n: int) -> RowChain:
    states = by_zeros(process, n)
    strict = process.algorithm.strict

    def row(z: int, offspring: list, first: int, scale: Any, rest: Any) -> Row:
        targets: list[int] = []
        chances: list = []
        for y, x in enumerate(offspring, start=first):
            if (
                x
                and y != z
                and 0 <= y <= n
                and (states.rank[y] > states.rank[z] or (states.rank[y] == states.rank[z] and not strict))
            ):
                targets.append(y)
                chances.append(x)
        return targets, chances, scale, rest

    known = _fractions(process, values, states) if n <= LARGEST_EXACT else None
    rows: list[Row] = [([], [], fmpz(1), None)] * (n + 1)
    if process.rate is None:
        ways, flips = fmpz(comb(n, process.algorithm.flips)), process.algorithm.flips
        rows = [row(z, [fmpz(int(x * int(ways))) for x in rls_row(n, flips, z, Fraction)], 0, ways, None) for z in range(n + 1)]
    elif known is not None:
        for z in map(int, np.flatnonzero(~states.end)):
            ups, downs, scale = _flips(z, n, known[z])
            rows[z] = row(z, list((fmpz_poly(ups[::-1]) * fmpz_poly(downs)).coeffs()), 0, scale, None)
    else:
        inner = [int(z) for z in np.flatnonzero(~states.end)]
        for z, p in zip(inner, _balls(process, values, [(z, states.fitness[z]) for z in inner])):
            (some, others), rest = _windows(z, n, p)
            offspring = list((arb_poly(some[::-1]) * arb_poly(others)).coeffs())
            rows[z] = row(z, offspring, z - len(some) + 1, fmpz(1), rest)
    level = "exact" if process.rate is None or known is not None else "balls"
    return RowChain(process, "zeros", rows, states.end, level, _label_k(values), states.zeros, states.fitness, states.rank)


def _flips(z: int, n: int, p: Fraction) -> tuple[list[int], list[int], fmpz]:
    """Laws of the numbers of flipped zero-bits and one-bits: integers over the product's denominator."""
    r, s = p.numerator, p.denominator
    ups = [comb(z, a) * r**a * (s - r) ** (z - a) for a in range(z + 1)]
    downs = [comb(n - z, b) * r**b * (s - r) ** (n - z - b) for b in range(n - z + 1)]
    return ups, downs, fmpz(s) ** n


def _windows(z: int, n: int, p: arb) -> tuple[tuple[list[arb], list[arb]], arb]:
    """The same in balls, cut off, with what is left out."""
    odds, scale = p / (1 - p), arb(2) ** (TAIL + 1)
    ups, more = _law(z, odds, scale)
    downs, further = _law(n - z, odds, scale)
    return (ups, downs), (more + further).upper()


def _law(m: int, odds: arb, scale: arb) -> tuple[list[arb], arb]:
    """P(X = i), i = 0, 1, ..., of X ~ Bin(m, p), and a bound on what is left out: at most 1/scale, as the ratios fall."""
    law = [(1 + odds) ** (-m)]
    while len(law) <= m:
        i = len(law) - 1
        law.append(law[-1] * odds * (m - i) / (i + 1))
        after = odds * (m - i - 1) / (i + 2)
        if after < 1:
            tail = law[-1] * after / (1 - after)
            if tail * scale < 1:
                return law, tail
    return law, arb(0)


def _balls(process: Process, values: dict, states: list[tuple[int, Any]]) -> list[arb]:
    """Balls around the rate at each (k, v)."""
    require_timeless(process)
    require_one_rate(process)
    expr = process.rate_at(values)
    result: list[arb] = []
    for zeros, fitness in states:
        if not process.is_static or not result:
            result.append(ball(expr.subs({k: zeros, v: int(fitness)}), {}))
            if not (result[-1] > 0 and result[-1] < 1):
                raise NoExactMethod(f"rate: {process.rate} is not certainly between 0 and 1 at k = {zeros}, v = {fitness}")
        else:
            result.append(result[0])
    return result


def _fractions(process: Process, values: dict, states: States) -> list[Fraction] | None:
    """The rates as fractions, or None where one isn't rational."""
    if process.rate is None:
        return None
    try:
        return rational_rates(process, values, states)
    except NoExactMethod:
        if "t" in process.rate_symbols:
            raise
        return None


def _label_k(values: dict):
    tail = "".join(f", {name} = {values[name]}" for name in ("n", "c") if name in values)
    return lambda i: f"k = {i}{tail}"


# ---- random acceptance


def _counts(process: Process, values: dict, n: int) -> RowChain:
    reason = counts.refusal(process, values, Start("uniform"))
    if reason is not None:
        raise NoExactMethod(f"process: {reason}")
    accept = _acceptance(process, values)
    states = counts.states_of(n)
    known = _fractions(process, values, states) if n <= LARGEST_EXACT_COUNTS else None
    rows: list[Row] = [([], [], fmpz(1), None)] * (n + 1)
    if process.rate is None:
        flips = process.algorithm.flips or 1  # Metropolis flips one position
        for z in range(1, n + 1):
            few: dict[int, Any] = {}
            for a in range(max(0, flips - (n - z)), min(z, flips) + 1):
                if 2 * a != flips and accept(a, flips - a):
                    few[z - 2 * a + flips] = fmpq(comb(z, a) * comb(n - z, flips - a), comb(n, flips)) * accept(a, flips - a)
            rows[z] = _exact_row(few)
    else:
        table: dict[tuple[int, int], fmpq] = {}
        balls = [] if known is not None else _balls(process, values, [(z, n - z) for z in range(1, n + 1)])
        for z in range(1, n + 1):
            rest: Any = None
            ups: list
            downs: list
            if known is not None:
                ups, downs, scale = _flips(z, n, known[z])
            else:
                (ups, downs), rest = _windows(z, n, balls[z - 1])
            moves: dict[int, Any] = {}
            up: Any
            for a, up in enumerate(ups):
                for b, down in enumerate(downs):
                    if a == b or not up or not down:
                        continue
                    if (a, b) not in table:
                        table[a, b] = accept(a, b)
                    if table[a, b]:
                        moves[z - a + b] = moves.get(z - a + b, 0) + table[a, b] * (up * down)
            if known is not None:
                rows[z] = _exact_row({to: x / scale for to, x in moves.items()})
            else:
                rows[z] = list(moves), list(moves.values()), fmpz(1), rest
    level = "exact" if process.rate is None or known is not None else "balls"
    return RowChain(process, "zeros", rows, states.end, level, _label_k(values), states.zeros, states.fitness, states.rank)


def _acceptance(process: Process, values: dict):
    """The probability of accepting a offspring with a flipped zero-bits and b flipped one-bits, as a fraction."""
    if process.problem.random_acceptance:
        return lambda a, b: as_fmpq(process.problem.acceptance(a, b))
    put = {SYMBOLS[name]: sympy.Rational(str(exact(x))) for name, x in values.items()}
    alpha = process.algorithm.alpha.subs(put)  # type: ignore[attr-defined]
    if not alpha.is_Rational:
        raise NoExactMethod(f"alpha: {process.algorithm} has no rational alpha at these values")  # type: ignore[attr-defined]
    base = fmpq(int(alpha.q), int(alpha.p))
    return lambda a, b: base ** max(b - a, 0)


def _exact_row(moves: dict[int, fmpq]) -> Row:
    scale = fmpz(1)
    for x in moves.values():
        scale = scale.lcm(x.q)
    return list(moves), [x.p * (scale // x.q) for x in moves.values()], scale, None


# ---- the levels of LeadingOnes, bits behind the first zero-bit uniform


def _levels(process: Process, values: dict, n: int) -> RowChain:
    level = np.arange(n + 1)
    states = States(level * 0, level, level, level == n)
    known = _fractions(process, values, states) if n <= LARGEST_EXACT else None
    balls = [] if process.rate is None or known is not None else _balls(process, values, [(0, i) for i in range(n)])
    rows: list[Row] = []
    for i in range(n):
        if process.rate is None:
            flips = process.algorithm.flips
            rise: Any = fmpq(comb(n - i - 1, flips - 1), comb(n, flips))
        elif known is not None:
            rise = as_fmpq(known[i]) * as_fmpq(1 - known[i]) ** i
        else:
            rise = balls[i] * (1 - balls[i]) ** i
        steps = min(n - i, TAIL) if balls else n - i
        share = [fmpq(1, 2 ** min(j, n - i - 1)) for j in range(1, steps + 1)]
        moves = {i + j: rise * x for j, x in enumerate(share, start=1)}
        if balls:
            rows.append(
                (list(moves), list(moves.values()), fmpz(1), (rise / arb(2) ** steps).upper() if steps < n - i else arb(0))
            )
        else:
            rows.append(_exact_row(moves))
    rows.append(([], [], fmpz(1), None))
    tail = "".join(f", {name} = {values[name]}" for name in ("n", "c") if name in values)
    return RowChain(
        process, "levels", rows, states.end, "balls" if balls else "exact", lambda i: f"v = {i}{tail}", None, level, level
    )


# ---- all points


def _points(process: Process, values: dict, n: int) -> CubeChain:
    states = by_points(process, n)  # refuses n > 12 with its reason
    if process.rate is None:
        ways = comb(n, process.algorithm.flips)
        laws = [[fmpq(int(h == process.algorithm.flips), ways) for h in range(n + 1)]] * len(states.zeros)
    else:
        made: dict[Fraction, list[fmpq]] = {}
        laws = []
        for x, end in zip(rational_rates(process, values, states), states.end):
            if end and made:  # an end has no rate of its own
                laws.append(laws[-1])
                continue
            if x not in made:
                p = as_fmpq(x)
                made[x] = [p**h * (1 - p) ** (n - h) for h in range(n + 1)]
            laws.append(made[x])
    tail = "".join(f", {name} = {values[name]}" for name in ("n", "c") if name in values)
    return CubeChain(
        process, laws, states, points_of(n), process.algorithm.strict,
        lambda: full_transition_matrix(process, **values), lambda i: f"x = {i:0{n}b}{tail}",
    )  # fmt: skip


# ---- a matrix


def _from_matrix(matrix: Any) -> RowChain:
    """A square matrix of numbers, or rows of (state, probability) as they stand in a derivation."""
    if isinstance(matrix, tuple) and all(isinstance(row, tuple) and all(isinstance(x, tuple) for x in row) for row in matrix):
        given = [dict(row) for row in matrix]
    else:
        given = _read_matrix(matrix)
    moves = [{j: as_fmpq(x) for j, x in row.items() if x and j != i} for i, row in enumerate(given)]
    end = np.array([not row for row in moves])
    if not end.any():
        raise InputError(
            "process: the matrix has no absorbing state; the state that ends a run must have probability 1 of staying"
        )
    if end.all():
        raise InputError("process: every state of the matrix is absorbing; there is no run to bound")
    key = tuple(tuple((j, Fraction(int(x.p), int(x.q))) for j, x in row.items()) for row in moves)
    return RowChain(key, "matrix", [_exact_row(row) for row in moves], end, "exact", lambda i: f"state {i}")


def _read_matrix(matrix: Any) -> list[dict[int, Fraction]]:
    try:
        rows = [[exact(number(x, "process")) for x in row] for row in matrix]
    except TypeError:
        raise InputError(f"process: {matrix!r} is neither a process nor a transition matrix (rows of probabilities)") from None
    if not rows or any(len(row) != len(rows) for row in rows):
        raise InputError(
            f"process: a transition matrix must be square, this one has {len(rows)} rows of {len(rows[0]) if rows else 0}"
        )
    for i, row in enumerate(rows):
        total = sum(row, Fraction(0))
        if any(x < 0 for x in row):
            raise InputError(f"process: row {i} of the matrix has the entry {float(min(row)):g}; probabilities are not negative")
        if abs(total - 1) > Fraction(1, 10**9) or total - row[i] > 1:
            raise InputError(f"process: row {i} of the matrix adds up to {float(total):.12g}, not to 1")
    return [dict(enumerate(row)) for row in rows]

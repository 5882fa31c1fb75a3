"""The exact drift of a process at concrete n: every state with its potential and its drift, as fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import sympy
from sympy import Rational

from theory.balls import _without_sums
from theory.errors import InputError, PreconditionError
from theory.parse import expression
from theory.process import Process
from theory.symbols import c, k, n, v
from theory.values import exact

LARGEST_SYMMETRIC = 60
LARGEST_FULL = 8

Row = tuple[Fraction, Fraction, str]


def potential_table(theorem: str, process: Process, potential: Any, values: dict[str, Any]) -> list[Row]:
    """(X, drift, name of the state) for every state that isn't an end; X must be positive there and zero at the ends."""
    states, rows, zeros, checked = _chain(process, values, potential)
    at = _names(process, len(zeros), checked)
    g = _potential(process, potential, states, checked, len(zeros))
    for i, end in enumerate(states.end):
        if (g[i] > 0) == bool(end) or g[i] < 0:
            raise PreconditionError(theorem, "X > 0 before the optimum and X = 0 at it", f"{at(i)}: X = {float(g[i]):.6g}")
    table = []
    for i, row in enumerate(rows):
        if not states.end[i]:
            table.append((g[i], sum((chance * (g[i] - g[j]) for j, chance in row.items()), Fraction(0)), at(i)))
    return table


def level_table(process: Process, values: dict[str, Any]) -> list[Row]:
    """(levels still to go, smallest probability of leaving upwards, name) for every fitness level but the best."""
    states, rows, zeros, checked = _chain(process, values, None)
    at = _names(process, len(zeros), checked)
    best: dict[int, tuple[Fraction, str]] = {}
    ranks = sorted({int(r) for r, end in zip(states.rank, states.end) if not end}, reverse=True)
    for i, row in enumerate(rows):
        if states.end[i]:
            continue
        up = sum((chance for j, chance in row.items() if states.end[j] or states.rank[j] > states.rank[i]), Fraction(0))
        rank = int(states.rank[i])
        if rank not in best or up < best[rank][0]:
            best[rank] = (up, at(i))
    return [(Fraction(togo), best[rank][0], best[rank][1]) for togo, rank in enumerate(ranks, start=1)]


def _chain(process: Process, values: dict[str, Any], potential: Any):
    """(states, rows of the transition law without its diagonal, zeros, values)."""
    from theory.exact.positions import law_of_flips, rational_position_rates
    from theory.exact.states import by_points, by_zeros, rational_rates, require_single

    require_single(process)
    checked = process.values(**values)
    size = int(checked["n"])
    by_k = (
        process.problem.symmetric
        and not callable(potential)
        and not isinstance(potential, (list, tuple, dict))
        and not hasattr(potential, "shape")
    )
    limit = LARGEST_SYMMETRIC if by_k else LARGEST_FULL
    from theory.exact import counts

    if counts.applies(process):
        if not by_k and not (process.problem.random_acceptance and not callable(potential)):
            raise InputError("potential: for this process it must be an expression in k")
        by_k, limit = True, LARGEST_SYMMETRIC
    if size > limit:
        raise InputError(
            f"n: the exact drift of {process} is computed up to n = {limit}, not at n = {size}; give it as an expression"
        )
    if counts.applies(process):
        states = counts.states_of(size)
        return states, counts.rational_rows(process, checked), states.zeros, checked
    states = by_zeros(process, size) if by_k else by_points(process, size)
    by_position = "i" in process.rate_symbols
    if process.rate is None:
        laws = [_fixed(size, process.algorithm.flips)] * len(states.zeros)
    elif by_position:
        laws = [law_of_flips(rational_position_rates(process, checked))] * len(states.zeros)  # by the set, not its size
    else:
        laws = [[p**h * (1 - p) ** (size - h) for h in range(size + 1)] for p in rational_rates(process, checked, states)]
    rows: list[dict[int, Fraction]] = []
    for i, law in enumerate(laws):
        row: dict[int, Fraction] = {}
        if not states.end[i]:
            offspring = (
                _by_zeros(size, i, law)
                if by_k
                else {j: law[i ^ j if by_position else (i ^ j).bit_count()] for j in range(2**size)}
            )
            for j, chance in offspring.items():
                better = states.rank[j] > states.rank[i] or (states.rank[j] == states.rank[i] and not process.algorithm.strict)
                if better and j != i and chance:
                    row[j] = chance
        rows.append(row)
    return states, rows, states.zeros, checked


def _by_zeros(size: int, zeros: int, law: list[Fraction]) -> dict[int, Fraction]:
    result: dict[int, Fraction] = {}
    for a in range(zeros + 1):
        for b in range(size - zeros + 1):
            if law[a + b]:
                to = zeros - a + b
                result[to] = result.get(to, Fraction(0)) + comb(zeros, a) * comb(size - zeros, b) * law[a + b]
    return result


def _fixed(size: int, flips: int) -> list[Fraction]:
    return [Fraction(int(h == flips), comb(size, flips)) for h in range(size + 1)]


def _potential(process: Process, potential: Any, states: Any, checked: dict, count: int) -> list[Fraction]:
    if potential is None:
        return [Fraction(int(z)) for z in states.zeros]
    if callable(potential):
        from theory.exact.states import points_of

        return [exact(potential(x)) for x in points_of(int(checked["n"]))]
    if isinstance(potential, (list, tuple, dict)) or hasattr(potential, "shape"):
        if len(potential) != count:
            raise InputError(f"potential: has {len(potential)} entries, but must have 2^n = {count}")
        return [x if isinstance(x, Fraction) else exact(float(x)) for x in (potential[i] for i in range(count))]
    expr = expression(potential, "potential")
    put = {symbol: _rational(checked[symbol.name]) for symbol in (n, c) if symbol.name in checked}
    result = []
    for zeros, fitness in zip(states.zeros, states.fitness):
        value = _without_sums(expr.subs({**put, k: int(zeros), v: _rational(fitness)}))
        if not value.is_Rational:
            raise InputError(f"potential: {potential} is {value} at k = {zeros}; the exact check needs rational values")
        result.append(Fraction(int(value.p), int(value.q)))
    return result


def _names(process: Process, count: int, checked: dict):
    size = int(checked["n"])
    tail = "".join(f", {name} = {checked[name]}" for name in ("n", "c") if name in checked)
    if count == size + 1 and (process.problem.symmetric or process.problem.random_acceptance or not process.algorithm.elitist):
        return lambda i: f"k = {i}{tail}"
    return lambda i: f"x = {i:0{size}b}{tail}"


def _rational(value: Any) -> sympy.Expr:
    fraction = Fraction(exact(value) if isinstance(value, float) else value)
    return Rational(fraction.numerator, fraction.denominator)

"""What a last step stands on: the bound itself and its lemma's hypotheses on small chains, and premises. Part of the checker.

A document may hold true premises about another process, a formula that follows from nothing, or an ingredient of its own making.
So the bound is held against chains of at most three bits, written out literally, whatever its premises say; so are the hypotheses
that the book of lemmas lists (``needs``); whatever else is put into the lemma must stand in a premise. See
:mod:`proofs_check.replay`.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import sympy
from sympy import Rational, Symbol

from proofs_check.literal import RULES, c, chain, costs, holds, is_number, k, meets, n, s, t, v, value

SIZES, CONSTANTS, FREE = (1, 2, 3), (Rational(1, 2), Rational(1), Rational(2)), (Rational(2), Rational(5))
QUANTITIES = ("E[T]", "P[T > t]", "E[T_d]", "E[f(x_t)]")
SENSE = {"upper": "<=", "lower": ">=", "exact": "=="}
TARGET = Symbol("d", integer=True, nonnegative=True)
STEP = {name: Symbol(name, real=True) for name in ("X", "drift", "fall", "rise", "leave", "done")}
ONCE = {name: Symbol(name, real=True) for name in ("X_0", "rate")}


def values(process, conditions):
    """Small n, and c, at which the conditions on them hold."""
    for size in SIZES:
        for constant in CONSTANTS if process.needs_c else (None,):
            at = {n: Rational(size)} | ({} if constant is None else {c: constant})
            if all(holds(w, at) for w in conditions if not w.free_symbols - set(at)):
                yield size, at


# ---- the bound itself


def claim(bound, process):
    """What the bound says at small n, and what is so: E[T], P[T > t], E[T_d] or E[f(x_t)] of the whole chain."""
    if bound.direction not in SENSE or bound.quantity not in QUANTITIES or bound.unit != "evaluations":
        raise NotImplementedError("what holds as n grows, or of other quantities, is not tried here")
    conditions = (*bound.conditions, *bound.range)
    known = {n, c, k, t, TARGET}.union(*(w.free_symbols for w in bound.range))
    if bound.expr.free_symbols - known:
        raise NotImplementedError(f"what {bound.expr.free_symbols - known} stands for isn't said")
    for size, at in values(process, conditions):
        f, best, rows = chain(process, size, at)
        for points, more in starts(bound, size, at, f):
            for here, found in cases(bound.quantity, size, f, best, rows, points, {**at, **more}):
                for put in parameters(bound.expr, here):
                    limit = value(bound.expr, put)
                    if is_number(limit) and all(holds(w, put) for w in conditions):
                        yield found, SENSE[bound.direction], limit, put


def starts(bound, size, at, f):
    """Sets of points that a run may start from, uniformly: of any start, each; of k zero-bits, those with so many."""
    zeros = {z: [x for x in f if size - sum(x) == z] for z in range(size + 1)}
    if bound.start == "any":
        return [([x], {}) for x in f]
    if isinstance(bound.start, str):
        return [({"uniform": list(f), "zeros": zeros[size]}[bound.start], {})]
    return [(zeros[z], {k: Rational(z)}) for z in range(1, size + 1) if value(bound.start, {**at, k: z}) == z]


def cases(quantity, size, f, best, rows, points, at):
    """(where, the value of the quantity) from a uniform one of some points."""
    if quantity == "E[T]":
        cost = costs(best, rows)
        yield at, sum(cost[x] for x in points) / Rational(len(points))
    elif quantity == "E[T_d]":
        for d in range(size - sum(points[0])):
            near = [x for x in f if size - sum(x) <= d]
            cost = costs(near, {x: row for x, row in rows.items() if x not in near})
            yield {**at, TARGET: Rational(d)}, sum(cost[x] for x in points) / Rational(len(points))
    else:
        law = {x: Rational(1, len(points)) for x in points}
        for step in range(1, 6):
            law = after(law, rows)
            value_there = sum(q * f[x] for x, q in law.items()) if quantity == "E[f(x_t)]" else sum(law.get(x, 0) for x in rows)
            yield {**at, t: Rational(step)}, sympy.sympify(value_there)


def after(law, rows):
    """The law one step later."""
    found: dict[Any, Any] = {}
    for x, mass in law.items():
        row = rows.get(x, {})
        for y, q in (*row.items(), (x, 1 - sum(row.values()))):
            found[y] = found.get(y, 0) + mass * q
    return found


def parameters(expr, at):
    """The point, with two values of each symbol that is free beyond it."""
    free = sorted(expr.free_symbols - set(at), key=str)
    return [{**at, **dict(zip(free, chosen))} for chosen in itertools.product(FREE, repeat=len(free))]


# ---- hypotheses of the lemma


def relations(entry, last, known):
    """(text, left, sign, right) of the hypotheses that the book lists."""
    names = {**known, **STEP, **ONCE, **dict(last.given)}
    for text in entry.get("needs", ()):
        left, sign, right = re.split(r" (>=|<=|==|>|<) ", text, maxsplit=1)
        yield text, *(x if x == sign else sympy.sympify(x, locals=names).subs(dict(last.put)) for x in (left, sign, right))


def hypotheses(bound, process, others, needs, last):
    """Comparisons of every hypothesis with what the chain does; those of no step without it."""
    moves, conditions = set(STEP.values()), (*last.where, *bound.existence)
    for size, at in values(process, conditions):
        if infinite(bound, at):
            continue
        for text, left, sign, right in needs:
            if not (left.free_symbols | right.free_symbols) & moves:
                for more in first(bound, process, size, at):
                    yield from compared(text, left, sign, right, {**at, **more})
    for one in (process, *others):
        try:
            for size, at in ((size, at) for size, at in values(one, conditions) if not infinite(bound, at)):
                for here in steps(one, size, at):
                    for text, left, sign, right in needs:
                        if (left.free_symbols | right.free_symbols) & moves:
                            yield from compared(text, left, sign, right, here)
            return
        except NotImplementedError:  # a process that isn't known here, or doesn't exist on so few bits
            continue


def infinite(bound, at):
    """Whether the bound claims nothing at some n: it has no finite value there."""
    put = {**at, k: at[n], t: 1, TARGET: 0}
    try:
        found = value(bound.expr, {**dict.fromkeys(bound.expr.free_symbols, 2), **put})
    except (NotImplementedError, TypeError, ValueError):
        return False
    return found.has(sympy.zoo, sympy.nan, sympy.oo)


def compared(text, left, sign, right, at):
    """One comparison at each value of a free parameter, if both sides are numbers."""
    for put in parameters(left - right, at):
        sides = value(left, put), value(right, put)
        if all(map(is_number, sides)):
            yield sides[0], sign, sides[1], f"{text} at {put}"


def first(bound, process, size, at):
    """X_0, the mean over the start (over any start, the largest), and the rate."""
    rate = getattr(process.algorithm, "rate", None)
    known = {} if rate is None or rate.free_symbols - set(at) else {ONCE["rate"]: value(rate, at)}
    if isinstance(bound.start, str):
        return [{**known, ONCE["X_0"]: Rational(size, 2 if bound.start == "uniform" else 1)}]
    return [{**known, k: Rational(z), ONCE["X_0"]: value(bound.start, {**at, k: z})} for z in range(1, size + 1)]


def steps(process, size, at):
    """What a step does from every point but the best: drift of the zero-bits, and probabilities."""
    f, best, rows = chain(process, size, at)
    rate = getattr(process.algorithm, "rate", None)
    known = {} if rate is None or rate.free_symbols - set(at) else {ONCE["rate"]: value(rate, at)}
    for x, row in rows.items():
        less = {y: sum(y) - sum(x) for y in row}
        better = [y for y in row if (less[y] > 0 if process.problem.name in RULES else y in best or f[y] > f[x])]
        found = {"X": size - sum(x), "drift": sum(q * less[y] for y, q in row.items()),
                 "fall": sum(q for y, q in row.items() if less[y] > 0), "rise": sum(q for y, q in row.items() if less[y] < 0),
                 "leave": sum(row[y] for y in better), "done": sum(row.get(y, 0) for y in best)}  # fmt: skip
        yield {**at, **known, **{STEP[name]: sympy.sympify(found[name]) for name in found}}


# ---- premises


def unsupported(entry, last, process, facts, concluded, needs):
    """Names of what is put into the lemma and stands neither in a hypothesis that binds it, nor in a premise."""
    binding = set(STEP.values()) - {STEP["X"]} | set(ONCE.values())
    texts = [w for w, left, _, right in needs if (left + right).free_symbols & binding or STEP["X"] in (left, right)]
    tied = set(re.findall(r"\w+", " ".join(texts)))
    tied |= {"order", "main"} if entry["direction"] in ("asymptotic", "theta") else set()
    tied |= {"least", "slope"} if last.lemma.startswith("stationary") else set()
    identities = last.lemma.startswith("stationary")
    there = [x for fact in facts if identities or fact.type != "Identity" for x in expressions(fact)]
    there += concluded
    for name, given in last.given:
        body = given.expr if isinstance(given, sympy.Lambda) else given
        if name in tied or given.is_Symbol or isinstance(body, sympy.core.function.AppliedUndef):
            continue
        puts = [{}, dict(last.put), {Symbol("p", positive=True): c / n}]
        shapes = [body.subs(put) for put in puts]
        if getattr(process.algorithm, "rate", None) in shapes:
            continue
        if isinstance(given, sympy.Lambda):
            indices = {limit[0] for x in there for series in x.atoms(sympy.Sum) for limit in series.limits}
            shapes += [shape.subs(given.variables[0], x) for shape in shapes for x in (k, v, s, c / n, *indices)]
        if not any(mentions(x, shape) for shape in shapes for x in there):
            yield name


def expressions(fact):
    """What stands in a premise."""
    for name, x in vars(fact).items():
        for y in [pair[1] for pair in x] if name == "arguments" else [x]:
            if isinstance(y, (int, sympy.Expr)) and not isinstance(y, bool):
                yield sympy.sympify(y)


def mentions(whole, part):
    """Whether a formula stands in another: as a part, or up to a factor that is a variable or 1/n."""
    if whole.has(part):
        return True
    if not part.free_symbols or not whole.free_symbols:
        return False
    free = sorted(whole.free_symbols | part.free_symbols, key=str)
    ratios = []
    for first, step, part_of in ((11, 3, 29), (13, 5, 61)):
        at = {x: Rational(first if x.name == "n" else first + step * i, 1 if x.is_integer or x.name == "n" else part_of)
              for i, x in enumerate(free, start=1)}  # fmt: skip
        try:
            above, below = value(whole, at), value(part, at)
        except (NotImplementedError, TypeError, ValueError):
            return False
        if not is_number(above) or not is_number(below) or below == 0:
            return False
        ratios.append((above / below, at))
    sizes = {1 / x for x in free if x.name == "n"}  # also a real one, along which was differentiated
    factors = [sympy.S.One, *sizes, *(x for x in (k, v, s, n, Symbol("x", positive=True)) if x in free)]
    return any(all(meets(ratio, "==", value(x, at)) for ratio, at in ratios) for x in factors)

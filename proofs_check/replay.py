"""An independent checker of certificates: ``python -m proofs_check.replay certificate.json``.

It reads the file alone and believes none of its verdicts. Formulas, chains and premises are evaluated anew from what the file
says, by code of its own (numbers and processes: :mod:`proofs_check.literal`). From the rest of the package it takes the book of
lemmas, a text, and it calls ``theory`` only for premises that are computations of it, and says so. A premise about a continuum is
tried at points: this checker refutes, and says what it looked at; why something holds everywhere is told by the certificate.
"""

from __future__ import annotations

import itertools
import json
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace as Record

import mpmath
import sympy
from sympy import Rational, Symbol

from proofs_check.literal import c, chain, costs, holds, k, meets, n, points, t, v, value

s, BASE = Symbol("s", real=True), {x.name: x for x in (n, c, t, k, v)}
CONSTANTS = {"pi": sympy.pi, "E": sympy.E, "gamma": sympy.EulerGamma, "oo": sympy.oo, "-oo": -sympy.oo, "true": sympy.true,
             "false": sympy.false, "golden": sympy.GoldenRatio}  # fmt: skip
INDICES = {**{name: Symbol(name, integer=True, positive=True) for name in "jl"}, "x": Symbol("x", positive=True),
           **{name: Symbol(name, integer=True, nonnegative=True) for name in "abiu"}}  # fmt: skip


def read(d):
    """The values of a document: expressions, fractions, tuples, records. Nothing is executed."""
    if not isinstance(d, dict):
        return d
    if isinstance(d.get("is"), str):
        return Record(type=d["is"], document=d, **{name: read(x) for name, x in d.items() if name != "is"})
    if "fraction" in d or "q" in d:
        return Rational(d.get("fraction", d.get("q")))
    if "tuple" in d:
        return tuple(map(read, d["tuple"]))
    if "process" in d:
        return Record(needs_c='"s": "c"' in json.dumps(d), **{part: read_part(x) for part, x in d["process"].items()})
    if "object" in d:
        return read_part(d["object"])
    if "k" in d:
        return CONSTANTS[d["k"]]
    if "s" in d or "d" in d:
        return Symbol(d.get("s", d.get("d")), **d["is"]) if "is" in d else BASE[d["s"]]
    if "x" in d:
        return sympy.Float(d["x"], precision=d["precision"])
    parts, name = [read(a) for a in d["a"]], str(d.get("f", d.get("u")))
    if name == "ExprCondPair":
        return sympy.Tuple(*parts)
    head = getattr(sympy, name, None) if "f" in d else None
    if not (isinstance(head, type) and issubclass(head, sympy.Basic)):
        return sympy.Function(name)(*parts)
    keep = {"evaluate": False} if issubclass(head, sympy.core.relational.Relational) or d.get("raw") else {}
    return head(*parts, **keep)


def read_part(d):
    """An algorithm or a problem, with its parameters as attributes."""
    return Record(name=d["class"], **{name: read(x) for name, x in d["arguments"].items()})


# ---- premises: each yields (left, sense, right, where)


def small_cases(fact):
    """Sizes up to 3 (or the smallest one named) and the rates that exist there: (size, point, chain)."""
    for size in [x for x in fact.sizes if x <= 3] or [min(fact.sizes)]:
        for constant in fact.constants if fact.process.needs_c else (None,):
            at = {n: Rational(size)} | ({} if constant is None else {c: constant})
            if size <= 4 and (constant is None or constant <= size) and all(holds(w, at) for w in fact.where):
                yield size, at, *chain(fact.process, size, at)


def drift(fact):
    """The drift of a potential, or the probability of reaching a better level, at every point."""
    for size, at, f, best, rows in small_cases(fact):
        for x, row in rows.items():
            here = {y: {**at, k: size - sum(y), v: f[y]} for y in (x, *row)}
            height = {y: value(k if fact.potential is None else fact.potential, here[y]) for y in here}
            if fact.quantity == "leave":
                found = sum(q for y, q in row.items() if y in best or f[y] > f[x])
            else:
                found = sum(q * (height[x] - height[y]) for y, q in row.items())
            yield sympy.sympify(found), fact.sense, value(fact.bound, {**here[x], s: height[x]}), (size, at.get(c), x)


def runtime(fact):
    """E[T] from the starts that are spoken of."""
    for size, at, _, best, rows in small_cases(fact):
        cost = costs(best, rows)
        zeros = {z: [x for x in cost if size - sum(x) == z] for z in range(size + 1)}
        worst = max(cost, key=lambda x: cost[x])
        starts = {"uniform": [(list(cost), {})], "zeros": [(zeros[size], {})], "worst": [([worst], {})],
                  "k": [(zeros[z], {k: z}) for z in range(1, size + 1)]}[fact.start]  # fmt: skip
        for start, more in starts:  # type: ignore[attr-defined]
            here = {**at, **more}
            if all(holds(w, here) for w in fact.where):
                yield sum(cost[x] for x in start) / len(start), fact.sense, value(fact.expr, here), here


def along(fact, *exprs):
    """Points of a premise about a range: of its other symbols, and five along its variable."""
    for at in points(exprs, fact.where, fact.values, limit=8):
        if fact.variable is None or not any(e.has(fact.variable) for e in exprs):
            yield at
            continue
        low, step = value(fact.low, at), 1 if fact.integer else Rational(1, 3)
        high = low + 8 * step if fact.high is None else value(fact.high, at)
        for i in range(6):
            x = sympy.Min(low + i, high) if fact.integer else low + (high - low) * Rational(i, 5)
            yield {**at, fact.variable: x}


def inequality(fact):
    """left >= right along the range."""
    for at in along(fact, fact.left, fact.right):
        yield value(fact.left, at), ">" if fact.strict else ">=", value(fact.right, at), at


def monotone(fact):
    """Neighbouring points along the range."""
    for one, two in itertools.pairwise(along(fact, fact.expr)):
        if {**one, fact.variable: 0} == {**two, fact.variable: 0}:
            yield value(fact.expr, two), ">=", value(fact.expr, one), two


def identity(fact):
    """left = right, but where a side has a pole, as (1 - q^n)/(1 - q) at q = 1."""
    for at in points((fact.left, fact.right), fact.where):
        left, right = value(fact.left, at), value(fact.right, at)
        if not (left.has(sympy.nan, sympy.zoo) or right.has(sympy.nan, sympy.zoo)):
            yield left, "==", right, at


def limit(fact):
    """The distance to the limit falls, and goes on falling; with 300 digits, as fractions have too many there."""
    if (fact.expr - fact.value).has(sympy.Sum, sympy.Product, sympy.Integral, sympy.core.function.AppliedUndef):
        raise NotImplementedError("a long sum, an integral or a function of its own")
    distance = sympy.lambdify(fact.variable, abs(fact.expr - fact.value).subs(dict(fact.others)), "mpmath")
    with mpmath.workdps(300):
        gaps = [sympy.Float(distance(mpmath.mpf(10) ** p), 50) for p in (10, 20, 40, 80)]
    yield gaps[0], ">=", gaps[-1], "n = 10^80"
    yield gaps[2] * Rational(7, 10), ">=", gaps[3], "n = 10^80"


# ---- the last step, and the whole


def last_step(bound, derivation):
    """Does the formula follow from the lemma and what is put in? Yields comparisons; an assertion names what doesn't fit."""
    book = {}
    for path in (Path(__file__).parent.parent / "theory" / "lemmas").glob("*.toml"):
        book.update(tomllib.loads(path.read_text(encoding="utf-8")))
    last = derivation.conclusion
    entry = book[last.lemma]
    assert (entry["quantity"], entry["direction"]) == (bound.quantity, bound.direction), "the lemma concludes something else"
    claimed = (*bound.conditions, *bound.range)
    odd = {relation(w) for w in claimed} ^ {relation(w) for w in (*last.where, *bound.existence)}
    assert not odd, f"conditions and hypotheses differ: {odd}"
    formula = sympy.sympify(entry["formula"], locals={**INDICES, **BASE, **dict(last.given)}).subs(dict(last.put))
    if formula == bound.expr:
        yield Rational(1), "==", Rational(1), "term by term"
    for at in points((formula, bound.expr), claimed) if formula != bound.expr else ():
        yield value(bound.expr, at), "==", value(formula, at), at


def relation(w):
    """A relation, written with the larger side first."""
    return (w.rhs, w.rel_op.replace("<", ">"), w.lhs) if w.rel_op in ("<", "<=") else (w.lhs, w.rel_op, w.rhs)


def decide(comparisons):
    """(True, False or None, how) of a stream of comparisons."""
    count = 0
    try:
        for left, sense, right, where in comparisons:
            if not meets(left, sense, right):
                return False, f"{float(left):.9g} {sense} {float(right):.9g} fails at {where}"
            count += 1
    except (NotImplementedError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        return None, f"not evaluated: {error}"
    except (AssertionError, KeyError) as error:
        return False, str(error)
    return (True, f"{count} comparisons") if count else (None, "nothing to compare")


def premises(derivation):
    """All premises that are data, those of the lemmas first."""
    for lemma in derivation.lemmas:
        yield from premises(lemma)
    yield from (check.fact for check in derivation.checks if check.fact is not None)


def check(document):
    """What a certificate's file says, evaluated again: a list of (holds, what, how)."""
    bound, derivation = read(document["bound"]), read(document["derivation"])
    kinds = {"Inequality": inequality, "Monotone": monotone, "Identity": identity, "DriftFact": drift, "RuntimeFact": runtime,
             "LimitFact": limit}  # fmt: skip
    found = [(*decide(last_step(bound, derivation)), "the last step")]
    for number, fact in enumerate(premises(derivation), start=1):
        name = f"premise {number}, {fact.type}"
        if fact.type == "Computation":
            from theory import computations, serial

            right = computations.run(fact.function, serial.decode(fact.document["arguments"])) == serial.decode(
                fact.document["result"]
            )
            found.append((right, f"{fact.function}, by theory itself", name))
        elif fact.type in kinds:
            found.append((*decide(kinds[fact.type](fact)), name))
        else:
            found.append((None, "declared or cited", name))
    return found


def main(arguments):
    """Check the file that is named: 0 if nothing in it is refuted, 1 if something is, 2 if it is no certificate."""
    if arguments in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        (path,) = arguments
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        _ = document["bound"]["is"], document["derivation"]["is"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "can't read it" if isinstance(error, OSError) else "it is no certificate"
        wrong = f"{arguments[0]}: {why}" if len(arguments) == 1 else f"{len(arguments)} given"
        print(f"certificate: {wrong}; name one file that verify(...).save(...) wrote", file=sys.stderr)
        return 2
    results = check(document)
    for verdict, how, what in results:
        print({True: "holds", False: "FAILS", None: "open"}[verdict], what, "-", how)
    return int(any(verdict is False for verdict, _, _ in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

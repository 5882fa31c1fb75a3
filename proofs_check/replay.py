"""An independent checker of certificates: ``python -m proofs_check.replay certificate.json``.

It reads the file alone and believes none of its verdicts. Formulas, chains and premises are evaluated anew from what the file
says, by code of its own (numbers and processes: :mod:`proofs_check.literal`). From the rest of the package it takes the book of
lemmas, a text, and it calls ``theory`` only for premises that are computations of it, and says so. A premise about a continuum is
tried at points: this checker refutes, and says what it looked at; why something holds everywhere is told by the certificate.

Whatever the premises say, the bound itself and the hypotheses of its lemma are held against whole chains of at most three bits
(:mod:`proofs_check.grounds`). The exit status is 0 if all was tried and holds, 1 if something is refuted, 2 for a file that is no
certificate, 3 if something is left open: what holds as n grows, what is declared or cited, a process that isn't known here.
"""

from __future__ import annotations

import itertools
import json
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace as Record

import sympy
from sympy import Rational, Symbol

from proofs_check.grounds import claim, hypotheses, relations, unsupported
from proofs_check.literal import c, k, meets, n, odd_points, points, t, v, value
from proofs_check.replayed import KINDS

BASE = {x.name: x for x in (n, c, t, k, v)}
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


# ---- the last step, and the whole


def book():
    """The lemmas, by name."""
    found = {}
    for path in sorted((Path(__file__).parent.parent / "theory" / "lemmas").glob("*.toml")):
        found.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def conclusion(entry, last):
    """What a lemma concludes from what is put in."""
    return sympy.sympify(entry["formula"], locals={**INDICES, **BASE, **dict(last.given)}).subs(dict(last.put))


def last_step(bound, derivation):
    """Does the formula follow from the lemma and what is put in? Yields comparisons; an assertion names what doesn't fit."""
    last = derivation.conclusion
    entry = book()[last.lemma]
    assert (entry["quantity"], entry["direction"]) == (bound.quantity, bound.direction), "the lemma concludes something else"
    claimed = (*bound.conditions, *bound.range)
    odd = {relation(w) for w in claimed} ^ {relation(w) for w in (*last.where, *bound.existence)}
    assert not odd, f"conditions and hypotheses differ: {odd}"
    formula = conclusion(entry, last)
    strange = [x for x in formula.free_symbols | bound.expr.free_symbols if x.name in BASE and x != BASE[x.name]]
    assert not strange, f"{strange} is not the one that a process has"
    assert not formula.has(sympy.zoo, sympy.nan), "the formula is no number"
    if formula == bound.expr:
        yield Rational(1), "==", Rational(1), "term by term"
        return
    pair = tuple(map(finite, (formula, bound.expr)))
    for at in itertools.chain(points(pair, claimed), odd_points(pair, claimed)):
        try:
            sides = value(pair[1], at), value(pair[0], at)
        except NotImplementedError:  # a function that is known at small n only
            continue
        yield sides[0], "==", sides[1], at


def finite(e):
    """A few terms in place of an infinite sum, a function of one's own in place of one that is left open."""
    for series in e.atoms(sympy.Sum):
        *inner, (index, low, high) = series.limits
        if high is sympy.oo:
            body = sympy.Sum(series.function, *inner) if inner else series.function
            e = e.subs(series, sympy.Add(*(body.subs(index, low + step) for step in (0, 1, 2, 5, 11))))
    calls = [x for x in e.atoms(sympy.core.function.AppliedUndef) if x.func.__name__ in ("p", "t_0")]
    return e.subs({x: 1 / (x.args[0] + 2) if x.func.__name__ == "p" else sympy.floor(x.args[0] / 2) + 1 for x in calls})


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


def grounds(bound, process, derivation):
    """The bound itself, its lemma's hypotheses and the support of what is put in: (holds, how, what)."""
    lemmas, last = book(), derivation.conclusion
    facts = [fact for fact in premises(derivation)]
    others = [fact.process for fact in facts if fact.type == "DriftFact" and hasattr(fact.process, "algorithm")]
    needs = list(relations(lemmas[last.lemma], last, {**INDICES, **BASE}))
    yield *decide(claim(bound, process)), "the bound itself, on chains of at most 3 bits"
    if needs:
        yield *decide(hypotheses(bound, process, others, needs, last)), "hypotheses of its lemma, on these chains"
    known = [conclusion(lemmas[one.lemma], one) for one in steps_before(derivation) if one.lemma in lemmas]
    missing = list(unsupported(lemmas[last.lemma], last, process, facts, known, needs))
    yield (
        not missing,
        f"no premise is about {', '.join(missing)}" if missing else "all stands in them",
        "premises about what is put in",
    )


def steps_before(derivation):
    """The last steps of the derivations that this one rests on."""
    for lemma in derivation.lemmas:
        yield from steps_before(lemma)
        if lemma.conclusion is not None:
            yield lemma.conclusion


def check(document):
    """What a certificate's file says, evaluated again: a list of (holds, what, how)."""
    bound, derivation = read(document["bound"]), read(document["derivation"])
    found = [(*decide(last_step(bound, derivation)), "the last step")]
    if document["process"] is not None and found[0][0] is not False:
        process = read(document["process"])
        found += (
            grounds(bound, process, derivation) if hasattr(process, "algorithm") else [(None, "no process", "the bound itself")]
        )
    for number, fact in enumerate(premises(derivation), start=1):
        name = f"premise {number}, {fact.type}"
        if fact.type == "Computation":
            from theory import computations, serial

            ran = computations.run(fact.function, serial.decode(fact.document["arguments"]))
            found.append((ran is True and fact.document["result"] is True, f"{fact.function}, by theory itself", name))
        elif fact.type in KINDS:
            found.append((*decide(KINDS[fact.type](fact)), name))
        else:
            found.append((None if fact.type in ("Declared", "Cited") else False, f"{fact.type.lower()}, not evaluated", name))
    return found


def summary(results):
    """(text, exit status) of results: 0 if all was evaluated and holds, 1 if something fails, 3 if something is open."""
    if any(holds is False for holds, _, _ in results):
        return "refuted", 1
    left = [what for holds, _, what in results if holds is None]
    if left:
        return f"not refuted; open: {', '.join(left)}", 3
    return "all of it holds where it was tried: processes on at most 3 bits, formulas at points", 0


def main(arguments):
    """Check the file that is named: 0 if all holds, 1 if something is refuted, 2 for no certificate, 3 if something is open."""
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
    said, results = read(document["bound"]), check(document)
    print(f"{said.quantity}, {said.direction}: {said.expr}, start {said.start}, for {(*said.conditions, *said.range)}")
    for verdict, how, what in results:
        print({True: "holds", False: "FAILS", None: "open"}[verdict], what, "-", how)
    print(summary(results)[0])
    return summary(results)[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

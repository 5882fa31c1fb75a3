"""Certificates made to deceive: of wrong bounds, whose parts fit together or whose premises are true of something else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sympy
from sympy import Rational, harmonic

from proofs_check import verify
from proofs_check.certificate import document
from proofs_check.mutants import double_mutants, fate
from proofs_check.replay import check, summary
from theory import RLS, Bound, LeadingOnes, Needle, OneMax, OnePlusOneEA, c, k, n
from theory.bounds.common import supported
from theory.derivation import Check, Derivation
from theory.drift import MultiplicativeDrift
from theory.facts import Computation, DriftFact, Identity
from theory.lemmas import applied

EASY, HARD = RLS().on(OneMax()), RLS().on(Needle())
ANY = next(b for b in EASY.bounds("derived") if b.start == "any" and b.quantity == "E[T]")  # E[T] <= n H_n
TAIL = next(b for b in EASY.bounds("derived") if b.quantity == "P[T > t]")


def out_of(lemma, expr, process=EASY, checks=(), direction="upper", **given):
    """A bound on E[T] from any start, concluded by a lemma from what is given, with premises that somebody chose."""
    last = Derivation("an adversary", checks=tuple(checks), conclusion=applied(lemma, **given))
    return Bound("E[T]", direction, expr, derivation=last, process=process)


def same(expr):
    return Check("it is what it is", "", "premise", Identity(expr, expr))


def put(bound, name, value):
    """The bound with another ingredient, and the formula that follows."""
    last = bound.derivation.conclusion
    last = replace(last, given=tuple((x, value if x == name else y) for x, y in last.given))
    return bound.with_(expr=last.expr, derivation=replace(bound.derivation, conclusion=last))


vanishing = ANY.expr - (n - 1) * (n - 2) * (n - 3) * (n - 5) * (n - 6) * (n - 40)
OTHER_N = sympy.Symbol("n", real=True)
DECEPTIONS = {
    "the premises are about another process": ANY.with_(process=HARD),
    "the premises are about another process, and the start is a good one": ANY.with_(process=RLS().on(LeadingOnes())),
    "no premise at all": out_of("steps from each level, from above", 5 * n, total=5 * n),
    "a premise that says nothing": out_of("steps from each level, from above", 5 * n, checks=[same(5 * n)], total=5 * n),
    "something larger than nothing": out_of("weakened from above", 5 * n, checks=[same(5 * n)], smaller=n, larger=5 * n),
    "a formula that differs off the grid only": ANY.with_(expr=vanishing),
    "another n": out_of("steps from each level, from above", 9 * OTHER_N, checks=[same(9 * OTHER_N)], total=9 * OTHER_N),
    "a start that is too small": put(TAIL, "start", n / 2),
    "a smallest value that isn't one": put(TAIL, "low", sympy.Integer(2)),
    "a drift that is too large": put(TAIL, "delta", 2 / n),
    "a formula without a value": put(TAIL, "low", sympy.Integer(0)),
    "a computation that says no": supported(ANY, Check("no", "", "premise", Computation(
        "theory.summability:converges", (("terms", 1 / n), ("variable", n)), False))),
    "a drift that is another process's": MultiplicativeDrift.apply(k / n, start=n).with_(process=HARD),
}  # fmt: skip


@pytest.mark.parametrize("bound", DECEPTIONS.values(), ids=DECEPTIONS)
def test_no_certificate_for_a_wrong_bound(bound):
    assert verify(bound, levels=()).verdict in ("refuted", "inconclusive")
    if bound.expr.has(sympy.zoo):  # which no document can hold
        return
    results = check(json.loads(json.dumps(document(bound))))
    assert summary(results)[1] == 1, results


def test_a_premise_of_no_known_kind_is_no_premise():
    text = json.dumps(document(ANY)).replace('"is": "DriftFact"', '"is": "Revelation"')
    assert summary(check(json.loads(text)))[1] == 1


def test_what_cannot_be_tried_is_said_to_be_open():
    """What holds as n grows, and what is declared, isn't accepted without a word."""
    growing = next(b for b in EASY.bounds("derived") if b.direction == "asymptotic")
    said, status = summary(check(document(growing)))
    assert status == 3 and "the bound itself" in said


def test_a_bound_that_rests_on_no_chain_beyond_the_smallest_is_certified_for_these_only():
    bound = MultiplicativeDrift.apply(k / n, start=n).with_(process=EASY)
    certificate = verify(bound, levels=())
    assert certificate.verdict == "certified" and certificate.scope.startswith("certified for n <= 3")
    assert verify(bound.with_(process=None), levels=()).verdict == "proved"


@pytest.mark.parametrize("factor", [Rational(1, 2), 2, "order"], ids=str)
def test_a_wrong_leading_term_is_refuted_although_its_ratio_tends_to_its_limit(factor):
    bounds = [
        b for b in OnePlusOneEA(c / n).on(OneMax()).bounds("derived") if b.direction == "asymptotic" and b.remainder is None
    ]
    for bound in bounds:
        order = n if factor == "order" else factor * n * sympy.log(n)
        if not (bound.side == "upper" and factor == 2):  # which is true
            assert verify(put(bound, "order", order), levels=()).verdict == "refuted"


def test_double_mutants_are_found_out_or_true():
    """A change that moves an ingredient and the formula alike; all pairs are a claim, catalogue-mutants."""
    fates = [fate(mutant, bound) for bound in EASY.bounds("derived") for mutant in double_mutants(bound)]
    assert set(fates) <= {"last step", "small cases", "weaker", "the same"}
    assert fates.count("last step") > 40 > 30 > fates.count("weaker") > 0


def test_a_true_premise_about_another_process_is_not_enough():
    """n H_n for RLS is right on OneMax; the same premises and formula with Needle's name are not."""
    falls = Check("k falls", "", "premise", DriftFact(EASY, k / n, "=="))
    leaves = Check("it is left", "", "premise", DriftFact(EASY, k / n, "==", quantity="leave"))
    wrong = out_of("fitness levels", n * harmonic(n), HARD, (falls, leaves), start=n, s=sympy.Lambda(k, k / n))
    assert verify(wrong, levels=()).verdict == "refuted" and summary(check(document(wrong)))[1] == 1

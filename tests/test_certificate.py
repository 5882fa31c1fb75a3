"""Bounds verified at four levels, the independent checker, and whether wrong bounds are found out."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy

from proofs_check import verify
from proofs_check.certificate import document
from proofs_check.for_all_n import for_all_n
from proofs_check.mutants import found_out, mutants
from proofs_check.replay import check, main
from theory import RLS, BinVal, Bound, LeadingOnes, Needle, OneMax, OnePlusOneEA, c, k, n
from theory.balls import at
from theory.drift import MultiplicativeDrift
from theory.errors import InputError

EA = OnePlusOneEA(c / n)
SOME = [EA.on(OneMax()), EA.on(LeadingOnes()), RLS().on(OneMax()), EA.on(BinVal())]


def test_a_bound_holds_at_all_four_levels():
    certificate = verify(EA.on(OneMax()).bounds()[0], replicates=1000)
    assert [level.name for level in certificate.levels] == ["symbolic", "certified", "exact", "statistical"]
    assert all(level.holds for level in certificate.levels), str(certificate)
    assert certificate.verdict == "certified" and "n <= 5" in certificate.scope


def test_a_bound_that_is_too_small_fails_at_every_level():
    bound = EA.on(OneMax()).bounds()[0]
    certificate = verify(bound.with_(expr=bound.expr / 4), replicates=1000)
    assert [level.holds for level in certificate.levels] == [False] * 4, str(certificate)
    assert certificate.verdict == "refuted"


def test_a_tail_that_is_too_small_fails_against_the_law_and_against_runs():
    tail = next(b for b in EA.on(OneMax()).bounds() if b.quantity == "P[T > t]" and b.minimise_over is None)
    assert verify(tail, levels=("exact", "statistical"), replicates=1000).verdict == "certified"
    wrong = verify(tail.with_(expr=tail.expr / 50), levels=("exact", "statistical"), replicates=1000)
    assert wrong.level("exact").holds is False


def test_a_premise_that_is_wrong_refutes_a_bound_whose_formula_follows_from_it():
    wrong = MultiplicativeDrift.apply(k / n, start=n, where=(c < n,))  # the drift of RLS
    right = EA.on(OneMax()).bounds()[0]
    mixed = wrong.with_(derivation=wrong.derivation, process=EA.on(OneMax()), conditions=right.conditions)
    assert verify(mixed, levels=("exact",)).verdict == "refuted"


def test_a_bound_without_derivation_can_not_be_verified():
    cited = Bound("E[T]", "upper", n**2, status="recalled")
    for argument, word in ((cited, "recalled"), ("n", "no Bound")):
        with pytest.raises(InputError, match=word):
            verify(argument)
    with pytest.raises(InputError, match="levels: 'exakt'"):
        verify(EA.on(OneMax()).bounds()[0], levels=("exakt",))


# ---- the independent checker


@pytest.mark.parametrize("process", SOME, ids=str)
def test_the_independent_checker_agrees_from_the_file_alone(process):
    for bound in process.bounds("derived")[:2]:
        for holds, how, what in check(json.loads(json.dumps(document(bound)))):
            assert holds is not False, f"{bound}: {what}: {how}"


def test_the_independent_checker_believes_no_flag(tmp_path):
    bound = EA.on(Needle()).bounds("derived")[0]
    path = tmp_path / "certificate.json"
    certificate = verify(bound, levels=("symbolic",))
    certificate.save(path)
    command = [sys.executable, "-m", "proofs_check.replay", str(path)]
    good = subprocess.run(command, capture_output=True, text=True)
    assert good.returncode == 0 and "holds the last step" in good.stdout
    wrong = json.loads(path.read_text())
    wrong["bound"]["expr"] = document(bound.with_(expr=bound.expr + 1))["bound"]["expr"]
    assert wrong["found"]["verdict"] == certificate.verdict != "refuted"  # the flag still says that all is well
    path.write_text(json.dumps(wrong))
    bad = subprocess.run(command, capture_output=True, text=True)
    assert bad.returncode == 1 and "FAILS the last step" in bad.stdout


def test_the_independent_checker_takes_one_certificate_and_says_so(tmp_path, capsys):
    (tmp_path / "list").write_text("[1]")
    for given, why in (([], "0 given"), (["none"], "none: can't read it"), ([str(tmp_path / "list")], "it is no certificate")):
        assert main(given) == 2
        assert why in capsys.readouterr().err
    with pytest.raises(InputError, match="path: can't write .*nowhere.*; name a file in a folder that exists"):
        verify(EA.on(OneMax()).bounds()[0], levels=("symbolic",)).save(tmp_path / "nowhere" / "a.json")


def test_the_independent_checker_passes_by_a_pole_of_both_sides():
    """At q = 1 the sum of a geometric series is 0/0."""
    (bound, *_) = EA.on(LeadingOnes()).bounds("derived")
    assert all(holds for holds, _, _ in check(document(bound)))


def test_the_independent_checker_refutes_a_premise_that_is_changed():
    text = json.dumps(document(RLS().on(OneMax()).bounds()[0]))
    rate = '{"f": "Pow", "a": [{"s": "n"}, {"q": "-1"}]}'
    right, wrong = '{"s": "k"}, ' + rate, '{"s": "k"}, {"q": "2"}, ' + rate
    assert right in text
    assert any(holds is False for holds, _, _ in check(json.loads(text.replace(right, wrong))))


def test_the_independent_checker_uses_nothing_of_theory_but_computations():
    code = "import proofs_check.replay, sys; assert not [m for m in sys.modules if m.split('.')[0] in ('theory', 'sim')]"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- mutants


@pytest.mark.parametrize("process", SOME[:2], ids=str)
def test_a_change_in_one_place_is_found_out(process):
    """RLS on OneMax is a claim, catalogue-mutants, which under the preset full looks at every pair."""
    found, missed = 0, []
    for bound in process.bounds("derived")[:5]:  # after these come sums in sums, of which each mutant takes a second
        for mutant in mutants(bound):
            if found_out(mutant):
                found += 1
            else:
                missed.append(f"{bound.statement}: {mutant.kind} {mutant.change}")
    assert found >= 50 and len(missed) <= found // 100, missed


# ---- for every n


def test_an_inequality_for_every_n_is_certified_and_its_reverse_is_not():
    power, constant = (1 - c / n) ** (1 - n), sympy.exp(c)
    assert for_all_n(constant, power, first=2, constants=("1/10", 1)).holds is True
    wrong = for_all_n(power, constant, first=2, constants=("1/10", 1))
    assert wrong.holds is False and wrong.counterexample[0] == 2
    assert for_all_n(constant, power, first=4, constants=(2, 3)).holds is False  # c > 1: false at small n


@pytest.mark.parametrize("size", [2, 7, 100, 10**6])
def test_what_is_certified_for_every_n_holds_at_each(size):
    left, right = sympy.harmonic(n), sympy.log(n) + sympy.EulerGamma
    assert for_all_n(left, right).holds is True
    assert at(left - right, {n: size}) > 0


def test_what_is_too_close_to_call_is_not_decided():
    assert for_all_n(n**2, 5 * n, first=5).holds is None  # equal at n = 5
    assert for_all_n(sympy.gamma(n + 1), n, first=3).holds is None  # no expansion for it here
    assert for_all_n((1 - 1 / n) ** (n - 1), sympy.exp(-1) * Fraction(1), first=2).holds is True

"""Derivations are data: graphs, JSON and back, replayed premises; planted errors are found."""

from __future__ import annotations

import json
from fractions import Fraction

import networkx as nx
import numba
import pytest
import sympy

from theory import RLS, BinVal, Chain, Custom, InputError, Jump, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, c, k, n
from theory.bounds.common import supported
from theory.bounds.onemax_easiest import E_OneMax
from theory.derivation import Check, Derivation
from theory.drift import AdditiveDriftUpper, FitnessLevels, LinearFunctionsDrift, MultiplicativeDrift, VariableDrift
from theory.facts import (
    Cited,
    Computation,
    Declared,
    DriftFact,
    Identity,
    Inequality,
    LimitFact,
    Monotone,
    RuntimeFact,
    s,
)
from theory.serial import Opaque, decode, encode

P = c / n
EA = OnePlusOneEA(P)
ONE_BIT = k * P * (1 - P) ** (n - 1)
PROCESSES = [
    algorithm.on(problem)
    for algorithm in (EA, OnePlusOneEA("1/3", strict=True), RLS(), RLS(2))
    for problem in (OneMax(), LeadingOnes(), BinVal(), Linear([1, "2.5", -4]), Needle(), Jump(2))
]
FACTS = [
    Inequality(n, k, variable=k, low=sympy.Integer(1), high=n, integer=True),
    Inequality(sympy.Rational(1, 2), c, values=((c, (Fraction(1, 10), Fraction(2, 5))),)),
    Inequality(sympy.Rational(1, 2), c, values=((c, (Fraction(1, 10), Fraction(1, 2))),)),  # touches zero at the end
    Inequality(c, sympy.Integer(0), strict=True, where=(c < n, sympy.Ge(n, 2))),
    Monotone(k * (1 - P) ** (n - k), k, sympy.Integer(1), n, True, (c < n,)),
    Identity((n + 1) ** 2, n**2 + 2 * n + 1),
    Identity(sympy.Sum(k, (k, 1, n)), n * (n + 1) / 2),
    DriftFact(EA.on(OneMax()), ONE_BIT, ">=", where=(c < n,)),
    DriftFact(EA.on(LeadingOnes()), P * (1 - P) ** (n - 1), ">=", quantity="leave", where=(c < n,), sizes=(1, 2, 3)),
    DriftFact(RLS().on(OneMax()), s / n, "=="),
    RuntimeFact(RLS().on(OneMax()), n * sympy.harmonic(k), "==", "k"),
    RuntimeFact(EA.on(LeadingOnes()), ((1 - P) ** (1 - n) - 1 + P) / (2 * P**2), "==", "uniform", (1, 2, 3), where=(c < n,)),
    LimitFact((1 - c / n) ** (1 - n), n, sympy.exp(c)),
    Computation("theory.values:exact", (("value", "1/3"),), Fraction(1, 3)),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_true_facts_hold_when_replayed(fact):
    outcome = fact.replay()
    assert outcome.holds is True, outcome
    assert outcome.level == ("numeric" if isinstance(fact, LimitFact) else outcome.level)


@pytest.mark.parametrize(
    "fact",
    [
        Inequality(k, n, variable=k, low=sympy.Integer(1), high=n, integer=True),
        Inequality(n, sympy.Integer(1), strict=True),
        Inequality(sympy.Rational(1, 2), c, strict=True, values=((c, (Fraction(1, 10), Fraction(1, 2))),)),
        Identity((n + 1) ** 2, n**2 + 2 * n),
        Identity(sympy.Sum(k, (k, 1, n)), n**2 / 2),
        DriftFact(EA.on(OneMax()), ONE_BIT * Fraction(101, 100), ">=", where=(c < n,)),
        DriftFact(RLS().on(OneMax()), k / (n + 1), "=="),
        DriftFact(EA.on(LeadingOnes()), P * (1 - P) ** (n - 2), ">=", quantity="leave", where=(c < n,), sizes=(1, 2, 3)),
        RuntimeFact(RLS().on(OneMax()), n * sympy.harmonic(k) * Fraction(99, 100), "<=", "k"),
        LimitFact((1 - c / n) ** (1 - n), n, sympy.exp(2 * c)),
        Computation("theory.values:exact", (("value", "1/3"),), Fraction(1, 2)),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_false_facts_fail_when_replayed(fact):
    assert fact.replay().holds is False


def test_what_cannot_be_replayed_says_so_and_is_not_counted_as_shown():
    for fact, level in ((Declared("the drift is k/n"), "declared"), (Cited("domination", "Witt 2013"), "cited")):
        outcome = fact.replay()
        assert outcome.holds is None and outcome.level == level
    derivation = Derivation("a theorem", checks=(Check("a", "", fact=FACTS[0]), Check("b", "", fact=Declared("b"))))
    assert derivation.replay().holds is None
    worse = Derivation("a theorem", checks=(*derivation.checks, Check("c", "", fact=Inequality(-n, n))))
    assert worse.replay().holds is False
    assert Derivation("a theorem").replay().holds is None  # nothing was shown


@pytest.mark.parametrize("fact", [*FACTS, Declared("x"), Cited("y", "z")], ids=lambda fact: type(fact).__name__)
def test_facts_survive_json(fact):
    again = decode(json.loads(json.dumps(encode(fact))))
    assert again == fact and again.text == fact.text


@pytest.mark.parametrize("process", PROCESSES, ids=str)
def test_processes_survive_json(process):
    again = decode(json.loads(json.dumps(encode(process))))
    assert again == process and again.key == process.key


def test_every_derivation_of_the_catalogue_survives_json():
    for process in PROCESSES:
        for bound in (*process.bounds(), *process.bounds("recalled")):
            if bound.derivation is not None:
                assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation


def test_expressions_survive_json():
    j = sympy.Symbol("j", integer=True, positive=True)
    for expr in (
        sympy.Sum(1 / (2**j * j), (j, 1, n)),
        sympy.Piecewise((c, c < 1), (1 / c, True)),
        sympy.Ge(sympy.Integer(1), sympy.Rational(1, 2), evaluate=False),
        sympy.Min(c, 1) + sympy.log(n) * sympy.EulerGamma,
        sympy.Function("C_1")(c),
        E_OneMax(n, c / n),
        sympy.Float("0.1", 30),
        sympy.Dummy("j", integer=True) + 1,
        sympy.expint(1, c),
        -sympy.oo,
        sympy.LambertW(c),
    ):
        assert decode(json.loads(json.dumps(encode(expr)))) == expr


def test_a_compiled_function_cannot_be_written_and_the_document_says_so():
    function = numba.njit(lambda x: x.sum())
    process = EA.on(Custom(function))
    fact = decode(encode(DriftFact(process, k, "<=")))
    assert isinstance(fact.process, Opaque) and fact.process.key == process.key
    assert fact.replay().holds is None


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"driftproof derivation": 99, "is": "Derivation"}',
        '{"driftproof derivation": 1, "is": "Eval", "x": 1}',
        '{"driftproof derivation": 1, "f": "eval", "a": [{"q": "1"}]}',
        '{"driftproof derivation": 1, "is": "Check", "condition": "a", "how": "b"}',
        '{"driftproof derivation": 1, "is": "Derivation", "theorem": {"q": "1/0"}}',
    ],
)
def test_a_foreign_document_is_refused_in_one_line(text):
    with pytest.raises(InputError) as error:
        Derivation.from_json(text)
    assert "\n" not in str(error.value)


def test_a_computation_runs_functions_of_theory_only():
    for function in ("os:system", "theory.values:_private", "theoryx:f", "theory.values:nothing"):
        with pytest.raises(InputError, match="function"):
            Computation(function, (("command", "true"),)).replay()


def test_the_graph_leads_from_the_result_to_every_premise():
    bound = MultiplicativeDrift.apply(ONE_BIT, start=n, where=(c < n,))
    bound = supported(
        bound, Check("drift", "by the whole chain", "premise", DriftFact(EA.on(OneMax()), ONE_BIT, ">=", where=(c < n,)))
    )
    graph = bound.derivation.graph(str(bound))
    assert nx.is_directed_acyclic_graph(graph) and graph.nodes[0]["text"] == str(bound)
    assert nx.descendants(graph, 0) == set(graph) - {0}
    facts = [data["fact"] for _, data in graph.nodes(data=True) if data["kind"] == "fact"]
    assert facts == [check.fact for check in bound.derivation.premises()] and len(facts) >= 4
    lemma = Derivation("a consequence", lemmas=(bound.derivation,))
    assert len(list(lemma.premises())) == len(facts) and len(lemma.graph()) == len(graph) + 1


def test_theorems_attach_facts_that_replay():
    for bound in (
        MultiplicativeDrift.apply(ONE_BIT, start=n, where=(c < n,)),
        VariableDrift.apply(k * P * (1 - P) ** (n - k), start=n, where=(c < n,)),
        AdditiveDriftUpper.apply(1 / n, start=n),
        FitnessLevels.apply(k / n, start=n),
        LinearFunctionsDrift.apply(P, where=(c < n,)),
    ):
        found = bound.derivation.replay()
        assert found.outcomes and all(outcome.holds for _, outcome in found.outcomes), str(found)


def test_a_bound_prints_its_proof():
    bound = MultiplicativeDrift.apply(ONE_BIT, start=n, where=(c < n,))
    markdown, tex, text = (bound.proof(form) for form in ("markdown", "latex", "text"))
    assert markdown.startswith("**Claim.** $") and "Proof sketch" in markdown and "as data" in markdown
    assert tex.startswith(r"\begin{theorem}$") and tex.rstrip().endswith(r"\end{proof}") and tex.count("{") == tex.count("}")
    assert "multiplicative drift" in text
    with pytest.raises(InputError, match="form"):
        bound.proof("html")
    recalled = bound.with_(status="recalled", derivation=None)
    with pytest.raises(InputError, match="recalled"):
        recalled.proof()


def test_a_process_read_at_values_is_replayed_from_its_chain():
    at = {"n": 4, "c": 1}
    weights = lambda x: int(sum((4 - i) * (1 - bit) for i, bit in enumerate(x)))  # noqa: E731
    for bound in (
        MultiplicativeDrift.apply(EA.on(OneMax()), **at),
        AdditiveDriftUpper.apply(EA.on(LeadingOnes()), **at),
        AdditiveDriftUpper.apply(EA.on(BinVal()), potential=weights, n=4, c="1/2"),
        FitnessLevels.apply(EA.on(BinVal()), **at),
        FitnessLevels.apply(EA.on(OneMax())),
        VariableDrift.apply(EA.on(OneMax())),
    ):
        found = bound.derivation.replay()
        assert found.holds is True, str(found)
        assert any(isinstance(check.fact, DriftFact) for check, _ in found.outcomes)
        assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation


def test_a_chain_declares_and_the_derivation_says_so():
    chain = Chain(n, numba.njit(lambda x, rng, n, c: x - 1), drift=1)
    bounds = [bound for bound in chain.bounds() if "additive" in str(bound.source)]
    assert bounds
    for bound in bounds:
        levels = [outcome.level for _, outcome in bound.derivation.replay().outcomes]
        assert "declared" in levels and bound.derivation.replay().holds is None

"""What a second referee found: false statements that were made, and documents that could run what they liked."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
import sympy

from theory import (
    RLS,
    DynamicBinVal,
    InputError,
    Jump,
    LeadingOnes,
    Needle,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    PreconditionError,
    c,
    k,
    n,
    synthesise,
)
from theory.conclusions import concluded, conclusion
from theory.derivation import Check, Derivation
from theory.drift import Concentration, HeadwindDrift, NegativeMultiplicativeDrift
from theory.exact import expected_runtime
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact, RuntimeFact
from theory.learning import game_values, one_step_attention, optimal_reduction
from theory.monotone import acceptance, hottopic, meanfield, poea

PROCESS = OnePlusOneEA(c / n).on(OneMax())
WALK = [{0: "3/4", 1: "1/4"}] + [{i - 1: "5/6", i + 1: "1/6"} for i in range(1, 12)] + [{12: 1}]


def replayed(*facts):
    """A derivation with these premises, written down, read again and replayed."""
    derivation = Derivation("x", checks=tuple(Check("c", "h", fact=fact) for fact in facts))
    return Derivation.from_json(derivation.to_json()).replay()


def test_negative_multiplicative_drift_says_nothing_of_a_start_beyond_the_goal():
    # T = 0, but t D/(delta U) = 0 at t = 0 and delta U/(2 D) = 0.256
    for expected in (False, True):
        with pytest.raises(PreconditionError, match="X_0 < U"):
            NegativeMultiplicativeDrift.apply(WALK, start=12, potential="2**k", delta="1/4", D=2000, target=12, expected=expected)
    with pytest.raises(PreconditionError, match="X_0 < U"):  # U = 0 was divided by
        NegativeMultiplicativeDrift.apply(WALK, potential="k", delta="1/4", D="1/2", target=0)


@pytest.mark.parametrize("rows", [[{0: 1}, {"a": 1}], [{0: 1}, {0.5: 1}], [{0: 1}, {None: 1}], [{0: 1}, {False: 1}]])
def test_states_of_a_chain_are_integers(rows):
    with pytest.raises(InputError, match="drift: row 1 must have states for keys"):
        HeadwindDrift.apply(rows)


@pytest.mark.parametrize("steps", ["a", 1.5, True, 0, Fraction(3, 2), float("nan"), float("inf")])
def test_the_largest_step_of_a_chain_is_a_positive_integer(steps):
    walk = [{0: 1}] + [{i - 1: "3/4", min(i + 1, 9): "1/4"} for i in range(1, 10)]
    with pytest.raises(InputError, match="steps: .* must be a positive integer"):
        Concentration.apply(walk, steps=steps)


def _creates(path: Path) -> str:
    return f"__import__('pathlib').Path('{path}').touch()"


def test_a_document_cannot_hand_text_to_sympy_which_evaluates_it(tmp_path):
    text = _creates(tmp_path / "ran")
    for fact in (
        Inequality(text, n),
        Inequality(n, text),
        Inequality(n, k, variable=k, low=text, high=n),
        Inequality(n, k, where=(text,)),
        Inequality(n, k, values=((n, text),)),
        Identity(n, text),
        LimitFact(text, n, sympy.S.Zero),
        LimitFact(c / n, n, sympy.S.Zero, ((c, text),)),
        DriftFact(PROCESS, text, ">="),
        DriftFact(PROCESS, k, ">=", constants=(text,)),
        RuntimeFact(PROCESS, text, ">="),
    ):
        with pytest.raises(InputError) as error:
            replayed(fact)
        assert "\n" not in str(error.value)
    assert not (tmp_path / "ran").exists()


def test_a_document_cannot_name_a_function_that_makes_code_of_text_or_reads_files(tmp_path):
    text = _creates(tmp_path / "ran")
    secret = tmp_path / "secret.csv"
    secret.write_text("1\nsecret\n")
    for function, arguments in (
        ("theory.monotone.hottopic:phi", (("rate", text), ("share", 1))),
        ("theory.exact.states:rate_function", (("expr", k), ("arguments", f"k={text}"))),
        ("theory.compile:specialise", (("template", text),)),
        ("theory.registry:read_column", (("path", str(secret)), ("argument", "x"))),
        ("theory.registry:Path", ()),
        ("theory.facts:itertools", ()),
        ("theory.values:exact", ()),
        ("theory.values:exact", (("value", "1/3"), ("more", 1))),
        ("theory.values:exact", (("value", text),)),
        ("theory.values:exact", ((1, 2),)),
    ):
        with pytest.raises(InputError) as error:
            replayed(Computation(function, arguments))
        assert "\n" not in str(error.value) and "secret" not in str(error.value).replace(str(secret), "")
    assert not (tmp_path / "ran").exists()


def test_names_in_a_document_are_words_as_they_end_up_in_source_text():
    from theory.serial import decode, encode

    evil = "x in (print(1),) for y"
    for expr in (sympy.Symbol(evil), sympy.Dummy(evil), sympy.Function(evil)(k)):
        with pytest.raises(InputError, match="no name of a symbol or a function"):
            decode(encode(expr + 1))


def test_fields_of_a_document_have_their_types():
    good = json.loads(Derivation("x", checks=(Check("c", "h", fact=Identity(n, n)),)).to_json())
    for name, value in (("theorem", 3), ("steps", "abc"), ("steps", {"tuple": [1]}), ("checks", {"tuple": ["x"]})):
        with pytest.raises(InputError, match=name):
            Derivation.from_json(json.dumps({**good, name: value}))


def test_a_bound_for_a_drawn_start_does_not_cover_each_point():
    process = OnePlusOneEA(Fraction(2, 3)).on(LeadingOnes())
    bound = synthesise(process, "states", theorem="additive", start=1, n=2)
    assert bound.evaluate(n=2) < expected_runtime(process, n=2, start=[1, 0]) and not bound.covers([1, 0], 2)
    assert bound.covers(1, 2) and bound.averaged
    everywhere = synthesise(process, "states", theorem="additive", start=2, n=2)
    assert everywhere.covers([0, 0], 2) and everywhere.covers("zeros", 2) and not everywhere.averaged


def test_an_identity_that_is_wrong_by_a_constant_is_refuted():
    for wrong in (Identity(1 - sympy.exp(-k), 2 - sympy.exp(-k)), Identity(1 / n, 1 / n + sympy.Rational(1, 1000), (n > 2,))):
        outcome = wrong.replay()
        assert outcome.holds is False, outcome


def test_a_limit_that_is_wrong_by_a_hundredth_is_not_seen():
    slow = (1 - c / n) ** (1 - n) * (sympy.log(n) + 1) * sympy.exp(-c) / sympy.log(n)  # 1 + 1/ln n but for O(1/n)
    assert LimitFact(slow, n, sympy.S.One).replay().holds
    for factor in (Fraction(99, 100), Fraction(101, 100)):
        assert LimitFact(slow, n, sympy.Rational(factor.numerator, factor.denominator)).replay().holds is False


def test_a_premise_without_a_real_value_is_open():
    outcome = RuntimeFact(PROCESS, n + sympy.Max(0, sympy.sqrt(k - n - 1)), "<=", "k", sizes=(2,)).replay()
    assert outcome.holds is None, outcome


WRONG = {"upper": sympy.Rational(1, 4), "lower": sympy.Integer(4), "exact": sympy.Rational(11, 10)}


@pytest.mark.parametrize("rate", ["c/n", "1/n", "1/(v+1)"])
@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes(), Jump(2), Plateau(2), DynamicBinVal()], ids=str)
def test_a_derived_bound_with_another_constant_is_refuted_by_its_derivation(rate, problem):
    process = OnePlusOneEA(rate).on(problem)
    for bound in process.bounds("derived"):
        fact = conclusion(process, bound)
        if fact is None:
            assert bound.quantity != "E[T]" or bound.direction not in WRONG, bound
            continue
        assert any(isinstance(x.fact, RuntimeFact) and x.fact.expr == fact.expr for x in bound.derivation.premises()), bound
        assert fact.replay().holds is True, bound
        slack = 4 if bound.minimise_over or (bound.direction == "lower" and isinstance(problem, Jump)) else 1
        wrong = concluded(process, bound.with_(expr=bound.expr * WRONG[bound.direction] ** slack))
        statements = [x.fact for x in wrong.derivation.premises() if isinstance(x.fact, RuntimeFact)]  # the rest is as it was
        assert any(statement.replay().holds is False for statement in statements), wrong


def test_bounds_whose_premises_were_true_for_any_formula_carry_their_statement():
    ea, uniform = OnePlusOneEA(c / n), OnePlusOneEA(c / n).on(Needle()).bounds("derived")
    for bounds in (uniform, ea.on(PartiallyOrderedEA()).bounds("derived"), RLS().on(DynamicBinVal()).bounds("derived")):
        for bound in bounds:
            if bound.quantity == "E[T]" and bound.direction in WRONG:
                assert any(isinstance(check.fact, RuntimeFact) for check in bound.derivation.checks), bound


NAN, LARGE = float("nan"), 10**30


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("rate", lambda: hottopic.phi("__import__('os').getcwd()", "1/4")),
        ("share", lambda: hottopic.phi(2, None)),
        ("law", lambda: hottopic.phi_of_law({LARGE: 1}, Fraction(1, 4))),
        ("density", lambda: meanfield.level("x", 2, "1/4", "1/10")),
        ("c", lambda: meanfield.level(0.3, LARGE, "1/4", "1/10")),
        ("first", lambda: poea.drift_is_at_least(Fraction(11, 12), "x")),
        ("delta", lambda: poea.drift_is_at_least("1/0")),
        ("n", lambda: acceptance.upsets("3")),
        ("n", lambda: acceptance.upsets(6)),
        ("singular_values", lambda: optimal_reduction.mix_plan(None, 2)),
        ("losses", lambda: game_values.solve_game(None)),
        ("losses", lambda: game_values.solve_game([1, 2])),
        ("variances", lambda: one_step_attention.preconditioned_loss(None, 3)),
        ("delta", lambda: synthesise(PROCESS, theorem="multiplicative", delta=NAN, n=3, c=1)),
        ("process", lambda: synthesise([[1]])),
    ],
)
def test_input_that_cannot_be_used_is_named_in_one_line(name, call):
    with pytest.raises(InputError, match=f"^{name}: ") as error:
        call()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "expr",
    [
        {"q": "1e99999999"},
        {"q": 1.5},
        {"x": "1", "precision": 10**9},
        {"f": "Pow", "a": [{"q": "10"}, {"q": "999999999"}]},
        {"f": "Pow", "a": [{"q": "10"}, {"q": "-999999999"}]},
        {"f": "factorial", "a": [{"q": "99999999"}]},
    ],
    ids=str,
)
def test_a_short_document_cannot_ask_for_a_huge_number(expr):
    from theory.serial import decode

    with pytest.raises(InputError, match="^document: "):
        decode(expr)
    with pytest.raises(InputError, match="^document: "):
        decode({"fraction": "1e99999999"})

"""Rates that follow a rule: every engine against the joint chain of (point, rate), enumerated in tests/rate_chain.py.

Error rate: each p-value is held against 1e-3 / 200 and there are fewer than 200 of them. Power: the same samples refute the laws
of rules with one mistake each, and engines with planted mistakes are refuted.
"""

from __future__ import annotations

from math import e, log, log1p

import numpy as np
import pytest
import rate_chain as chain
from laws import has_law, same_law
from oracle import jump, leadingones, linear, onemax
from test_engines_planted_bugs import plant

from sim import Observe, engines_for, simulate
from sim.kernels.hazard import hazard_of
from theory import HiddenSubset, InputError, Jump, LeadingOnes, Linear, OneMax, SelfAdjustingEA
from theory.algorithms.adaptation import ADAPTATIONS
from theory.hidden_subset import RULES

LEVEL = 1e-3 / 200
RUNS = 20_000
SEEN = (2, 9, 24)
ZEROS = Observe(at=SEEN, potentials={"state": "k", "p": "p"})
PREFIX = Observe(at=SEEN, potentials={"state": "v", "p": "p"})

LATTICE = SelfAdjustingEA("one-fifth", F=2, s=1, first="1/4", lowest="1/16")  # rates 1/16, 1/8, 1/4, 1/2
A = SelfAdjustingEA("A", F="3/2")
TIMED = SelfAdjustingEA("A", F="1 + 1/log(E + t)")

CASES = {
    "one-fifth on OneMax": (LATTICE, OneMax(), 5, onemax, "uniform", 1 / 4, chain.ONE_FIFTH, ZEROS),
    "A on OneMax": (A, OneMax(), 5, onemax, "uniform", 1 / 2, chain.RULE_A, ZEROS),
    "C on OneMax": (SelfAdjustingEA("C", F="3/2"), OneMax(), 5, onemax, "uniform", 1 / 2, chain.RULE_C, ZEROS),
    "A on hidden weights with ties": (
        A, HiddenSubset(Linear([0.1, 0.2, 0.3, 0.3])), 4, linear([1, 2, 3, 3]), 3, 1 / 2, chain.RULE_A, ZEROS,
    ),
    "A' on LeadingOnes": (
        SelfAdjustingEA("A'", F="3/2"), LeadingOnes(), 5, leadingones, "uniform", 1 / 2, chain.RULE_A_NOT_WORSE, PREFIX,
    ),
    "one-fifth on Jump": (LATTICE, Jump(2), 5, jump(2), 4, 1 / 4, chain.ONE_FIFTH, ZEROS),
    "B on OneMax": (SelfAdjustingEA("B"), OneMax(), 5, onemax, 5, (1 / 2, 16, 0, 0), chain.epoch_rule, ZEROS),
    "A with a factor in t on OneMax": (
        TIMED, OneMax(), 5, onemax, "uniform", 1 / 2, chain.step_rule(lambda t: 1 + 1 / log(e + t), e - 1, 1, chain.equal), ZEROS,
    ),
}  # fmt: skip
ENGINES = {  # kernels that differ; each takes seconds to compile, and rules with a constant factor share them
    "one-fifth on OneMax": ("lumped", "sparse", "reference"),
    "A on OneMax": ("lumped", "sparse", "reference"),
    "C on OneMax": ("lumped", "sparse", "reference"),
    "A on hidden weights with ties": ("sparse",),
    "A' on LeadingOnes": ("lumped", "sparse"),
    "one-fifth on Jump": ("lumped",),
    "B on OneMax": ("lumped",),
    "A with a factor in t on OneMax": ("lumped",),
}
HORIZON = {"B on OneMax": 56, "A with a factor in t on OneMax": 9}  # with a factor in t every path has a rate of its own
_samples = {}


def sample_of(name, engine):
    if (name, engine) not in _samples:
        algorithm, problem, n, _, start, _, _, observe = CASES[name]
        how = {"replicates": RUNS, "seed": 5, "start": start, "budget": 10**6, "observe": observe, "n": n}
        _samples[name, engine] = simulate(algorithm.on(problem), engine=engine, **how)
    return _samples[name, engine]


def law_of(name, rule=None):
    _, _, n, fitness, start, first, right, _ = CASES[name]
    problem = chain.Problem(n, fitness)
    mass = problem.uniform() if start == "uniform" else problem.with_zeros(start)
    return problem, *chain.run_chain(problem, mass, first, rule or right, HORIZON.get(name, 24), SEEN)


def p_values(name, sample, law):
    """Of T, and of (k, p) or (v, p) at the times seen."""
    problem, pmf, laws = law
    found = {"T": has_law(sample.evaluations, pmf)}
    by = problem.values if CASES[name][-1] is PREFIX else problem.zeros
    for i, t in enumerate(SEEN[: len(laws)]):
        rates = rates_of({p for _, p in laws[t]})
        table: dict = {}
        for (x, p), mass in laws[t].items():
            state = (int(by[x]), float(at(rates, p)))
            table[state] = table.get(state, 0.0) + mass
        states = [state for state in sorted(table) if table[state] > 0]
        index = {state: j for j, state in enumerate(states)}
        k, p = (sample.observed["potentials"][potential][:, i] for potential in ("state", "p"))
        where = np.array([index.get(state, -1) for state in zip(k.astype(int).tolist(), at(rates, p).tolist())])
        possible = np.allclose(at(rates, p), p, rtol=1e-7) and where.min() >= 0
        found[f"state at {t}"] = has_law(where, np.array([table[state] for state in states])) if possible else 0.0
    return found


def rates_of(rates):
    """The different rates in ascending order; those that differ by roundings are one."""
    rates = np.array(sorted(rates))
    return rates[np.concatenate([[True], rates[1:] > rates[:-1] * (1 + 1e-7)])]


def at(rates, p):
    """The nearest of the rates."""
    return rates[np.abs(rates - np.asarray(p)[..., None]).argmin(axis=-1)]


@pytest.mark.parametrize("name", CASES)
def test_every_engine_has_the_law_of_the_joint_chain_of_point_and_rate(name):
    law = law_of(name)
    found = {engine: p_values(name, sample_of(name, engine), law) for engine in ENGINES[name]}
    assert {(engine, what): p for engine, row in found.items() for what, p in row.items() if p < LEVEL} == {}


WRONG_RULES = {
    "A on OneMax": {
        "the exponents are swapped": chain.RULE_C,
        "better ones count as success": chain.RULE_A_NOT_WORSE,
        "the rate stays": lambda p, sign, t: p,
    },
    "one-fifth on OneMax": {
        "only better ones are successes": chain.step_rule(2.0, 1.0, 1.0, chain.better, 1 / 16),
        "the rate is not clipped": chain.step_rule(2.0, 1.0, 1.0, chain.not_worse),
    },
    "A' on LeadingOnes": {"only equal ones are successes": chain.RULE_A},
}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_the_laws_of_wrong_rules_are_refuted(name):
    for engine in ("lumped", "sparse"):
        for what, rule in WRONG_RULES[name].items():
            assert min(p_values(name, sample_of(name, engine), law_of(name, rule)).values()) < 1e-9, what


def test_the_engines_refuse_what_they_cannot_run():
    answers = engines_for(A.on(OneMax()))
    assert answers == {"lumped": None, "event": answers["event"], "sparse": None, "reference": None}
    assert "rejected rounds" in answers["event"]
    assert engines_for(A.on(LeadingOnes()), start="zeros")["lumped"].startswith("the bits behind the first zero")
    assert engines_for(A.on(LeadingOnes()), observe=ZEROS)["lumped"].startswith("a potential depends on k")
    assert "does not collapse" in engines_for(A.on(Linear([1, 2])))["lumped"]


MISTAKES = {
    "what is left of a jump is used on in bits, not in hazard": (
        "sparse_adaptive",
        "            p = adapt(p, sign, ",
        "            account /= hazard\n            p = adapt(p, sign, ",
        "            hazard = hazard_of(p)\n",
        "            hazard = hazard_of(p)\n            account *= hazard if t > 1 else 1.0\n",
    ),
    "a round that ends early lets its down fall again": (
        "lumped_adaptive_counter",
        "                    downs += 1\n                    account = exponential(s)\n",
        "                    downs += 1\n                    account = exponential(s) if downs <= ups else 0.0\n",
        "",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    template, right, wrong, also_right, also_wrong = MISTAKES[mistake]
    engine = template.split("_")[0]
    law = law_of("one-fifth on OneMax")
    plant(template, right, wrong, tmp_path, monkeypatch)
    if also_right:
        text = (tmp_path / f"{template}.py").read_text(encoding="utf-8")
        assert text.count(also_right) == 1
        (tmp_path / f"{template}.py").write_text(text.replace(also_right, also_wrong), encoding="utf-8")
    sample = simulate(LATTICE.on(OneMax()), n=5, replicates=RUNS, seed=5, engine=engine, budget=10**6, observe=ZEROS)
    assert min(p_values("one-fifth on OneMax", sample, law).values()) < 1e-9


def test_hazards_are_exact_to_the_last_digits_on_both_sides_of_the_series():
    for p in [*np.geomspace(1e-12, 0.5, 200), 0.000999999, 0.001, 0.5]:
        assert hazard_of(float(p)) == pytest.approx(-log1p(-p), rel=4e-16)


def test_counter_and_bits_have_one_law_at_small_rates():
    samples = {}
    for engine in ("lumped", "sparse"):
        how = {"n": 2000, "replicates": 300, "seed": 9, "budget": 10**7, "observe": ZEROS}
        samples[engine] = simulate(SelfAdjustingEA("one-fifth").on(OneMax()), engine=engine, **how).evaluations
    assert min(same_law(samples["lumped"], samples["sparse"])) > LEVEL


@pytest.mark.parametrize("engine", ["lumped", "sparse", "reference"])
def test_runs_do_not_depend_on_threads(engine):
    how = {"n": 5, "seed": 7, "engine": engine, "budget": 10**6, "observe": ZEROS}
    one, two = (simulate(A.on(OneMax()), replicates=300, threads=threads, **how) for threads in (1, 2))
    assert (one.evaluations == two.evaluations).all()
    assert (one.observed["potentials"]["p"] == two.observed["potentials"]["p"]).all()


def test_the_rules_multiply_as_their_data_say():
    for name in ("A", "A'", "C"):
        first, lowest, up, down, neutral = SelfAdjustingEA(name, F="6/5").settings({"n": 100})
        assert (first, lowest, neutral) == (0.5, 0.0, RULES[name].neutral)
        assert up == pytest.approx(RULES[name].after(0.01, True, 1.2) / 0.01, rel=1e-14)
        assert down == pytest.approx(RULES[name].after(0.01, False, 1.2) / 0.01, rel=1e-14)
    assert SelfAdjustingEA("one-fifth").settings({"n": 100}) == pytest.approx([0.01, 1e-4, 1.1**4, 1 / 1.1, 0], rel=1e-14)
    assert set(RULES) | {"one-fifth"} == set(ADAPTATIONS)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SelfAdjustingEA("one-fith"), "rule: unknown rule 'one-fith'; did you mean one-fifth?"),
        (lambda: SelfAdjustingEA("A", s=2), "s: rule 'A' has no such parameter; it takes F, first, lowest"),
        (lambda: SelfAdjustingEA("B", F=2), "F: rule 'B' has no such parameter; it takes first"),
        (lambda: SelfAdjustingEA("A", F="x"), "F: unknown symbol 'x'"),
        (lambda: run(SelfAdjustingEA("A", F=1)), "F: 1 is 1 at these values, but must be more than 1"),
        (lambda: run(SelfAdjustingEA("A", F="2 - t/100")), "F: 2 - t/100 is 1.0.* at t = 100|but must be more than 1"),
        (lambda: run(SelfAdjustingEA("A", first="2/3")), r"first: 2/3 is 0.666667 at these values, but must lie in \(0, 1/2\]"),
        (lambda: run(SelfAdjustingEA("A", first="1/9", lowest="1/8")), "lowest: 1/8 is 0.125 at these values, above first"),
        (lambda: run(SelfAdjustingEA("one-fifth", s=0)), "s: 0 is 0 at these values, but must be more than 0"),
        (lambda: run(SelfAdjustingEA("A"), engine="event"), "the rate changes on rejected rounds"),
    ],
)  # fmt: skip
def test_wrong_input_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def run(algorithm, engine="auto", budget=100):
    return simulate(algorithm.on(OneMax()), n=10, replicates=2, seed=1, engine=engine, budget=budget)

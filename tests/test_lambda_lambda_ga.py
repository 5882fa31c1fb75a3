"""The (1+(lambda,lambda)) GA against full enumeration at n = 2 and 3, and its engines against each other.

Error rate: each p-value is held against 1e-3 / 200, and there are fewer than 200 of them: the whole file fails by chance with
probability below 1e-3 (the seeds are fixed, so it does so always or never). Planted mistakes fall below 1e-9 in the same tests.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from generations import Law, lambda_lambda_generation, law_of_states, uniform_start
from laws import has_law, same_law
from oracle import jump, linear, onemax

from sim import Observe, engines, engines_for, simulate
from sim.families import choice
from theory import BinVal, HiddenSubset, InputError, Jump, Linear, OneMax, OnePlusLambdaLambdaGA

LEVEL = 1e-3 / 200
RUNS = 40_000
AT = [0, 1, 2, 4, 5, 8, 12]
WATCH = {"k": "k", "lam": "p"}
DRIFT = {"k": "k"}  # looked at in test_population_drift.py, with the same kernels
KERNELS = Path(engines.__file__).parent / "kernels"
TIES = [1, 1, 2]  # 110 and 001 are equally good

CASES = {
    "linear with ties": (Linear(TIES), linear(TIES), 3, 2, "sparse reference"),
    "one-max": (OneMax(), onemax, 3, 2, "lumped"),
    "jump": (Jump(2), jump(2), 3, 2, "lumped"),
    "self-adjusting, one-max": (OneMax(), onemax, 2, None, "lumped"),
    "self-adjusting, linear": (Linear([1, 2]), linear([1, 2]), 2, None, "sparse reference"),
}


@functools.cache
def laws(name):
    """The law of runs, and that of runs that end at the second best fitness, the target."""
    _, f, n, lam, _ = CASES[name]
    start = {(x, 1.0 if lam is None else float(lam)): weight for x, weight in uniform_start(n).items()}
    generation = lambda_lambda_generation(f, 1.5 if lam is None else None)
    target = sorted(set(map(f, uniform_start(n))))[-2]
    how = {"horizon": 120, "evaluated": lambda state: [state[0]]}
    return target, Law(start, generation, all, **how), Law(start, generation, lambda x: f(x) >= target, **how)


def p_values(name, engine, drift=DRIFT):
    """One for T, for the target, and for (k, lambda) while a run goes on at each of the times AT."""
    problem, _, n, lam, _ = CASES[name]
    target, whole, first = laws(name)
    process = OnePlusLambdaLambdaGA(lam).on(problem)
    observe = Observe(targets=[target], at=AT, potentials=WATCH, drift=drift)
    runs = simulate(process, n=n, replicates=RUNS, seed=1, engine=engine, budget=10**6, observe=observe)
    assert runs.hit.all()
    found = {"T": has_law(runs.evaluations, whole.pmf), "target": has_law(runs.observed["hits"][:, 0], first.pmf)}
    for j, t in enumerate(AT):
        found[f"(k, lambda) at {t}"] = law_of_states(runs, j, t, whole, n)
    return found


@pytest.mark.parametrize(("name", "engine"), [(name, engine) for name, case in CASES.items() for engine in case[4].split()])
def test_runs_have_the_law_of_the_enumerated_chain(name, engine):
    assert {what: p for what, p in p_values(name, engine).items() if not p > LEVEL} == {}


MISTAKES = {
    "crossover takes a bit from x' with probability 1 - 1/lambda": (
        "self-adjusting, linear", "sparse", "sparse_lambda_lambda",
        "hazard = -math.log1p(-1.0 / lam)", "hazard = -math.log(1.0 / lam)",
    ),
    "every mutant has a strength of its own": (
        "linear with ties", "reference", "reference_lambda_lambda",
        "                missing = strength\n",
        "                missing = 0\n                for _ in range(n):\n                    missing += uniform(s) < lam / n\n",
    ),
    "mutants that are all worse than x count as equally good": (
        "linear with ties", "sparse", "sparse_lambda_lambda", "if sign != sign_other or sign == 0:", "if True:",
    ),
    "lambda falls at ties too": (
        "self-adjusting, one-max", "lumped", "lumped_lambda_lambda", "if improved else", "if best_level >= v else",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    name, engine, file, right, wrong = MISTAKES[mistake]
    text = (KERNELS / f"{file}.py").read_text(encoding="utf-8")
    assert text.count(right) == 1, "the template has changed: plant the mistake anew"
    (tmp_path / f"{file}.py").write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    try:
        assert min(p_values(name, engine, drift={}).values()) < 1e-9
    except (AssertionError, KeyError) as error:  # what can't be at all is caught too
        assert isinstance(error, KeyError) or "an impossible value" in str(error)


def test_engines_agree_on_longer_strings_also_where_the_budget_cuts_a_generation_off():
    watch = Observe(targets=[25], at=[5, 30, 77], potentials=WATCH, drift=DRIFT)
    for algorithm in (OnePlusLambdaLambdaGA(factor=2), OnePlusLambdaLambdaGA(lam="n/3")):
        for budget in (77, 10**6):
            how = {"n": 10, "replicates": 5_000, "seed": 3, "budget": budget, "observe": watch}
            process = algorithm.on(Linear([3, 1, 4, 1, 5, 9, 2, 6, 5, 3]))
            right, other = simulate(process, engine="reference", **how), simulate(process, engine="sparse", **how)
            p = same_law(right.evaluations, other.evaluations) + same_law(
                right.observed["hits"][:, 0], other.observed["hits"][:, 0]
            )
            p += same_law(right.generations, other.generations)
            for name in WATCH:
                for j in range(3):
                    one, two = (runs.observed["potentials"][name][:, j] for runs in (right, other))
                    p += same_law(one, two)
            assert len(p) > 8
            assert min(p) > LEVEL


def test_the_counter_agrees_with_the_bits_on_longer_strings():
    algorithm, how = OnePlusLambdaLambdaGA(), {"n": 40, "replicates": 5_000, "budget": 10**6}
    watch = Observe(targets=[38], at=[50, 200], potentials=WATCH, drift=DRIFT)
    lumped = simulate(algorithm.on(OneMax()), engine="lumped", seed=4, observe=watch, **how)
    sparse = simulate(algorithm.on(Linear([1] * 40)), engine="sparse", seed=4, observe=watch, **how)
    p = same_law(lumped.evaluations, sparse.evaluations) + same_law(lumped.generations, sparse.generations)
    for j in range(2):
        one, two = (runs.observed["potentials"]["lam"][:, j] for runs in (lumped, sparse))
        p += same_law(one, two)
        assert (one >= 1).all()
        assert (one <= 40).all()
    assert min(p) > LEVEL


def test_what_cannot_be_is_refused_in_one_line():
    for call, words in {
        lambda: OnePlusLambdaLambdaGA(lam=0): "lam: 0 must be at least 1",
        lambda: OnePlusLambdaLambdaGA(lam=2, factor=2): "factor: a static lam has no update factor",
        lambda: OnePlusLambdaLambdaGA(factor=1): "factor: 1 must be more than 1",
        lambda: OnePlusLambdaLambdaGA(factor=0.5): "factor: 0.5 must be",
        lambda: OnePlusLambdaLambdaGA(lam=5).on(OneMax()).values(n=4): "lam: 5 is 5 at these values, but must be at most n = 4",
        lambda: OnePlusLambdaLambdaGA().on(HiddenSubset()): "algorithm: ",
        lambda: simulate(OnePlusLambdaLambdaGA().on(BinVal()), n=3, replicates=1, seed=1, engine="lumped", budget=9): "collapse",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)
    answers = engines_for(OnePlusLambdaLambdaGA().on(OneMax()))
    assert [name for name, reason in answers.items() if reason is None] == ["lumped", "sparse", "reference"]

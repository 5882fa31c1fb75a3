"""Measured drift: every engine's sums against the exact drift, the limits' coverage, and that wrong laws are seen.

Error rates: each test against theory uses simultaneous limits at confidence 1 - 1e-5.
"""

import numba
import numpy as np
import pytest

from sim import Runs, simulate
from sim.kernels.record import record_stay
from theory import RLS, BinVal, LeadingOnes, OneMax, OnePlusOneEA
from theory.errors import InputError

CONFIDENCE = 1 - 1e-5


BOTH = {"drift": {"zeros": "k", "log": "log(k+1)"}}


@pytest.mark.parametrize("engine", ["reference", "sparse", "event", "lumped"])
def test_drift_on_onemax_is_the_exact_one_in_every_engine(engine):
    process = OnePlusOneEA("c/n").on(OneMax())
    runs = simulate(process, n=12, c=2, replicates=3000, seed=3, engine=engine, observe=BOTH)
    for name, potential in BOTH["drift"].items():
        found = runs.drift(name, confidence=CONFIDENCE)
        assert found.theory == pytest.approx(process.drift(potential, n=12, c=2)[found.states])
        assert found.outside().size == 0
        width = (found.high - found.low)[found.states < 6]
        assert (width < 0.5 * found.theory[found.states < 6]).all()  # so narrow that twice the drift is refuted


def test_every_round_is_counted_once():
    runs = simulate(OnePlusOneEA("1/n").on(OneMax()), n=8, replicates=50, seed=1, budget=40, observe=BOTH)
    assert (runs.observed["rounds"].sum(axis=1) == runs.evaluations).all() and 0 < runs.censored < 50


@pytest.mark.parametrize("engine", ["reference", "sparse", "lumped"])
def test_drift_on_leadingones_is_conditioned_on_the_fitness(engine):
    process = OnePlusOneEA("1/(v+1)").on(LeadingOnes())
    runs = simulate(process, n=10, replicates=2000, seed=5, engine=engine, observe={"drift": "n - v"})
    found = runs.drift(confidence=CONFIDENCE)
    assert found.given == "v" and found.outside().size == 0 and found.theory is not None


def test_a_function_of_the_bits_has_a_drift_too():
    @numba.njit
    def first(x):
        return 1.0 - x[0]

    process = RLS().on(BinVal())
    runs = simulate(process, n=6, replicates=3000, seed=2, observe={"drift": {"first": first, "k": "k"}})
    found = runs.drift("first", confidence=CONFIDENCE)
    assert found.theory is None
    # with k zero-bits, the first is one of them with probability k/n, and flips with probability 1/n
    exact = found.states / 36
    assert ((found.low <= exact) & (exact <= found.high)).all()
    fall = runs.drift("k", confidence=CONFIDENCE)
    assert ((fall.low <= fall.states / 6 + 1e-12) & (fall.states / 6 <= fall.high + 1e-12)).all()


def test_a_wrong_drift_lies_outside():
    process = OnePlusOneEA("1/n").on(OneMax())
    runs = simulate(process, n=12, replicates=3000, seed=3, observe=BOTH)
    assert runs.drift("zeros", confidence=CONFIDENCE).outside().size == 0
    runs.observed["moved"]["zeros"][:] *= 1.2  # what an engine with a fifth too much progress would record
    assert runs.drift("zeros", confidence=CONFIDENCE).outside().size > 3


def test_limits_cover_as_often_as_they_say():
    """400 experiments; each limit is right with probability about 0.9: binomial(400, 0.9) lies in 341..378 but for 1e-3."""
    covered = np.zeros(7)
    process = OnePlusOneEA("1/n").on(OneMax())
    runs = simulate(process, n=6, replicates=400 * 60, seed=9, observe=BOTH)
    exact = process.drift(n=6)
    for i in range(400):
        part = {**runs.observed, "rounds": runs.observed["rounds"][60 * i : 60 * (i + 1)]}
        part["moved"] = {name: moved[60 * i : 60 * (i + 1)] for name, moved in runs.observed["moved"].items()}
        some = Runs(process, runs.values, 9, "uniform", "lumped", None, np.ones(60, int), np.ones(60, bool), None, part)
        found = some.drift("zeros", confidence=0.9, simultaneous=False)
        inside = (found.low - 1e-12 <= exact[found.states]) & (exact[found.states] <= found.high + 1e-12)
        covered[found.states] += inside
    assert (covered[1:4] >= 341).all() and (covered[1:4] <= 385).all()


def test_what_was_not_recorded_is_refused():
    runs = simulate(RLS().on(OneMax()), n=4, replicates=10, seed=1)
    with pytest.raises(InputError, match="drift: these runs recorded none"):
        runs.drift()
    runs = simulate(OnePlusOneEA("1/n").on(OneMax()), n=4, replicates=10, seed=1, observe=BOTH)
    with pytest.raises(InputError, match="potential: these runs recorded several; name one of zeros, log"):
        runs.drift()
    with pytest.raises(InputError, match="potential: these runs recorded no 'c'"):
        runs.drift("c")
    with pytest.raises(InputError, match="drift: log.* depends on t"):
        simulate(RLS().on(OneMax()), n=4, replicates=1, seed=1, observe={"drift": "log(t)"})
    with pytest.raises(InputError, match="given: 'z' must be 'k'"):
        simulate(RLS().on(OneMax()), n=4, replicates=1, seed=1, observe={"drift": "k", "given": "z"})
    with pytest.raises(InputError, match="is not one of 0, 1, 2"):
        simulate(RLS().on(BinVal()), n=40, replicates=1, seed=1, observe={"drift": "k", "given": "v"})


def test_drift_survives_a_file(tmp_path):
    runs = simulate(OnePlusOneEA("1/n").on(OneMax()), n=8, replicates=200, seed=3, observe=BOTH)
    runs.save(tmp_path / "runs.parquet")
    again = Runs.load(tmp_path / "runs.parquet").drift("zeros")
    assert again.to_pandas()[["k", "drift", "low", "high"]].equals(runs.drift("zeros").to_pandas()[["k", "drift", "low", "high"]])
    assert again.theory is None


def test_the_picture_shows_measurement_and_theory():
    runs = simulate(OnePlusOneEA("1/n").on(OneMax()), n=8, replicates=200, seed=3, observe=BOTH)
    import matplotlib

    matplotlib.use("Agg")
    labels = runs.drift("zeros").plot().get_legend_handles_labels()[1]
    assert labels == ["95 % band", "measured", "theory"]


def test_rounds_add_up():
    row = np.zeros((3, 2))
    record_stay(row, 2, 5)
    record_stay(row, 2, 1)
    assert row.tolist() == [[0, 0], [0, 0], [6, 0]]

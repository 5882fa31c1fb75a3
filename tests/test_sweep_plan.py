"""A plan is the cells that it says; whatever is wrong with it is said in one line with its place."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow
import pytest

from sim import Plan, SimulationCell, sweep
from sim.sweeps.progress import Forecast, time_text
from theory import RLS, Chain, InputError, LeadingOnes, OneMax, OnePlusOneEA, c, n

EXAMPLE = Path(__file__).parent.parent / "examples" / "sweep.yaml"
TEXT = """\
seed: 7
defaults: {algorithm: one-plus-one-ea, rate: c/n, c: 0.1, replicates: 5}
cells:
  - problem: [onemax, leading-ones]
    n: [10, 2e1]
  - {algorithm: rls(flips=2), rate: ~, problem: jump(gap=3), n: 9, start: zeros, seed: 8, budget: 1e4, engine: Sparse}
  - {problem: onemax, n: 4, c: 1/3, start: bits=0110}
"""


@pytest.fixture
def written(tmp_path):
    """Write a plan and read it."""

    def read(text, **options):
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        return Plan.read(path, **options)

    return read


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """The one line with which a plan is refused."""
    monkeypatch.chdir(tmp_path)

    def read(text):
        content = text if isinstance(text, bytes) else text.encode()
        Path("plan.yaml").write_bytes(content)
        with pytest.raises(InputError) as caught:
            Plan.read("plan.yaml")
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return read


def test_lists_are_crossed_defaults_are_filled_in_and_numbers_are_exact(written):
    plan = written(TEXT)
    assert [(str(cell.process), cell.values["n"]) for cell in plan][:4] == [
        ("OnePlusOneEA(rate=c/n) on OneMax()", 10),
        ("OnePlusOneEA(rate=c/n) on OneMax()", 20),
        ("OnePlusOneEA(rate=c/n) on LeadingOnes()", 10),
        ("OnePlusOneEA(rate=c/n) on LeadingOnes()", 20),
    ]
    first, rls, bits = plan.cells[0], plan.cells[4], plan.cells[5]
    assert first.values["c"] == Fraction(1, 10) and first.seed == 7 and first.replicates == 5 and first.start == "uniform"
    assert str(rls.process) == "RLS(flips=2) on Jump(gap=3)" and rls.values == {"n": 9}
    assert (rls.start, rls.seed, rls.budget, rls.engine) == ("zeros", 8, 10_000, "sparse")
    assert bits.values["c"] == Fraction(1, 3) and bits.start.tolist() == [0, 1, 1, 0]


def test_a_plan_is_the_same_from_yaml_from_a_dict_from_objects_and_in_any_order(written):
    text = "seed: 7\ncells:\n - {algorithm: rls, problem: onemax, n: [10, 20], replicates: 5}"
    other = "seed: 7\ndefaults: {replicates: 5}\ncells: [{n: 20, problem: OneMax, algorithm: rls(flips=1)}, "
    other += "{n: 10, problem: one-max, algorithm: RLS}]"
    process = RLS().on(OneMax())
    plans = [
        written(text),
        written(other),
        Plan.of({"seed": 7, "cells": [{"algorithm": "rls", "problem": "onemax", "n": [10, 20], "replicates": 5}]}),
        Plan.of({"seed": 7, "cells": [{"algorithm": RLS(), "problem": OneMax(), "n": (10, 20), "replicates": 5}]}),
        Plan.grid(process=process, n=np.array([10, 20]), replicates=5, seed=7),
        Plan([SimulationCell(process, {"n": n}, replicates=5, seed=7) for n in (20, 10)]),
        Plan.of([SimulationCell(process, {"n": n}, replicates=5, seed=7) for n in (10, 20)]),
    ]
    assert len({plan.hash for plan in plans}) == 1
    assert {frozenset(plan.keys) for plan in plans} == {frozenset(plans[0].keys)}


BASE = {"process": RLS().on(OneMax()), "n": 10, "replicates": 5, "seed": 7}


@pytest.mark.parametrize(
    "change",
    [{"process": RLS(flips=2).on(OneMax()), "budget": 1000}, {"n": 11}, {"replicates": 6}, {"seed": 8}, {"start": "zeros"},
     {"start": np.array([1, 0] * 5)}, {"engine": "sparse"}, {"budget": 1000}],
    ids=lambda change: "-".join(change),
)  # fmt: skip
def test_whatever_changes_the_runs_changes_the_hash(change):
    assert Plan.grid(**BASE).hash != Plan.grid(**{**BASE, **change}).hash


def test_numbers_that_are_equal_give_the_same_cell():
    process = OnePlusOneEA(c / n).on(OneMax())
    given = [
        Plan.grid(process=process, n=size, c=rate, replicates=5) for size, rate in ((10, 0.5), ("1e1", "1/2"), (10.0, "0.5"))
    ]
    assert len({plan.keys for plan in given}) == 1


def test_a_point_is_an_array_and_a_list_of_starts_is_crossed():
    plan = Plan.grid(process=RLS().on(OneMax()), n=3, replicates=5, start=["zeros", 2, np.array([0, 1, 1])])
    assert [cell.describe()["start"] for cell in plan] == ["zeros", "2", "011"]


def test_the_example_has_at_least_thirty_cells_and_runs_that_fit_their_label():
    plan = Plan.read(EXAMPLE)
    assert len(plan) >= 30 and len({cell.label for cell in plan}) == len(plan)


MANY = list(range(1, 1002))
WRONG = {
    "an unknown key, with its place": (
        "seed: 1\ncells:\n  - {problem: onemax, replicate: 3}",
        "line 3 column 23: unknown key 'replicate'; did you mean replicates?",
    ),
    "an unknown key at the top": ("sede: 1\ncells: []", "line 1 column 1: unknown key 'sede'; did you mean seed?"),
    "an unknown default": ("defaults:\n  engin: auto\ncells: []", "line 2 column 3: unknown key 'engin'; did you mean engine?"),
    "an unknown name": (
        "cells:\n- {algorithm: rsl, problem: onemax, n: 3, replicates: 1}",
        "line 2 column 15: algorithm: unknown name 'rsl'; did you mean RLS?",
    ),
    "an unknown name in a list": (
        "cells:\n- {algorithm: rls, problem: [onemax, onemx], n: 3, replicates: 1}",
        "line 2 column 38: problem: unknown name 'onemx'; did you mean OneMax?",
    ),
    "a wrong parameter": (
        "cells:\n- {algorithm: rls, problem: jump(gep=3), n: 3, replicates: 1}",
        "line 2 column 29: problem: Jump has no parameter 'gep'; did you mean gap?",
    ),
    "a wrong rate": (
        "cells:\n- {algorithm: one-plus-one-ea, rate: c/, problem: onemax, n: 3, c: 1, replicates: 1}",
        "line 2 column 38: rate:",
    ),
    "a number that is none": (
        "cells:\n- {algorithm: rls, problem: onemax, n: ten, replicates: 1}",
        "line 2 column 40: n: 'ten' is not a number",
    ),
    "a negative n": (
        "cells:\n- {algorithm: rls, problem: onemax, n: [3, -3], replicates: 1}",
        "line 2 column 44: n: '-3' must be a positive integer",
    ),
    "a missing value": (
        "cells:\n- {algorithm: one-plus-one-ea, rate: c/n, problem: onemax, n: 3, replicates: 1}",
        "line 2 column 3: c: no value given",
    ),
    "no replicates": ("cells:\n- {algorithm: rls, problem: onemax, n: 3}", "line 2 column 3: replicates: missing"),
    "half a replicate": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 0.5}",
        "line 2 column 55: replicates: Fraction(1, 2) must be",
    ),
    "no problem": ("cells:\n- {algorithm: rls, n: 3, replicates: 1}", "line 2 column 3: problem: missing"),
    "no algorithm": ("cells:\n- {problem: onemax, n: 3, replicates: 1}", "line 2 column 3: algorithm: missing"),
    "a rate for an algorithm without one": (
        "defaults: {rate: c/n}\ncells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1}",
        "line 1 column 18: rate: RLS takes none",
    ),
    "an unknown engine": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1, engine: evnt}",
        "line 2 column 66: engine: unknown engine 'evnt'; did you mean event?",
    ),
    "an unknown start": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1, start: zero}",
        "line 2 column 65: start: unknown start 'zero'; did you mean zeros?",
    ),
    "a start with too many zeros": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1, start: 4}",
        "line 2 column 65: start: 4 zero-bits",
    ),
    "bits of another length": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1, start: bits=01}",
        "line 2 column 65: start: has 2 bits, but n = 3",
    ),
    "a negative seed": (
        "seed: -1\ncells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1}",
        "line 1 column 7: seed: '-1' must be",
    ),
    "a budget of nothing": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: 1, budget: 0}",
        "line 2 column 66: budget:",
    ),
    "no budget where none is known": (
        "cells:\n- {algorithm: one-plus-one-ea, rate: 1/2, problem: needle, n: 200, replicates: 1}",
        "line 2 column 3: budget:",
    ),
    "a process in a file": ("cells:\n- {process: x, n: 3, replicates: 1}", "line 2 column 13: process: is a Python object"),
    "the same cell twice": (
        "cells:\n- {algorithm: rls, problem: onemax, n: [3, 3], replicates: 1}",
        "cells 1 and 2 make the same runs (RLS(flips=1) on OneMax(), n=3)",
    ),
    "the same runs twice": (
        "cells:\n- {algorithm: rls, problem: onemax, n: 3, replicates: [1, 2]}",
        "cells 1 and 2 make the same runs",
    ),
    "a key twice": ("cells:\n- {n: 1, n: 2}", "line 2 column 10: n: given twice; give it once"),
    "an empty list": ("cells:\n- {algorithm: rls, problem: onemax, n: [], replicates: 1}", "line 2 column 40: the list is empty"),
    "a list in a list": (
        "cells:\n- {algorithm: rls, problem: onemax, n: [[1]], replicates: 1}",
        "line 2 column 41: must be one value",
    ),
    "a mapping for a value": (
        "cells:\n- {algorithm: rls, problem: onemax, n: {a: 1}, replicates: 1}",
        "line 2 column 40: must be one value",
    ),
    "a list of defaults": ("defaults: [1]\ncells: []", "line 1 column 11: must be a mapping"),
    "no cells": ("seed: 1", "line 1 column 1: cells: missing"),
    "an empty list of cells": ("cells: []", "plan: has no cells"),
    "cells that are no list": ("cells: {n: 3}", "line 1 column 8: cells: must be a list of mappings"),
    "a cell that is no mapping": ("cells: [onemax]", "line 1 column 9: must be a mapping"),
    "a list at the top": ("- 1", "line 1 column 1: must be a mapping of seed, defaults, cells"),
    "an empty file": ("# nothing\n", "plan.yaml is empty"),
    "a bracket that isn't closed": ("cells:\n- {n: [1, 2}", "line 2 column 12: not YAML"),
    "a tab": ("cells:\n\t- n: 3", "line 2 column 1: not YAML"),
    "an alias that isn't there": ("cells: *there", "line 1 column 8: not YAML"),
    "a list that holds itself": ("cells: &a [*a]", "line 1 column 8: nested too deeply"),
    "two documents": ("cells: []\n---\ncells: []", "line 2 column 1: not YAML"),
    "a character that YAML doesn't know": ("seed: 1\ncells: \x07", "line 2 column 8: not YAML"),
    "brackets without end": ("[" * 5_000, "nested too deeply"),
    "more cells than anybody wants": (
        f"cells:\n- {{algorithm: rls, problem: onemax, n: {MANY}, seed: {MANY}, replicates: 1}}",
        "line 2 column 3: the plan has more than 1000000 cells",
    ),
    "a binary file": (b"\xff\xfe\x00", "is not a text file"),
}


@pytest.mark.parametrize("text, message", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_line_and_column(refused, text, message):
    said = refused(text)
    assert said.startswith("plan: ") and message in said, said


def test_a_file_that_cant_be_read_and_an_object_that_is_no_plan_are_named(tmp_path):
    with pytest.raises(InputError, match="plan: can't read .*No such file"):
        Plan.read(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="plan: 3 must be a Plan"):
        Plan.of(3)
    with pytest.raises(InputError, match="plan: cell 0 is 3; give SimulationCell objects"):
        Plan.of([3])
    with pytest.raises(InputError, match="rate: given beside a process"):
        Plan.of({"cells": [{"process": RLS().on(OneMax()), "rate": "c/n", "n": 3, "replicates": 1}]})
    with pytest.raises(InputError, match=r"plan: cells\[0\].n\[1\]: n: 'x' is not a number"):
        Plan.of({"cells": [{"process": RLS().on(OneMax()), "n": [3, "x"], "replicates": 1}]})


def test_the_last_bracket_of_a_deep_but_right_plan_is_fine(written):
    assert len(written("cells:\n- {algorithm: rls, problem: [onemax], n: &sizes [3, 4], replicates: 2}\n")) == 2


# ---- another kind of cells


@dataclass(frozen=True)
class Training:
    """A stand-in for a training run: it yields the loss that its rate gives."""

    rate: float
    seed: int

    label, group, work = "training", "training", None

    def describe(self):
        return {"kind": "training", "rate": self.rate, "seed": self.seed}

    def run(self, threads):
        return pyarrow.table({"loss": [self.rate * self.seed]})


class TrainingKind:
    name, keys, marks, unfolded = "training run", ("experiment", "rate", "seed"), ("experiment",), ()

    def spread(self, fields):
        return dict(fields)

    def cell(self, fields):
        return Training(float(fields["rate"].value), int(fields["seed"].value))


def test_a_plan_takes_cells_of_another_kind_beside_simulations(written, tmp_path):

    from sim.sweeps.simulation_kind import SimulationKind

    kinds = [SimulationKind(), TrainingKind()]
    text = "seed: 2\ndefaults: {algorithm: rls, rate: ~, problem: onemax, replicates: 2}\ncells:\n"
    text += "- {experiment: copy, rate: [0.5, 0.25]}\n- {n: 3}\n"
    plan = written(text, kinds=kinds)
    assert plan.cells[:2] == (Training(0.5, 2), Training(0.25, 2)) and plan.cells[2].values == {"n": 3}
    table = sweep(plan, tmp_path / "store").table()
    assert table["loss"].tolist()[:2] == [1.0, 0.5] and table["loss"].isna().tolist() == [False, False, True, True]
    assert table["replicate"].tolist()[2:] == [0, 1] and str(table["replicate"].dtype) == "Int64"
    with pytest.raises(InputError, match="line 4 column 33: unknown key 'n' of a training run"):
        written(text.replace("[0.5, 0.25]", "0.5, n: 3"), kinds=kinds)


# ---- time left


def test_the_time_left_is_theorys_work_times_the_measured_seconds_a_unit_of_work():
    one, two = (SimulationCell(RLS().on(problem), {"n": 100}, replicates=10) for problem in (OneMax(), LeadingOnes()))
    big = SimulationCell(RLS().on(OneMax()), {"n": 1000}, replicates=20)
    harmonic = sum(1 / Fraction(k) for k in range(1, 51))
    assert one.work == pytest.approx(10 * 100 * float(harmonic), rel=0.02)  # n H(n/2), closely, by Jensen from above
    assert two.work == pytest.approx(10 * 100 * 100 / 2, rel=1e-3)
    forecast = Forecast([one, big, two])
    assert forecast.seconds() is None
    forecast.add(one, 2.0)  # of the other process nothing is known yet but its work
    assert forecast.seconds() == pytest.approx(2.0 * (big.work + two.work) / one.work)
    forecast.add(two, 100.0)
    assert forecast.seconds() == pytest.approx(2.0 * big.work / one.work)
    forecast.add(big, 50.0)
    assert forecast.seconds() == 0.0
    assert time_text(59.7) == "about 60 s left" and time_text(7300) == "about 2 h 02 min left"


def test_a_chain_is_a_cell_with_a_start_of_its_own():
    import numba

    @numba.njit
    def down(x, rng):
        return x - 1

    chain = Chain(n, down, drift=1, smallest=1)
    (cell,) = Plan.grid(process=chain, n=10, replicates=3)
    assert cell.run(1).column("evaluations").to_pylist() == [10, 10, 10]
    with pytest.raises(InputError, match="start: a chain starts in its own state"):
        SimulationCell(chain, {"n": 10}, 3, start="zeros")


def test_what_is_observed_is_part_of_a_cell_and_is_not_crossed(tmp_path):
    path = tmp_path / "plan.yaml"
    text = """
cells:
  - {algorithm: rls, problem: onemax, n: [4, 6], replicates: 20, observe: {targets: [3, 3.5], at: [2, 9], drift: k}}
"""
    path.write_text(text)
    done = sweep(path, tmp_path / "store")
    assert done.cells == 2 and done.runs(1).observed["targets"].tolist() == [3, 3.5]
    assert {"evaluations_to_3.5", "k_at_9", "rounds_by_state"} <= set(done.table().columns)
    runs = done.runs(0)
    assert (runs.observed["rounds"].sum(axis=1) == runs.evaluations).all() and runs.drift().potential == "k"
    other = Plan.of({"cells": [{"algorithm": "rls", "problem": "onemax", "n": [4, 6], "replicates": 20}]})
    assert other.hash != Plan.read(path).hash
    path.write_text(text.replace("targets", "tragets"))
    with pytest.raises(InputError, match="line 3 column .*unknown entry 'tragets'; did you mean targets"):
        Plan.read(path)

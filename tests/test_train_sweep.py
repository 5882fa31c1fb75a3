"""Sweeps of training runs: the same plans, store and table as simulations, a process a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas
import pytest

import nets
from driftproof import cli, train_cells
from driftproof.train_cells import TrainKind
from nets.core import plot, registry
from nets.core.folder import locked
from nets.core.jobs import attempt
from sim import Plan
from sim.sweeps.simulation_kind import SimulationKind
from theory.errors import InputError

HERE = Path(__file__).parent
PLAN = """
seed: 7
defaults: {algorithm: rls, problem: onemax, replicates: 2}
cells:
- {train: toy-paper.one, seeds: "0:2", set: {lr: [0.1, 0.05], updates: 20}}
- {n: 3}
"""


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "MODULES", ("toy_experiment",))
    monkeypatch.setattr(plot, "draw", lambda *_: None)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def here(monkeypatch):
    """Runs are done in this process: a process of its own takes seconds to start, and other tests have them."""
    monkeypatch.setattr(train_cells, "run_all", lambda jobs: [attempt(job) for job in jobs])


def read(text):
    Path("plan.yaml").write_text(text)
    return Plan.read("plan.yaml", [SimulationKind(), TrainKind(Path("results", "runs"))])


def test_lists_are_crossed_under_set_too():
    cells = read(PLAN).cells[:-1]
    assert [(cell.config.seed, cell.config.lr) for cell in cells] == [(0, 0.1), (0, 0.05), (1, 0.1), (1, 0.05)]
    assert all(cell.config.updates == 20 for cell in cells)
    assert cells[1].label == "toy-paper.one, lr=0.05, updates=20, seed=0" and cells[1].work == 20


def test_defaults_are_met_key_by_key_and_seeds_are_those_of_the_cell_before_the_plan_s():
    text = """
seed: 7
defaults: {train: toy-paper.two, preset: cpu, set: {lr: 0.5, width: 4}}
cells:
- {set: {lr: 0.25}}
- {set: {width: ~}, seeds: [1, "3:5"]}
"""
    cells = read(text).cells
    assert [(c.config.seed, c.config.lr, c.config.width) for c in cells] == [(7, 0.25, 4), (1, 0.5, 3), (3, 0.5, 3), (4, 0.5, 3)]
    assert all(c.config.checkpoint_every == 50 for c in cells)


def test_the_key_depends_on_all_that_the_run_depends_on_and_not_on_where_it_is_kept():
    [cell] = read("cells: [{train: toy-paper.one, seed: 0}]").cells
    described = cell.describe()
    assert described["experiment"] == "toy-paper.one" and described["config"] == cell.config.to_dict()
    assert described["sources"] and described["torch"] and "runs" not in json.dumps(described)
    assert json.loads(json.dumps(described)) == described


WRONG = [
    ("{train: toy-paper.on}", "line 2 column 11: train: unknown name 'toy-paper.on'; did you mean toy-paper.one?"),
    ("{train: toy-paper.one, preset: smok}", "line 2 column 34: preset: unknown name 'smok'; did you mean smoke?"),
    ("{train: toy-paper.one, set: {lr: [1, x]}}", "line 2 column 40: set.lr: 'x' must be a number"),
    ("{train: toy-paper.one, set: {lrr: 1}}", "line 2 column 37: set.lrr: unknown key of ToyConfig; did you mean lr?"),
    ("{train: toy-paper.one, set: {seed: 1}}", "line 2 column 38: set.seed: give seeds beside set, e.g. seeds: 0:5"),
    ("{train: toy-paper.one, set: 5}", "line 2 column 31: set: must be a mapping of the config's fields"),
    ("{train: toy-paper.one, seeds: x}", "line 2 column 33: seeds: 'x' is none; write them like 0:5"),
    ("{train: toy-paper.one, n: 5}", "line 2 column 26: unknown key 'n' of a training run"),
    ("{preset: smoke, n: 5}", "line 2 column 4: unknown key 'preset' of a simulation"),
]


@pytest.mark.parametrize("cell, message", WRONG)
def test_what_is_wrong_with_a_plan_is_told_with_its_place(cell, message):
    with pytest.raises(InputError) as caught:
        read(f"cells:\n- {cell}\n")
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_both_kinds_of_cells_in_one_store_and_one_table(capsys, here):
    Path("plan.yaml").write_text(PLAN.replace('"0:2"', "0"))
    assert cli.main(["sweep", "plan.yaml", "--store", "results", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {**told, "seconds": 0} == {"store": "results", "cells": 3, "done": 3, "failed": 0, "seconds": 0}
    table = pandas.read_parquet("results/table.parquet")
    rows = table[table["experiment"].notna()]
    assert list(rows["name"]) == ["loss", "distance"] * 2 and list(rows["set.lr"]) == [0.1, 0.1, 0.05, 0.05]
    assert len(table) == 6 and table["evaluations"].notna().sum() == 2
    config = registry.experiment("toy-paper.one").presets["smoke"].with_values({"lr": 0.05, "updates": 20})
    alone = nets.run("toy-paper.one", config, out="alone")
    assert dict(zip(rows["split"] + "/" + rows["name"], rows["value"], strict=True)) == alone.metrics


def test_a_run_that_diverges_is_a_failed_cell_with_its_reason(capsys, here):
    Path("plan.yaml").write_text("cells: [{train: toy-paper.one, set: {bad_at: 3}}]")
    assert cli.main(["sweep", "plan.yaml", "--store", "results", "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["failed"] == 1
    last = err.splitlines()[-1]
    assert last.startswith("driftproof: failed: toy-paper.one, bad_at=3, seed=0: base diverged at update 10: train/loss is nan")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_interrupted_goes_on_in_mid_run_to_the_same_table(number, monkeypatch):
    Path("plan.yaml").write_text("cells: [{train: toy-paper.one, set: {updates: 100, hold_at: 30}}]")
    hold = Path("hold")
    hold.touch()
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "toy_experiment.py"), "sweep", "plan.yaml", "--store", "results"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    while process.poll() is None and not any("\n20," in file.read_text() for file in Path("results").glob("runs/*/metrics.csv")):
        time.sleep(0.02)
    process.send_signal(number)
    process.wait(timeout=600)
    time.sleep(2 * nets.core.jobs._EVERY)  # a run whose starter is gone notices it when it has something to tell, not before
    hold.unlink()
    out, err = process.communicate(timeout=600)
    if number == signal.SIGINT:
        assert process.returncode == 130 and out == ""
        assert err == "driftproof: stopped by Ctrl-C; what is finished is kept, the same command goes on\n"
    assert not list(Path("results/cells").glob("*.parquet"))
    for _ in range(6000):  # and ends by itself
        try:
            with locked(next(Path("results/runs").iterdir())):
                break
        except InputError:
            time.sleep(0.05)
    [head] = [json.loads(file.read_text()) for file in Path("results/runs").glob("*/run.json")]
    assert head["status"] == "stopped" and 20 <= head["stages"]["base"]["updates"] < 100
    monkeypatch.setattr(train_cells, "run_all", lambda jobs: [attempt(job) for job in jobs])
    for store in ("results", "undisturbed"):
        assert cli.main(["sweep", "plan.yaml", "--store", store]) == 0
    assert Path("results/table.parquet").read_bytes() == Path("undisturbed/table.parquet").read_bytes()
    assert [len(json.loads(f.read_text())["sessions"]) for f in Path("results/runs").glob("*/run.json")] == [2]

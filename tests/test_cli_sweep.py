"""``driftproof sweep``: the object of the contract, exit status 0, 1, 2 or 130, one line for whatever is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from driftproof import cli
from sim import Plan, SimulationCell, simulate, sweep
from theory import RLS, OneMax

PLAN = "seed: 7\ndefaults: {algorithm: rls, problem: onemax, replicates: 5}\ncells:\n- {n: [10, 20, 30]}\n"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run the command line in a folder with a plan; (exit status, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text(PLAN)

    def call(*arguments):
        status = cli.main(["sweep", *arguments])
        return status, *capsys.readouterr()

    return call


def test_json_is_an_object_with_the_keys_of_the_contract(run):
    status, out, err = run("plan.yaml", "--store", "results/", "--json")
    document = json.loads(out)
    assert status == 0 and err == ""
    assert list(document) == ["store", "cells", "done", "failed", "seconds"]
    assert {**document, "seconds": 0} == {"store": "results", "cells": 3, "done": 3, "failed": 0, "seconds": 0}
    assert document["seconds"] > 0
    table = pyarrow.parquet.read_table("results/table.parquet").to_pandas()
    alone = simulate(RLS().on(OneMax()), n=20, replicates=5, seed=7)
    assert table["evaluations"].tolist()[5:10] == alone.evaluations.tolist()


def test_the_same_command_goes_on_and_python_sees_the_same_store(run):
    run("plan.yaml", "--store", "results", "--threads", "1")
    content = Path("results/table.parquet").read_bytes()
    Path("results/table.parquet").unlink()
    next(Path("results/cells").glob("*.parquet")).write_bytes(b"PAR1")
    status, out, err = run("plan.yaml", "--store", "results")
    assert status == 0 and out.splitlines()[0] == "sweep into results" and "done     3, 2 of them before" in out
    assert err.startswith("driftproof: ") and err.endswith("was damaged; it was set aside and made again\n")
    assert Path("results/table.parquet").read_bytes() == content
    assert sweep(Plan.read("plan.yaml"), "results").done == 3


def test_a_cell_that_fails_is_status_1_with_its_reason_and_the_others_are_done(run):
    text = PLAN + "- {problem: leading-ones, n: 10, engine: event}\n"
    Path("plan.yaml").write_text(text)
    status, out, err = run("plan.yaml", "--store", "results", "--json")
    document = json.loads(out)
    assert status == 1 and [document[name] for name in ("cells", "done", "failed")] == [4, 3, 1]
    assert err.startswith("driftproof: failed: RLS(flips=1) on LeadingOnes(), n=10, engine=event: engine: ")
    assert err.count("\n") == 1


WRONG = [
    ([], "plan: missing; give a YAML file, e.g. driftproof sweep plan.yaml --store results/"),
    (["plan.yaml"], "store: missing; name a folder"),
    (["--store", "results"], "plan: missing"),
    (["none.yaml", "--store", "results"], "plan: can't read none.yaml: No such file or directory"),
    (["plan.yaml", "--store", "plan.yaml"], "store: plan.yaml is a file; name a folder"),
    (["plan.yaml", "--store", "."], "store: . holds other files (plan.yaml) and is no store"),
    (["plan.yaml", "--store", "results", "--threads", "0"], "threads: 0 must be a positive integer"),
    (["plan.yaml", "more.yaml", "--store", "results"], "more.yaml: unknown argument"),
    (["plan.yaml", "--stor", "results"], "stor: unknown option; did you mean --store?"),
    (["wrong.yaml", "--store", "results"], "plan: wrong.yaml line 4 column 6: unknown key 'm' of a simulation; known are"),
]


@pytest.mark.parametrize("arguments, message", WRONG)
def test_wrong_input_is_status_2_and_one_line(run, arguments, message):
    Path("wrong.yaml").write_text(PLAN.replace("{n: [10, 20, 30]}", "{  m: 3}"))
    status, out, err = run(*arguments)
    assert status == 2 and out == "" and err.startswith(f"driftproof: {message}") and err.count("\n") == 1


def test_a_plan_that_changed_is_status_2_with_both_hashes_and_what_differs(run):
    run("plan.yaml", "--store", "results")
    hashes = [Plan.read("plan.yaml").hash]
    Path("plan.yaml").write_text(PLAN.replace("seed: 7", "seed: 8"))
    hashes.append(Plan.read("plan.yaml").hash)
    status, out, err = run("plan.yaml", "--store", "results")
    assert status == 2 and out == "" and hashes[0] != hashes[1]
    assert err == (
        f"driftproof: store: results was begun with plan {hashes[0]}, this plan is {hashes[1]}: "
        "RLS(flips=1) on OneMax(), n=10: seed is 8, was 7; give it a store of its own\n"
    )


SECOND_NEVER_ENDS = """
import sys
from driftproof.cli import main
from sim import SimulationCell

def run(cell, threads, real=SimulationCell.run, begun=[]):
    begun.append(cell)
    table = real(cell, threads)
    while len(begun) == 2:
        real(cell, threads)
    return table

SimulationCell.run = run
sys.exit(main(sys.argv[1:]))
"""


def test_ctrl_c_is_status_130_with_one_line_and_the_same_command_finishes(run):
    Path("plan.yaml").write_text(PLAN + "- {problem: leading-ones, n: [101, 100], engine: sparse, replicates: 500}\n")
    command = [sys.executable, "-c", SECOND_NEVER_ENDS, "sweep", "plan.yaml", "--store", "results", "--threads", "1"]
    root = Path(cli.__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    while process.poll() is None and not list(Path("results").glob("cells/*.parquet")):
        time.sleep(0.02)
    time.sleep(0.2)  # in the middle of the second cell, most often
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130 and out == ""
    said = err.splitlines()[-1]  # after progress, on a slow machine
    assert said == "driftproof: stopped by Ctrl-C; what is finished is kept, the same command goes on"
    assert not list(Path("results").rglob(".*")) and len(list(Path("results").glob("cells/*.parquet"))) == 1
    status, out, err = run("plan.yaml", "--store", "results", "--json")
    assert status == 0 and json.loads(out)["done"] == 5


def test_a_ctrl_c_that_a_library_makes_an_error_of_is_still_a_ctrl_c(run, monkeypatch):
    """As happens while compiled extensions are imported."""

    def swallow(cell, threads):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("partially initialized") from None

    monkeypatch.setattr(SimulationCell, "run", swallow)
    status, out, err = run("plan.yaml", "--store", "results")
    assert status == 130 and out == "" and err.startswith("driftproof: stopped by Ctrl-C") and err.count("\n") == 1
    assert not list(Path("results/cells").iterdir())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

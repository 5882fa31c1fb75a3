"""On a cluster of dask the cells run on other processes; the table is that of one machine, even where a worker is killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow
import pytest

from sim import Plan, sweep
from theory import Custom, InputError, LeadingOnes, OnePlusOneEA, c, n

distributed = pytest.importorskip("distributed")
PAGE = Path(__file__).parent.parent / "docs" / "cluster.md"


@pytest.fixture(scope="module")
def client():
    """A client of two workers, each a process with a nanny that replaces it; what is defined in this file goes along."""
    cloudpickle = pytest.importorskip("cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def plan():
    """A longer cell and three short ones."""
    process = OnePlusOneEA(c / n).on(LeadingOnes())
    cells = [{"n": 100, "replicates": 400}, {"n": [10, 20, 30], "replicates": 100}]
    return Plan.of({"seed": 5, "defaults": {"process": process, "c": 1, "engine": "sparse"}, "cells": cells})


@pytest.fixture(scope="module")
def short(plan):
    """The short ones."""
    return Plan(plan.cells[1:])


@pytest.fixture(scope="module")
def alone(plan, tmp_path_factory):
    """The bytes of the table that one machine makes."""
    return sweep(plan, tmp_path_factory.mktemp("alone") / "store").path.read_bytes()


class Endless:
    """A cell whose first run goes on and on; it notes its process."""

    def __init__(self, cell, note):
        self.cell, self.note = cell, note
        self.label, self.group, self.work = cell.label, cell.group, cell.work

    def describe(self):
        return self.cell.describe()

    def run(self, threads):
        if not self.note.exists():
            self.note.with_suffix(".part").write_text(str(os.getpid()))
            self.note.with_suffix(".part").rename(self.note)
            while True:
                self.cell.run(threads)
        return self.cell.run(threads)


def test_a_worker_killed_in_mid_cell_costs_nothing_but_time(client, plan, alone, tmp_path):
    note = tmp_path / "process"

    def kill():
        while not note.exists():
            time.sleep(0.05)
        time.sleep(0.2)  # in the middle of it
        os.kill(int(note.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    result = sweep(Plan([Endless(plan.cells[0], note), *plan.cells[1:]]), tmp_path / "store", client)
    killer.join()
    assert (result.done, result.failed) == (4, 0) and result.path.read_bytes() == alone
    states = [(start, finish) for name, start, finish, *_ in client.cluster.scheduler.transition_log if plan.keys[0] in str(name)]
    assert ("processing", "released") in states  # it was taken from the dead worker, and run again


def test_a_sweep_begun_on_one_machine_goes_on_on_a_cluster_and_the_other_way_round(client, short, tmp_path):
    whole = sweep(short, tmp_path / "whole").path.read_bytes()

    def stop_after_two(done, cells, left):
        if done == 2:
            raise RuntimeError("stop")

    for path, first, second in ((tmp_path / "there", None, client), (tmp_path / "back", client, None)):
        with pytest.raises(RuntimeError):
            sweep(short, path, first, progress=stop_after_two)
        told = []
        assert sweep(short, path, second, progress=lambda *args: told.append(args[0])).path.read_bytes() == whole
        assert told == [2, 3]


class Crash:
    """A cell that takes its worker down with it."""

    label, group, work = "crash", "crash", None

    def describe(self):
        return {"kind": "crash"}

    def run(self, threads):
        os._exit(9)


class Fine(Crash):
    label = "fine"

    def describe(self):
        return {"kind": "fine"}

    def run(self, threads):
        return pyarrow.table({"threads": [threads]})


def test_a_cell_that_kills_its_workers_is_a_failed_cell_and_the_others_go_on(client, tmp_path, monkeypatch):
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 1)
    crash = Crash()
    result = sweep(Plan([crash, Fine()]), tmp_path / "store", client)
    assert result.failures == ((crash, "the workers that ran it died, one after the other (out of memory?)"),)
    assert result.table()["threads"].tolist() == [1]  # a worker runs as many cells as it has threads


def test_a_function_of_the_user_goes_to_the_workers(client, tmp_path):
    import numba

    @numba.njit
    def ones(x):
        return x.sum()

    plan = Plan.grid(process=OnePlusOneEA(1 / n).on(Custom(ones)), n=8, replicates=20, budget=10**5, seed=3)
    there = sweep(plan, tmp_path / "there", client)
    assert there.failures == ()
    assert there.path.read_bytes() == sweep(plan, tmp_path / "here").path.read_bytes()


def test_a_client_that_is_closed_or_none_is_refused(client, plan, tmp_path):
    other = distributed.Client(client.cluster)
    other.close()
    with pytest.raises(InputError, match="client: is closed; connect it to a running scheduler"):
        sweep(plan, tmp_path / "store", other)
    with pytest.raises(InputError, match="client: 'tcp://10.0.0.1:8786' must be"):
        sweep(plan, tmp_path / "store", "tcp://10.0.0.1:8786")


def test_a_scheduler_that_goes_away_is_said_in_one_line_and_what_is_done_is_kept(short, tmp_path):
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster:
        client = distributed.Client(cluster, set_as_default=False)

        def leave(done, cells, left):
            if done == 1:
                client.close()

        with pytest.raises(InputError, match="client: the scheduler is gone; what is finished is kept"):
            sweep(short, tmp_path / "store", client, progress=leave)
    assert len(list(tmp_path.glob("store/cells/*.parquet"))) == 1
    assert sweep(short, tmp_path / "store").done == 3


SBATCH = """#!/bin/sh
# Slurm as far as dask-jobqueue sees it, with one machine: the first job runs, the others wait for ever
id=$$
cp "$1" "$FAKE/$id"
mkdir "$FAKE/busy" 2> /dev/null && setsid sh "$FAKE/$id" > "$FAKE/$id.log" 2>&1 &
echo "Submitted batch job $id"
"""


def test_the_script_for_slurm_runs_as_the_page_shows_it(short, tmp_path):
    """Against a stand-in for Slurm's commands; everything else is real."""
    if importlib.util.find_spec("dask_jobqueue") is None:  # not imported here: that would change what Ctrl-C does
        pytest.skip("needs dask-jobqueue")
    (tmp_path / "bin").mkdir()
    (tmp_path / "jobs").mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", "#!/bin/sh\n")):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    script = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    (tmp_path / "on_slurm.py").write_text(script)
    plan = "seed: 5\ndefaults: {algorithm: one-plus-one-ea, rate: c/n, c: 1, problem: leading-ones}\n"
    (tmp_path / "plan.yaml").write_text(plan + "cells:\n- {n: [10, 20, 30], engine: sparse, replicates: 100}\n")
    environment = {**os.environ, "FAKE": str(tmp_path / "jobs"), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    environment |= {"PYTHONPATH": str(PAGE.parent.parent), "DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__STATUS__ADDRESS": ":0"}
    command = [sys.executable, "on_slurm.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and done.stdout == "Sweep(3 of 3 cells done, in results)\n", done.stderr
    assert (tmp_path / "results" / "table.parquet").read_bytes() == sweep(short, tmp_path / "here").path.read_bytes()

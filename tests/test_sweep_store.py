"""The store believes only what it wrote; whatever else lies in it, a sweep ends with the same table."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow
import pytest

from sim import Plan, Runs, SimulationCell, simulate, sweep
from sim.sweeps import store as stores
from sim.sweeps.store import opened
from theory import RLS, InputError, LeadingOnes, OneMax, OnePlusOneEA, c, n

PROCESSES = [RLS().on(OneMax()), OnePlusOneEA(c / n).on(OneMax())]


class Number:
    """A cell that is no simulation: a table of one number; it counts how often it was run."""

    group, work = "numbers", None

    def __init__(self, value, runs=None, fails=False):
        self.value, self.counted, self.fails, self.label = value, runs if runs is not None else [], fails, f"number {value}"

    def describe(self):
        return {"kind": "number", "value": self.value}

    def run(self, threads):
        self.counted.append(self.value)
        if self.fails:
            raise ZeroDivisionError("no\nnumber")
        return pyarrow.table({"value": [self.value]})


@pytest.fixture(scope="module")
def plan():
    return Plan.grid(process=PROCESSES, n=[10, 20], c=1, replicates=20, seed=7)


@pytest.fixture(scope="module")
def undisturbed(plan, tmp_path_factory):
    """The bytes of the table of a sweep to which nothing happened."""
    return sweep(plan, tmp_path_factory.mktemp("undisturbed") / "store").path.read_bytes()


@pytest.fixture
def done(plan, tmp_path):
    """A finished sweep in a store of its own."""
    return sweep(plan, tmp_path / "store")


def cell_file(result, number=0):
    return result.store / "cells" / f"{result.plan.keys[number]}.parquet"


# ---- what it gives


def test_the_table_has_the_runs_of_simulate_in_the_order_of_the_plan(plan, done):
    table = done.table()
    assert (done.cells, done.done, done.failed) == (4, 4, 0) and len(table) == 80
    for number, cell in enumerate(plan):
        alone = simulate(cell.process, replicates=20, seed=7, **cell.values)
        rows = table.iloc[20 * number : 20 * number + 20]
        assert rows["evaluations"].tolist() == alone.evaluations.tolist() == done.runs(number).evaluations.tolist()
        assert rows["replicate"].tolist() == list(range(20)) and set(rows["n"]) == {cell.values["n"]}
    assert table["c"].isna().tolist() == [True] * 40 + [False] * 40  # RLS has no c
    assert isinstance(done.runs(plan.cells[3]), Runs) and done.runs(3).values == {"n": 20, "c": 1} and done.runs(3).seconds > 0


def test_two_sweeps_of_one_plan_write_the_same_bytes_whatever_the_threads_and_the_order(plan, done, undisturbed, tmp_path):
    other = sweep(Plan(reversed(plan.cells)), tmp_path / "other", threads=1)
    assert done.path.read_bytes() == undisturbed
    for key in plan.keys:
        name = f"cells/{key}.parquet"
        assert (done.store / name).read_bytes() == (other.store / name).read_bytes()


def test_a_sidecar_holds_plan_cell_seconds_machine_and_versions_and_the_table_none_of_it(plan, done):
    facts = json.loads(Path(f"{cell_file(done)}.json").read_text())
    assert facts["plan"] == plan.hash and facts["cell"] == plan.cells[0].describe() and facts["seconds"] > 0
    assert facts["cores"] == os.cpu_count() and set(facts["versions"]) == {"driftproof", "numba", "numpy", "pyarrow", "python"}
    columns = set(done.table().columns)
    assert columns == {*simulate(PROCESSES[1], n=5, c=1, replicates=1, seed=1).to_pandas().columns}
    assert json.loads((done.store / "sweep.json").read_text())["cells"][plan.keys[0]]["label"] == plan.cells[0].label


def test_what_is_done_is_not_run_again(tmp_path):
    runs = []
    plan = Plan([Number(1, runs), Number(2, runs)])
    assert sweep(plan, tmp_path / "store").table()["value"].tolist() == [1, 2]
    again = sweep(plan, tmp_path / "store")
    assert sorted(runs) == [1, 2] and again.done == 2 and again.table()["value"].tolist() == [1, 2]


def test_a_cell_that_fails_is_recorded_the_others_go_on_and_the_next_sweep_tries_it_again(tmp_path):
    bad = Number(1, fails=True)
    plan = Plan([bad, Number(2)])
    result = sweep(plan, tmp_path / "store")
    assert (result.done, result.failed, result.failures) == (1, 1, ((bad, "ZeroDivisionError: no number"),))
    assert result.table()["value"].tolist() == [2]
    facts = json.loads(Path(f"{cell_file(result)}.json").read_text())
    assert facts["failed"] == "ZeroDivisionError: no number" and facts["cell"]["value"] == 1
    with pytest.raises(InputError, match="cell: number 1 failed: ZeroDivisionError"):
        result.runs(0)
    bad.fails = False
    assert sweep(plan, tmp_path / "store").table()["value"].tolist() == [1, 2]


def test_an_engine_that_refuses_a_cell_fails_that_cell_alone(tmp_path):
    plan = Plan.grid(process=RLS().on(LeadingOnes()), n=5, replicates=2, engine=["event", "sparse"])
    result = sweep(plan, tmp_path / "store")
    ((cell, reason),) = result.failures
    assert cell.engine == "event" and reason.startswith("engine: ") and result.done == 1


def test_a_sweep_in_which_everything_failed_has_no_table(tmp_path):
    result = sweep(Plan([Number(1, fails=True)]), tmp_path / "store")
    assert result.done == 0 and not result.path.exists()
    with pytest.raises(InputError, match="table: no cell has a result"):
        result.table()


def test_arguments_are_checked(plan, done, tmp_path):
    for call, message in (
        (lambda: done.runs(4), "cell: 4 is none; from 0 to 3 are"),
        (lambda: done.runs(SimulationCell(PROCESSES[0], {"n": 11}, 1)), "cell: .* is not in the plan"),
        (lambda: sweep(plan, tmp_path / "new", threads=0), "threads: 0 must be a positive integer"),
        (lambda: sweep(plan, tmp_path / "new", client="tcp://x"), "client: 'tcp://x' must be a .* Client"),
        (lambda: sweep(plan, "/dev/null/store"), "store: can't read /dev/null/store: Not a directory"),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_progress_tells_cells_done_and_a_time_left_that_ends_at_nothing(plan, tmp_path):
    told = []
    sweep(plan, tmp_path / "store", progress=lambda *args: told.append(args))
    assert [args[:2] for args in told] == [(i, 4) for i in range(5)]
    assert told[0][2] is None and all(args[2] > 0 for args in told[1:4]) and told[4][2] == 0
    sweep(plan, tmp_path / "store", progress=lambda *args: told.append(args))
    assert told[5:] == [(4, 4, 0)]


# ---- files that are not what they should be


def flipped(content):
    return content[:200] + bytes([content[200] ^ 1]) + content[201:]


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "one bit flipped": lambda path: path.write_bytes(flipped(path.read_bytes())),
    "foreign": lambda path: path.write_text("my notes\n"),
    "a folder": lambda path: (path.unlink(), path.mkdir(), (path / "x").touch()),
    "a foreign Parquet file": lambda path: pyarrow.parquet.write_table(pyarrow.table({"x": [1]}), path),
}


@pytest.mark.parametrize("harm", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_or_foreign_file_is_set_aside_and_its_cell_run_again(plan, done, undisturbed, harm):
    harm(cell_file(done, 1))
    again = sweep(plan, done.store)
    assert again.damaged == (cell_file(done, 1).name,) and again.path.read_bytes() == undisturbed
    assert cell_file(done, 1).with_name(f"{cell_file(done, 1).name}.damaged").exists()  # nothing of anybody's is deleted
    harm(cell_file(done, 1))
    assert sweep(plan, done.store).path.read_bytes() == undisturbed  # twice: beside the first one


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"key": 1}', "\xff", "{}"])
def test_a_table_without_its_sidecar_is_not_believed(plan, done, undisturbed, content):
    sidecar = Path(f"{cell_file(done)}.json")
    sidecar.unlink() if content is None else sidecar.write_text(content, encoding="latin-1")
    assert sweep(plan, done.store).path.read_bytes() == undisturbed
    assert json.loads(sidecar.read_text())["key"] == plan.keys[0]


def test_a_pair_of_files_that_belongs_to_another_cell_is_not_believed(plan, done, undisturbed):
    """Both halves fit together, but not this place: only the key in the sidecar tells."""
    for end in ("", ".json"):
        Path(f"{cell_file(done, 0)}{end}").write_bytes(Path(f"{cell_file(done, 1)}{end}").read_bytes())
    again = sweep(plan, done.store)
    assert again.path.read_bytes() == undisturbed and again.damaged


def test_a_sidecar_without_its_table_and_temporary_files_of_the_dead_do_no_harm(plan, done, undisturbed):
    cell_file(done, 2).unlink()
    rests = [done.store / ".sweep.json.0123.tmp", done.store / "cells" / ".x.parquet.0123.tmp"]
    for rest in rests:
        rest.write_bytes(b"half of")
    again = sweep(plan, done.store)
    assert again.path.read_bytes() == undisturbed and again.damaged == () and not any(rest.exists() for rest in rests)


def test_foreign_files_beside_the_cells_stay_where_they_are(plan, done, undisturbed):
    mine = [done.store / "notes.txt", done.store / "cells" / "notes.txt"]
    for path in mine:
        path.write_text("mine")
    assert sweep(plan, done.store).path.read_bytes() == undisturbed
    assert [path.read_text() for path in mine] == ["mine", "mine"]


@pytest.mark.parametrize("content", ["", '{"format": "driftpr', "[1]", "{}"])
def test_a_damaged_head_is_written_anew_and_the_cells_are_kept(tmp_path, content):
    runs = []
    plan = Plan([Number(1, runs)])
    store = sweep(plan, tmp_path / "store").store
    (store / "sweep.json").write_text(content)
    assert sweep(plan, store).damaged == ("sweep.json",) and runs == [1]
    (store / "sweep.json").unlink()
    assert sweep(plan, store).damaged == () and runs == [1]
    assert json.loads((store / "sweep.json").read_text())["plan"] == plan.hash


# ---- stores that are refused


def test_a_plan_that_changed_is_refused_with_both_hashes(plan, done):
    other = Plan.grid(process=PROCESSES, n=[10, 20], c=1, replicates=21, seed=7)
    with pytest.raises(InputError) as caught:
        sweep(other, done.store)
    assert plan.hash in str(caught.value) and other.hash in str(caught.value) and "begun with driftproof" not in str(caught.value)
    head = done.store / "sweep.json"
    head.write_text(json.dumps({**json.loads(head.read_text()), "versions": {"driftproof": "0.0.1", "kernels": 0}}))
    with pytest.raises(InputError, match=r"begun with driftproof 0\.0\.1, kernels 0, this is driftproof"):
        sweep(other, done.store)


def test_a_store_of_a_newer_version_is_refused(plan, done):
    head = done.store / "sweep.json"
    head.write_text(json.dumps({**json.loads(head.read_text()), "schema": stores.SCHEMA + 1}))
    with pytest.raises(InputError, match=r"written by a newer version \(schema 2, this one reads 1\); update driftproof"):
        sweep(plan, done.store)


def test_a_folder_that_is_no_store_is_refused_and_left_alone(plan, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"holds other files \(thesis.tex\) and is no store"):
        sweep(plan, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(InputError, match="is a file; name a folder"):
        sweep(plan, tmp_path / "thesis.tex")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sweep.json").write_text('{"format": "of brooms", "schema": 1, "plan": "x"}')
    with pytest.raises(InputError, match="is not of a sweep but of 'of brooms'"):
        sweep(plan, tmp_path / "other")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_cant_be_written_is_said_in_one_line(plan, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="store: .* can't be written: Permission denied"):
        sweep(plan, tmp_path / "store")


# ---- one sweep at a time

HOLD = """
import sys, time
from sim.sweeps.store import opened
with opened(sys.argv[1], "plan", {}, {}):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_sweep_on_a_store_is_refused_until_the_first_is_gone_even_by_sigkill(tmp_path):
    store = tmp_path / "store"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(store)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another sweep works on .*; wait for it"), opened(store, "plan", {}, {}):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    with opened(store, "plan", {}, {}):
        pass


def test_where_a_file_system_has_no_locks_a_sweep_goes_on_without(plan, undisturbed, tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(stores.fcntl, "flock", none)
    result = sweep(plan, tmp_path / "store")
    (result.store / "cells" / ".x.0123.tmp").touch()  # may be of a sweep that works here now: left alone
    assert sweep(plan, result.store).path.read_bytes() == undisturbed
    assert (result.store / "cells" / ".x.0123.tmp").exists()


# ---- a disk that is full


@pytest.mark.parametrize("times", range(1, 7))
def test_a_full_disk_stops_a_sweep_in_one_line_and_the_next_one_finishes(plan, undisturbed, tmp_path, monkeypatch, times):
    """The disk is full from the given file on: the head, four tables, the table of the sweep."""
    real, count = os.fsync, [0]

    def full(descriptor):
        count[0] += 1
        if count[0] >= times:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="store: .* can't be written: No space left on device; what is finished is kept"):
            sweep(plan, tmp_path / "store")
    assert count[0] == times and not list((tmp_path / "store").rglob(".*.tmp"))
    assert len(list((tmp_path / "store").rglob("*.parquet"))) == max(0, times - 2)
    assert sweep(plan, tmp_path / "store").path.read_bytes() == undisturbed


def test_sweeping_again_runs_nothing(plan, done, monkeypatch):
    monkeypatch.setattr(SimulationCell, "run", lambda *_: pytest.fail("it was run again"))
    began = time.perf_counter()
    again = sweep(plan, done.store)
    assert again.seconds <= time.perf_counter() - began and (again.done, again.failed) == (len(plan), 0)

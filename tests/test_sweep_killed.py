"""A sweep that is killed at any moment is finished by the next one, and the table is the same, byte for byte.

``sweep_victim.py`` does it for real: forks that kill themselves in the middle of a write, of a rename, of a cell, that run into a
full disk, that are killed after random times, alone or two at a time. Files are written in this order: the head, then for
each of 4 cells its sidecar and its table, then the table of the sweep.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLAN = """\
seed: 3
cells:
 - {algorithm: rls, problem: onemax, n: [100, 101, 102, 103], engine: sparse, replicates: 2000}
"""
KILLED = -signal.SIGKILL
DEATHS = {  # number of finished cells that are left behind
    "write-1": 0, "write-2": 0, "write-3": 0, "write-9": 3, "write-10": 4,
    "rename-1": 0, "rename-3": 0, "renamed-1": 0, "renamed-2": 0, "renamed-3": 1, "renamed-10": 4,
    "cell-1": 0, "cell-3": 2,
}  # fmt: skip
FULL = {"full-1": 0, "full-2": 0, "full-5": 1, "full-10": 4, "limit-5000": 0}
MOMENTS = ["moments-1", "moments-2", "two-1"]
NAIVE = ["naive-write-3", "naive-full-3"]


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    """The folder with a store for each fault, and what became of the sweeps."""
    folder = tmp_path_factory.mktemp("victim")
    (folder / "plan.yaml").write_text(PLAN)
    faults = [*DEATHS, *FULL, *MOMENTS, *NAIVE, "together"]
    command = [sys.executable, str(HERE / "sweep_victim.py"), str(folder), str(folder / "plan.yaml"), *faults]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=3000)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def same_table(folder, fault):
    return (folder / fault / "table.parquet").read_bytes() == (folder / "undisturbed" / "table.parquet").read_bytes()


def nothing_half_written(folder, fault):
    return not list((folder / fault).rglob(".*")) and not list((folder / fault).rglob("*.damaged*"))


@pytest.mark.parametrize("fault", DEATHS)
def test_killed_in_a_write_a_rename_or_a_cell_the_next_sweep_gives_the_same_table(victim, fault):
    folder, said = victim
    assert said[fault] == [KILLED, DEATHS[fault], 0]
    assert same_table(folder, fault) and nothing_half_written(folder, fault)


@pytest.mark.parametrize("fault", FULL)
def test_on_a_full_disk_a_sweep_stops_with_one_line_and_the_next_one_gives_the_same_table(victim, fault):
    folder, said = victim
    assert said[fault] == [3, FULL[fault], 0]
    why = "No space left on device" if fault.startswith("full") else "File too large"
    message = (folder / f"{fault}.said").read_text()
    assert f"can't be written: {why}; what is finished is kept" in message and "\n" not in message
    assert same_table(folder, fault) and nothing_half_written(folder, fault)


@pytest.mark.parametrize("fault", MOMENTS)
def test_killed_after_random_times_until_it_ends_a_sweep_gives_the_same_table(victim, fault):
    folder, said = victim
    lives = 2 if fault.startswith("two") else 3  # a life makes a cell at most; two at a time may share them
    assert said[fault].count(KILLED) >= lives and 0 in said[fault] and set(said[fault]) == {KILLED, 0}
    assert same_table(folder, fault)


def test_three_sweeps_at_a_time_on_a_file_system_without_locks_all_give_the_same_table(victim):
    folder, said = victim
    assert said["together"] == [0, 0, 0]
    assert same_table(folder, "together") and nothing_half_written(folder, "together")


@pytest.mark.parametrize("fault", NAIVE)
def test_a_store_that_writes_in_place_and_believes_what_is_there_would_be_found_out(victim, fault):
    folder, said = victim
    first, left, second = said[fault]
    assert first in (KILLED, 3) and left == 1
    assert second != 0 or not same_table(folder, fault)

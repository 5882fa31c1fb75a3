"""Two processes that share the lanes train as one does, whoever makes the gradients, and agree on when to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from killed_run import ROOT, different, without_seconds
from nets_processes import SETTINGS, work

from nets.core import checkpoint, launch
from nets.core.config import Hardware

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What one process made and what two made, by the start of a further one that Fabric does."""
    folder = tmp_path_factory.mktemp("processes")
    environment = {name: value for name, value in os.environ.items() if name not in ("LOCAL_RANK", "WORLD_SIZE", "MASTER_PORT")}
    environment |= {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("nets_processes.py")), "2", str(folder)]
    two = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    work(launch.context(SETTINGS, Hardware()), folder)
    said, _ = two.communicate(timeout=600)
    assert two.returncode == 0, said[-3000:]
    return folder


def weights(folder, processes, rank=0):
    return torch.load(folder / f"weights-{processes}-{rank}.pt", weights_only=True)


def told(folder, processes, rank=0):
    return json.loads((folder / f"told-{processes}-{rank}.json").read_text())


@pytest.mark.parametrize("learner", ["Autograd", "Online", "Carried", "Evolution"])
def test_two_processes_make_the_weights_of_one(folder, learner):
    one, first, second = (weights(folder, *which)[learner] for which in ((1, 0), (2, 0), (2, 1)))
    assert one.dtype == torch.float64 and torch.equal(first, second)
    assert torch.allclose(one, first, rtol=1e-9, atol=0)
    assert not torch.equal(one, weights(folder, 1)["Forgetful" if learner != "Online" else "Carried"][: len(one)])


def test_signs_keyed_by_the_lane_in_its_process_and_gradients_that_are_not_reduced_are_found_out(folder):
    one, two = weights(folder, 1), weights(folder, 2)
    assert torch.equal(one["LocalSigns"], one["Online"]) and not torch.allclose(two["LocalSigns"], one["Online"], rtol=1e-3)
    assert torch.equal(one["Unreduced"], one["Autograd"]) and not torch.allclose(two["Unreduced"], one["Autograd"], rtol=1e-3)
    assert not torch.equal(two["Unreduced"], weights(folder, 2, 1)["Unreduced"])


def test_the_first_process_alone_writes_and_the_metrics_are_those_of_one_process(folder):
    one, two = (without_seconds(folder / f"whole-{processes}/metrics.csv") for processes in (1, 2))
    assert [row[:-1] for row in one] == [row[:-1] for row in two]
    assert [float(row[-1]) for row in two[1:]] == pytest.approx([float(row[-1]) for row in one[1:]], rel=1e-9)
    assert told(folder, 2, 0)["whole"][:2] == told(folder, 2, 1)["whole"][:2] == ["done", 20]


def test_a_signal_to_one_process_stops_both_after_the_same_update_and_both_go_on_from_there(folder):
    for rank in (0, 1):
        assert told(folder, 2, rank)["stopped"][:2] == ["stopped", 7]
        assert told(folder, 2, rank)["gone on"][:2] == ["done", 20]
    assert without_seconds(folder / "stopped-2/metrics.csv") == without_seconds(folder / "whole-2/metrics.csv")
    assert not different(folder / "stopped-2/main/last.pt", folder / "whole-2/main/last.pt")


def test_one_process_that_diverges_ends_both_and_the_last_good_checkpoint_is_kept(folder):
    assert "train/loss is nan; the checkpoint of update 5 is kept" in told(folder, 2, 1)["diverged"][3]
    assert "another process" in told(folder, 2, 0)["diverged"][3]
    for rank in (0, 1):
        assert told(folder, 2, rank)["diverged"][:2] == ["diverged", 10]
    assert checkpoint.read(folder / "diverged-2/main/last.pt")["update"] == 5


def test_a_checkpoint_holds_the_lanes_of_both_and_what_they_share_once(folder):
    found = checkpoint.read(folder / "whole-2/main/last.pt")
    first, second = (process["learner"] for process in found["processes"])
    assert first["own"]["state"].shape == second["own"]["state"].shape == (4, 5)
    assert not torch.equal(first["own"]["state"], second["own"]["state"])
    assert first["own"]["influence"]["lanes"].tolist() + second["own"]["influence"]["lanes"].tolist() == list(range(8))
    places = {part["readout"].data_ptr() for part in (found["model"], first["model"], second["model"])}
    assert len(places) == 1 and first["own"]["state"].data_ptr() != second["own"]["state"].data_ptr()


def test_numbers_made_elsewhere_keep_their_type(folder):
    assert told(folder, 1)["default"] == told(folder, 2)["default"] == "torch.float32"

"""A run that is killed at any moment goes on bit for bit; a damaged checkpoint is found out, and the one before it is taken."""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path

import pytest
import torch
from killed_run import assert_survives_kills, different, without_seconds
from nets_learners import Autograd, Dropped, Evolution, Forgetful, Online, Settings, stage

from nets.core import checkpoint, launch
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent
from theory.errors import InputError

torch.set_num_threads(1)
VICTIM = Path(__file__).parent / "nets_victim.py"
LONG = ("updates=200", "log_every=7", "evaluate_every=45", "checkpoint_every=10")


class Killed(BaseException):
    pass


class Heard(Silent):
    def __init__(self):
        self.lines = []

    def say(self, line):
        self.lines.append(line)


def train(kind, folder, watch=None, resume=True, **values):
    config = Settings(**values)
    context = launch.context(config, Hardware())
    return train_stage(stage(kind), config, context, folder, resume=resume, watch=watch or Silent())


def test_a_run_that_is_killed_at_random_moments_ends_as_an_undisturbed_one(tmp_path):
    stages = ("Online", "Dropped")  # online RTRL with lane resets, and truncated backpropagation with carried state
    assert_survives_kills(lambda folder: [VICTIM, ",".join(stages), folder, *LONG], tmp_path, stages=stages, kills=8, seed=3)


@pytest.mark.parametrize("kind", [Autograd, Online, Dropped, Evolution, Forgetful])
def test_a_run_that_is_stopped_after_each_update_ends_as_an_undisturbed_one(tmp_path, kind):
    class Stopped(kind):
        def update(self):
            super().update()
            if self.steps < 12:
                os.kill(os.getpid(), signal.SIGTERM)

    train(kind, tmp_path / "one", updates=12, evaluate_every=4)
    for update in range(1, 12):
        result = train(Stopped, tmp_path / "other", updates=12, evaluate_every=4)
        assert (result.status, result.updates, result.examples) == ("stopped", update, 8 * update)
    assert train(Stopped, tmp_path / "other", updates=12, evaluate_every=4).status == "done"
    same = without_seconds(tmp_path / "one/metrics.csv") == without_seconds(tmp_path / "other/metrics.csv")
    differences = [different(tmp_path / "one/main" / name, tmp_path / "other/main" / name) for name in ("last.pt", "best.pt")]
    if kind is Forgetful:  # a mistake that must be seen
        assert not same and all(differences)
    else:
        assert same and not any(differences)


@pytest.mark.parametrize("when", ["in the file", "before a name", "after a name"])
def test_a_run_that_dies_while_it_writes_a_checkpoint_goes_on(tmp_path, monkeypatch, when):
    train(Online, tmp_path / "one")
    real_save, real_replace, calls = torch.save, os.replace, [0]

    def half(content, file):
        calls[0] += 1
        if calls[0] == number:
            file.write(b"half of it")
            raise Killed
        real_save(content, file)

    def replace(source, target):
        calls[0] += 1
        if when == "after a name":
            real_replace(source, target)
        if calls[0] == number:
            raise Killed
        if when == "before a name":
            real_replace(source, target)

    for number in range(1, 12):
        folder, calls[0] = tmp_path / f"other-{number}", 0
        with monkeypatch.context() as patched:
            patched.setattr(torch, "save", half) if when == "in the file" else patched.setattr(os, "replace", replace)
            try:
                train(Online, folder)
                assert calls[0] < number
                break
            except Killed:
                pass
        heard = Heard()
        assert train(Online, folder, heard).status == "done" and not heard.lines
        assert without_seconds(tmp_path / "one/metrics.csv") == without_seconds(folder / "metrics.csv")
        assert not different(tmp_path / "one/main/last.pt", folder / "main/last.pt")
    assert number >= 6  # five checkpoints and the best ones


def test_a_damaged_checkpoint_is_told_of_in_one_line_and_the_one_before_it_taken(tmp_path):
    train(Online, tmp_path / "one")
    train(Online, tmp_path / "other", updates=15)
    last = tmp_path / "other/main/last.pt"
    whole = last.read_bytes()

    class Code:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    cut = [whole[: len(whole) * k // 7] for k in range(7)]
    flipped = bytearray(whole)
    flipped[whole.index(checkpoint.read(last)["model"]["readout"].numpy().tobytes())] ^= 1  # one bit of a parameter
    for content in [*cut, bytes(flipped), b"\0" * 100, b"update,step\n", pickle.dumps(Code()), pickle.dumps([1])]:
        last.write_bytes(content)
        found, said = checkpoint.newest(last.parent)
        assert found["update"] == 10 and str(last) in said and said.endswith("going on from previous.pt") and "\n" not in said
    torch.save({"format": "another", "update": 3}, last)
    assert checkpoint.newest(last.parent)[0]["update"] == 10 and not (tmp_path / "ran").exists()
    heard = Heard()
    train(Online, tmp_path / "other", heard)
    assert len(heard.lines) == 1 and "its format should be" in heard.lines[0]
    assert without_seconds(tmp_path / "one/metrics.csv") == without_seconds(tmp_path / "other/metrics.csv")
    assert not different(tmp_path / "one/main/last.pt", last)
    for path in last.parent.iterdir():
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"last\.pt: damaged"):
        train(Online, tmp_path / "other", updates=30)
    last.unlink()
    with pytest.raises(InputError, match=r"previous\.pt: damaged"):
        train(Online, tmp_path / "other", updates=30)
    with pytest.raises(InputError, match="there is no such checkpoint"):
        checkpoint.read(last)


def test_a_table_that_is_shorter_than_its_checkpoint_says_is_refused(tmp_path):
    train(Autograd, tmp_path, updates=10)
    path = tmp_path / "metrics.csv"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"metrics\.csv: \d+ bytes, but the checkpoint goes on after"):
        train(Autograd, tmp_path)


def test_a_run_goes_on_with_as_many_processes_as_it_had(tmp_path):
    train(Autograd, tmp_path, updates=10)
    found = checkpoint.read(tmp_path / "main/last.pt")
    found["processes"] *= 2
    torch.save(found, tmp_path / "main/last.pt")
    with pytest.raises(InputError, match="devices: 1 processes can't go on from a checkpoint of 2"):
        train(Autograd, tmp_path)

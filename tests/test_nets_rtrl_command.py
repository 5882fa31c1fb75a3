"""``driftproof train`` of the online experiments from end to end: what a user gets, loads, watches and interrupts."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from killed_run import ROOT
from rich.console import Console
from torch.nn import functional

import nets
from driftproof import cli
from nets.core import data, run
from nets.core.progress import PATIENCE, Bar
from nets.rtrl.copy_task import CopyStream

KEYS = ["experiment", "config", "config_hash", "seed", "updates", "steps", "examples", "seconds", "metrics", "run_dir", "status"]


@pytest.fixture(autouse=True)
def train(capsys, tmp_path, monkeypatch):
    """Run the command in an empty folder; its status and what it printed as JSON."""
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)

    def call(*arguments):
        status = cli.main(["train", *arguments, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return call


def rows(folder):
    """Update, split, name and value of each metric."""
    with (Path(folder) / "metrics.csv").open(newline="") as file:
        return [(int(r["update"]), r["split"], r["name"], float(r["value"])) for r in csv.DictReader(file)]


def bits_of_strings(model):
    """Bits a symbol of one-bit strings that the run hasn't seen."""
    stream, total, state = CopyStream(50, seed=99, length=1), 0.0, None
    for _ in range(4):  # one string
        given = stream.next()
        logits, state = model(torch.as_tensor(given.inputs)[:, None], state)
        total += float(functional.cross_entropy(logits[:, 0], torch.as_tensor(given.targets)))
    return total / 4 / math.log(2)


def bits_of_text(model, config, vocabulary):
    """Bits a character of the validation split, in pieces that begin with an empty state, from its bytes."""
    text, size = data.load_text(config.data).splits["valid"][: config.characters + 1], config.reset_every
    codes = torch.tensor([vocabulary.index(byte) for byte in text])
    loss = [
        functional.cross_entropy(model(codes[None, k : k + size])[0][0], codes[k + 1 : k + size + 1], reduction="sum")
        for k in range(0, config.characters, size)
    ]
    return float(sum(loss)) / config.characters / math.log(2)


@pytest.mark.parametrize("experiment", ["kf-rtrl.copy", "ok-rtrl.copy", "kf-rtrl.charlm", "ok-rtrl.charlm"])
@torch.no_grad()
def test_a_smoke_run_gives_what_the_contract_says_and_a_model_that_predicts(train, monkeypatch, experiment):
    seeds = (0, 1) if experiment == "ok-rtrl.charlm" else (1,)
    told = []
    for seed in seeds:  # one by one: several at once are runs in processes of their own, and take seconds to start
        status, [one] = train(experiment, "--preset", "smoke", "--seeds", str(seed))
        assert status == 0 and one["seed"] == seed
        told.append(one)
    for one in told:
        folder = Path(one["run_dir"])
        assert list(one) == KEYS and one["experiment"] == experiment and one["status"] == "done"
        assert (one["updates"], one["steps"], one["examples"]) == (300, 300, 1200) and one["seconds"] > 0
        assert (folder / "plot.svg").read_text().lstrip().startswith("<?xml")
        assert {f"{split}/{name}": value for _, split, name, value in rows(folder)} == one["metrics"]
        loaded = nets.load(folder)
        assert loaded.config.to_dict() == one["config"] and not loaded.model.training
        if "charlm" in experiment:
            bits = bits_of_text(loaded.model, loaded.config, loaded.vocabulary)
            assert bits == pytest.approx(one["metrics"]["valid/bits"], rel=1e-5) and bits < math.log2(len(loaded.vocabulary))
            logits, _ = loaded.model(torch.tensor([[loaded.vocabulary.index(byte) for byte in b"the matrix"]]))
            decoded = bytes(loaded.vocabulary[symbol] for symbol in logits[0].argmax(1).tolist()).decode("ascii")
            assert len(decoded) == len("the matrix") and decoded.isprintable()
        else:
            assert loaded.vocabulary is None and bits_of_strings(loaded.model) < 2  # four symbols, by chance
    if len(told) > 1:
        assert told[0]["config_hash"] == told[1]["config_hash"] and told[0]["metrics"] != told[1]["metrics"]
    monkeypatch.setattr(run, "_train", lambda *_: pytest.fail("trained again"))
    for one in told:
        assert train(experiment, "--preset", "smoke", "--seeds", str(one["seed"])) == (0, [one])


def test_tensorboard_shows_the_metrics_of_the_table(train):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    status, [told] = train("ok-rtrl.copy", "--set", "steps=100", "--tensorboard")
    [events] = Path(told["run_dir"]).glob("tensorboard/**/events*")
    board = EventAccumulator(str(events))
    board.Reload()
    shown = {(e.step, tag): e.value for tag in board.Tags()["scalars"] for e in board.Scalars(tag)}
    wanted = {(update, f"{split}/{name}"): value for update, split, name, value in rows(told["run_dir"])}
    assert status == 0 and shown == pytest.approx(wanted, rel=1e-6) and len(wanted) == 2 * 5


def test_two_processes_share_the_lanes_with_the_metrics_of_one_and_ctrl_c_stops_both(train):
    """Until they are interrupted, that is. Standard output ends when the last process that holds it has ended."""
    values = (
        "ok-rtrl.copy",
        "--precision",
        "64-true",
        "--set",
        "units=6",
        "--set",
        "log_every=5",
        "--set",
        "checkpoint_every=50",
    )
    command = [sys.executable, "-m", "driftproof", "train", *values, "--devices", "2", "--out", "two", "--set", "steps=1000000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    both = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 600
        while not ((found := list(Path("two").glob("*/metrics.csv"))) and len(rows(found[0].parent)) >= 50):
            assert both.poll() is None and time.monotonic() < until, both.communicate()
            time.sleep(0.05)
        both.send_signal(signal.SIGINT)
        said = both.communicate(timeout=600)[1]
    finally:
        both.kill()
    folder = found[0].parent
    two = rows(folder)
    assert both.returncode == 130 and f"--resume {folder}" in said and said.count("\n") == 1
    assert json.loads((folder / "run.json").read_text())["status"] == "stopped"
    status, [one] = train(*values, "--out", "one", "--set", f"steps={two[-1][0]}")
    alone = rows(one["run_dir"])
    assert status == 0 and [row[:3] for row in two] == [row[:3] for row in alone]
    assert [row[3] for row in two] == pytest.approx([row[3] for row in alone], rel=1e-9)
    assert len({row[3] for row in alone}) > 10


def test_a_run_that_failed_for_its_data_is_begun_again_without_resume(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("DRIFTPROOF_DATA", raising=False)
    command = ["train", "ok-rtrl.charlm", "--set", "data=ptb"]
    said = "driftproof: ptb: no folder holds ptb.train.txt, ptb.valid.txt, ptb.test.txt; put ptb.train.txt, "
    for more in ([], [], ["--data", str(tmp_path)]):
        assert cli.main([*command, *more]) == 2
        shown = capsys.readouterr()
        assert shown.out == "" and shown.err.startswith(said) and "--data" in shown.err and shown.err.count("\n") == 1
    wrong = f"driftproof: data: '{tmp_path}/none' isn't a folder; name the one that holds the data sets\n"
    for experiment in (command, ["train", "ok-rtrl.copy"]):  # also where no data are read
        assert cli.main([*experiment, "--data", str(tmp_path / "none")]) == 2 and capsys.readouterr().err == wrong
    assert cli.main(["train", "ok-rtrl.charlm", "--set", "data=topic"]) == 2
    assert capsys.readouterr().err == "driftproof: data: no text is called 'topic'; did you mean topics?\n"


def test_the_list_of_an_experiment_shows_what_set_takes_and_the_presets(capsys, train):
    assert cli.main(["train", "ok-rtrl.charlm", "--list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["key", "smoke", "cpu", "paper", "takes"]
    assert ["stride", "none", "none", "none", "a whole number or none"] in lines and [
        "rank",
        "4",
        "4",
        "8",
        "a whole number",
    ] in lines
    presets = nets.experiment("ok-rtrl.charlm").presets
    assert [line[0] for line in lines[1:]] == list(presets["paper"].to_dict())
    for column, config in zip((1, 2, 3), presets.values(), strict=True):  # what is shown can be given
        assert config.with_values({line[0]: line[column] for line in lines[1:]}).to_dict() == pytest.approx(config.to_dict())
    status, told = train("ok-rtrl.charlm", "--list")
    assert status == 0 and told[0] == {"key": "seed", "takes": "a whole number", "smoke": 0, "cpu": 0, "paper": 0}


def test_in_a_terminal_of_80_columns_the_counts_and_the_time_are_shown_whole():
    screen = io.StringIO()
    with Bar("ok-rtrl.copy, seed 0", Console(file=screen, width=80, force_terminal=True, color_system=None)) as bar:
        bar.update(1, 10_000, 16, {})
        time.sleep(2 * PATIENCE)
        bar.update(3777, 10_000, 60_432, {"train/bits": 1.2345, "train/T": 3.0})
    line = screen.getvalue().split("\r")[-1].splitlines()[0]
    assert re.search(r"ok-rtrl\.copy, seed 0 .* 3777/10000 \d:\d\d:\d\d [\d,]+ examples/s", line)

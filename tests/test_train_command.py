"""``driftproof train``: the list of the contract, exit status 0, 1, 2 or 130, one line for whatever is wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pandas
import pytest
import toy_experiment

from driftproof import cli
from driftproof.commands import train
from nets.core import jobs, plot, registry
from nets.core.config import config_hash

HERE = Path(__file__).parent
KEYS = ["experiment", "config", "config_hash", "seed", "updates", "steps", "examples", "seconds", "metrics", "run_dir", "status"]
HELD = {"hold_at": 60, "updates": 100, "head_updates": 2}  # waits after 60 updates: whatever happens then is in mid-run
HOLDING = ("train", "toy-paper.two", *(part for item in HELD.items() for part in ("--set", "{}={}".format(*item))), "--json")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run the command line in an empty folder; (exit status, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "MODULES", ("toy_experiment",))
    monkeypatch.setattr(plot, "draw", lambda *_: None)

    def call(*arguments):
        status = cli.main(["train", *arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def forked(monkeypatch):
    """Processes of runs are forks of one that has imported torch and the trainer, which takes three seconds each time.

    Those that other tests here start and interrupt are begun as the product begins them.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lightning_fabric", "nets.core.loop", "nets.core.run"])
    monkeypatch.setattr(jobs, "multiprocessing", SimpleNamespace(get_context=lambda _: context))


def start(*arguments):
    """The command line with the toy in it, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "toy_experiment.py"), *arguments]
    Path("hold").touch()
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def training(path, updates=20):
    """Wait until the table of a run has a row of a later update."""
    for _ in range(15_000):
        rows = path.read_text().splitlines() if path.exists() else []
        if rows and rows[-1].split(",")[0].isdigit() and int(rows[-1].split(",")[0]) >= updates:
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} isn't written")


def folder(seed=0, name="toy-paper.two", **values):
    config = toy_experiment.TWO.presets["smoke"].with_values(values)
    return Path("runs", f"{name}-{config_hash(config)}-s{seed}")


def table(path):
    return pandas.read_csv(path / "metrics.csv").drop(columns="seconds")


def test_without_torch_one_line_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(train, "find_spec", lambda name: None if name == "torch" else name)
    status, _, err = run("toy-paper.two")
    assert status == 2 and err.count("\n") == 1 and "pip install 'driftproof[nets]'" in err


def test_json_is_a_list_of_objects_with_the_keys_of_the_contract(run):
    status, out, err = run("toy-paper.two", "--json")
    [told] = json.loads(out)
    assert status == 0 and err == "" and list(told) == KEYS
    assert told["experiment"] == "toy-paper.two" and told["seed"] == 0 and told["status"] == "done"
    assert told["config"] == toy_experiment.TWO.presets["smoke"].to_dict()
    assert (told["updates"], told["steps"], told["examples"]) == (60, 60, 240)
    assert set(told["metrics"]) == {"train/loss", "valid/distance"} and told["run_dir"] == str(folder())
    assert list(pandas.read_csv(folder() / "metrics.csv")) == ["update", "step", "examples", "seconds", "split", "name", "value"]


def test_values_come_from_the_preset_then_the_file_then_the_options(run):
    Path("c.toml").write_text("updates = 30\nlr = 0.1\nwidth = 2\n")
    status, out, _ = run(
        "Toy_Paper.One", "--preset", "smoke", "--config", "c.toml", "--set", "lr=0.01", "--set", "clip=1",
    )  # fmt: skip
    assert status == 2
    status, out, _ = run("toy-paper.one", "--config", "c.toml", "--set", "lr=0.01", "--precision", "64-true", "--json")
    [told] = json.loads(out)
    values = [told["config"][name] for name in ("updates", "lr", "width", "precision", "batch")]
    assert status == 0 and values == [30, 0.01, 2, "64-true", 4]


def test_seeds_in_two_processes_give_what_they_give_one_by_one(run, forked):
    status, out, err = run("toy-paper.one", "--seeds", "0:2", "--workers", "2", "--json")
    told = json.loads(out)
    assert status == 0 and err == "" and [one["seed"] for one in told] == [0, 1]
    for seed in (0, 1):
        [alone] = json.loads(run("toy-paper.one", "--seeds", str(seed), "--out", "alone", "--json")[1])
        assert {**alone, "seconds": 0, "run_dir": ""} == {**told[seed], "seconds": 0, "run_dir": ""}
        assert table(Path(alone["run_dir"])).equals(table(Path(told[seed]["run_dir"])))


def test_the_table_has_a_row_a_seed_and_the_list_names_the_experiments(run):
    run("toy-paper.one", "--seeds", "3")
    status, out, _ = run("toy-paper.one", "--seeds", "3")  # finished: told again
    head, row = (line.split("\t") for line in out.splitlines())
    assert status == 0 and dict(zip(head, row, strict=True))["status"] == "done" and row[1] == "3"
    status, out, _ = run("--list")
    assert status == 0 and [line.split("\t")[0] for line in out.splitlines()[1:]] == ["toy-paper.one", "toy-paper.two"]
    assert [e["experiment"] for e in json.loads(run("--list", "--json")[1])] == ["toy-paper.one", "toy-paper.two"]


def test_a_stage_is_taken_from_another_run(run):
    run("toy-paper.two")
    status, out, _ = run("toy-paper.two", "--set", "head_lr=0.1", "--from", f"{folder()}/base", "--json")
    [told] = json.loads(out)
    assert status == 0 and json.loads(Path(told["run_dir"], "run.json").read_text())["stages"]["base"]["taken_from"]
    status, _, err = run("toy-paper.two", "--set", "lr=0.1", "--from", f"{folder()}/base")
    assert status == 2 and err.endswith("differs in what stage base depends on: lr is 0.05 there and 0.1 here\n")


def test_a_run_that_diverges_or_breaks_is_status_1_and_the_others_are_done(run):
    status, out, err = run("toy-paper.two", "--set", "bad_at=5", "--json")
    assert status == 1 and [one["status"] for one in json.loads(out)] == ["diverged"]
    assert err.splitlines()[-1].startswith("driftproof: toy-paper.two, seed 0: base diverged at update 10: train/loss is nan")
    status, out, err = run("toy-paper.two", "--set", "fail_at=5", "--json")
    assert status == 1 and [one["status"] for one in json.loads(out)] == ["failed"]
    assert err == "driftproof: toy-paper.two, seed 0: RuntimeError: the toy broke as it was told\n"


def test_a_termination_leaves_a_run_that_the_command_it_names_finishes(run):
    Path("hold").touch()

    def terminate():
        training(folder(**HELD) / "metrics.csv")
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=terminate)
    thread.start()
    status, out, err = run(*HOLDING[1:])
    thread.join()
    Path("hold").unlink()
    assert status == 130 and [one["status"] for one in json.loads(out)] == ["stopped"]
    again = f"driftproof train --resume {folder(**HELD)}"
    assert err == f"driftproof: stopped; to go on: {again}\n"
    status, out, err = run(*again.split()[2:], "--json")
    assert status == 0 and err == "" and json.loads(out)[0]["status"] == "done" and json.loads(out)[0]["updates"] == 102


def test_ctrl_c_stops_all_processes_with_a_line_for_each(run):
    process = start(*HOLDING, "--seeds", "0:3", "--workers", "2")
    for seed in (0, 1):
        training(folder(seed, **HELD) / "metrics.csv")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130 and [one["status"] for one in json.loads(out)] == ["stopped"] * 2
    told = [f"driftproof: stopped; to go on: driftproof train --resume {folder(seed, **HELD)}" for seed in (0, 1)]
    assert err.splitlines() == [*told, "driftproof: stopped before toy-paper.two, seed 2 began"]


def test_a_run_killed_at_any_moment_is_finished_by_resume_with_the_same_metrics(run):
    process = start(*HOLDING)
    training(folder(**HELD) / "metrics.csv", 60)
    process.kill()
    process.communicate(timeout=600)
    Path("hold").unlink()
    status, _, err = run("toy-paper.two", *HOLDING[2:])
    assert status == 2 and err.startswith(
        f"driftproof: out: {folder(**HELD)} holds a run that was begun; go on with it (--resume"
    )
    assert run("--resume", str(folder(**HELD)))[0] == 0
    assert run("toy-paper.two", *HOLDING[2:], "--out", "whole")[0] == 0
    assert table(folder(**HELD)).equals(table(Path("whole", folder(**HELD).name)))


WRONG = [
    ([], "experiment: missing; name one, e.g. ok-rtrl.copy, or see --list"),
    (["toy-paper.to"], "experiment: unknown name 'toy-paper.to'; did you mean toy-paper.two?"),
    (["toy-paper.two", "--preset", "smok"], "preset: unknown name 'smok'; did you mean smoke?"),
    (["toy-paper.two", "--set", "lr"], "set: 'lr' is not key=value; write it like --set lr=0.01"),
    (["toy-paper.two", "--set", "lr=x"], "lr: 'x' must be a number"),
    (["toy-paper.two", "--set", "l=1"], "l: unknown key of ToyConfig; "),
    (["toy-paper.two", "--set", "lr=1", "--set", "lr=2"], "set: lr is given twice; give it once"),
    (["toy-paper.two", "--threads", "two"], "threads: 'two' must be a whole number"),
    (["toy-paper.two", "--threads", "2", "--set", "threads=2"], "threads: given twice, with --set and --threads; give it once"),
    (["toy-paper.two", "--precision", "16"], "precision: unknown choice '16'; "),
    (["toy-paper.two", "--seeds", "5:2"], "seeds: 5:2 must go from a seed to a larger one"),
    (["toy-paper.two", "--seeds", "a"], "seeds: 'a' is none; write them like 0:5 (that is 0 to 4), 3, or 0,2,7"),
    (["toy-paper.two", "--seeds", "0:3,1"], "seeds: 0:3,1 names a seed twice; give each once"),
    (["toy-paper.two", "--seeds", "0:3", "--set", "seed=1"], "seed: given beside --seeds; give one of them"),
    (["toy-paper.two", "--workers", "0"], "workers: 0 must be a positive integer"),
    (["toy-paper.two", "--device", "tpu"], "device: 'tpu' must be one of cpu, cuda, mps, auto"),
    (["toy-paper.two", "--devices", "0"], "devices: 0 must be a positive integer"),
    (["toy-paper.two", "--config", "none.toml"], "config: can't read none.toml: No such file or directory"),
    (["toy-paper.two", "--from", "nowhere/base"], "run: there is none in nowhere; name a folder that driftproof train made"),
    (["toy-paper.two", "--from", "base"], "run: there is none in ."),
    (["--resume", "nowhere"], "run: there is none in "),
    (["--resume", "x", "--set", "lr=1"], "set: given beside --resume, whose run has its own; leave it out"),
    (["toy-paper.two", "--seed", "1"], "seed: unknown option; did you mean --seeds?"),
]  # fmt: skip


@pytest.mark.parametrize("arguments, message", WRONG)
def test_wrong_input_is_status_2_and_one_line(run, arguments, message):
    status, out, err = run(*arguments)
    assert status == 2 and out == "" and err.startswith(f"driftproof: {message}") and err.count("\n") == 1
    assert not Path("runs").exists()


def test_two_devices_share_a_run(run, forked):
    """Two processes of two lanes each; the sum over lanes has another order, so that results agree to rounding."""
    [one] = json.loads(run("toy-paper.one", "--precision", "64-true", "--json")[1])
    status, out, _ = run("toy-paper.one", "--precision", "64-true", "--devices", "2", "--out", "two", "--json")
    [two] = json.loads(out)
    assert status == 0 and two["metrics"] == pytest.approx(one["metrics"], rel=1e-9)
    assert (two["updates"], two["examples"]) == (one["updates"], one["examples"])

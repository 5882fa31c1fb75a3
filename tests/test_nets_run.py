"""The run's folder: what it holds, that nothing is trained twice, that interrupted runs go on, that stages can be taken."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import toy_experiment
from toy_experiment import ONE, TWO, ToyConfig

import nets
from nets.core import folder as folders
from nets.core import loop, plot, registry, take
from nets.core.config import config_hash
from theory.errors import InputError

SMOKE = TWO.presets["smoke"]
DRAW = plot.draw


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "MODULES", ("toy_experiment",))
    monkeypatch.setattr(plot, "draw", lambda *_: None)  # half a second
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def plotted(toy, monkeypatch):
    """Runs draw their plot."""
    monkeypatch.setattr(plot, "draw", DRAW)


def same(a, b):
    """Equal tables apart from the column of seconds."""
    left, right = (result.table().drop(columns="seconds") for result in (a, b))
    return left.equals(right)


def weights(result, stage):
    return torch.load(result.run_dir / stage / "last.pt", weights_only=True)["model"]["weight"]


def regression(config):
    """The same two stages in numpy's arithmetic, from the definition: an oracle for what was trained."""
    from nets.core.keyed import key_of

    w = torch.zeros(config.width, dtype=torch.float64)
    for stage, lr, updates in (("base", config.lr, config.updates), ("head", config.head_lr, config.head_updates)):
        generator = torch.Generator().manual_seed(key_of(config.seed, "data", stage))
        for _ in range(updates):
            x = torch.randn(config.batch, config.width, generator=generator).double()
            w = w - lr * 2 / config.batch * x.T @ (x @ w - x.sum(1))
    return w.numpy()


def test_two_stages_are_trained_one_after_the_other_as_defined():
    result = nets.run("toy-paper.two", SMOKE)
    np.testing.assert_allclose(weights(result, "head")[0].numpy(), regression(SMOKE), rtol=1e-5)
    assert result.status == "done" and result.run_dir == Path(f"runs/toy-paper.two-{config_hash(SMOKE)}-s0")
    assert (result.updates, result.steps, result.examples) == (60, 60, 240) and result.seconds > 0
    assert result.metrics["valid/distance"] == pytest.approx(np.linalg.norm(regression(SMOKE) - 1), rel=1e-5)


def test_the_folder_says_what_made_it(plotted):
    result = nets.run(TWO, SMOKE.with_values({"seed": 4}), command="made by a test")
    head = json.loads((result.run_dir / "run.json").read_text())
    assert head["experiment"] == "toy-paper.two" and head["seed"] == 4 and head["status"] == "done"
    assert head["config"] == result.config.to_dict() and head["config_hash"] == config_hash(SMOKE)
    assert head["facts"] == {"data": {"sum": "width 3"}, "vocabulary": "ab"}
    [session] = head["sessions"]
    assert session["command"] == "made by a test" and session["threads"] == 1
    assert (
        session["versions"]["torch"] == torch.__version__.partition("+")[0] or session["versions"]["torch"] == torch.__version__
    )
    assert session["machine"]["cpu"] and session["machine"]["cores"]
    assert list(head["stages"]) == ["base", "head"] and head["stages"]["base"]["updates"] == 40
    table = result.table()
    assert list(table.columns) == ["update", "step", "examples", "seconds", "split", "name", "value"]
    assert set(table["name"]) == {"base/loss", "base/distance", "head/loss", "head/distance"}
    picture = (result.run_dir / "plot.svg").read_text()
    assert "head/distance" in picture and "toy-paper.two, seed 4" in picture
    plot.draw(result.run_dir / "metrics.csv", TWO.plots, Path("again.svg"), "toy-paper.two, seed 4")
    assert Path("again.svg").read_text() == picture


def test_a_finished_run_is_not_trained_again(monkeypatch):
    first = nets.run(TWO, SMOKE)
    monkeypatch.setattr(loop, "train_stage", None)
    assert nets.run(TWO, SMOKE) == first and nets.run(TWO, SMOKE, resume=True) == first


def test_equal_runs_have_equal_files_and_seeds_differ():
    first, again = (nets.run(TWO, SMOKE, out=out) for out in ("a", "b"))
    other = nets.run(TWO, SMOKE.with_values({"seed": 1}), out="a")
    assert same(first, again) and not same(first, other)
    assert torch.equal(weights(first, "head"), weights(again, "head"))


@pytest.mark.parametrize("stage, update", [("base", 7), ("base", 33), ("head", 1), ("head", 12)])
def test_a_run_that_broke_off_goes_on_to_the_same_end(monkeypatch, stage, update):
    whole = nets.run(TWO, SMOKE, out="whole")

    class PowerCut(BaseException):
        pass

    def cut(name, *rest):
        learner = toy_experiment.make(name, *rest)
        real = learner.update

        def one():
            if name == stage and learner.updates == update:
                raise PowerCut
            real()

        learner.update = one
        return learner

    stages = tuple(dataclasses.replace(s, make=lambda *a, name=s.name: cut(name, *a)) for s in TWO.stages)
    with pytest.raises(PowerCut):
        nets.run(dataclasses.replace(TWO, stages=stages), SMOKE)
    with pytest.raises(InputError, match="out: runs/.* holds a run that was begun; go on with it"):
        nets.run(TWO, SMOKE)
    result = nets.run(TWO, SMOKE, resume=True)
    assert result.status == "done" and same(result, whole) and result.metrics == whole.metrics
    assert len(json.loads((result.run_dir / "run.json").read_text())["sessions"]) == 2


def test_a_diverged_run_says_so_and_keeps_what_was_good():
    config = SMOKE.with_values({"bad_at": 25})
    result = nets.run(TWO, config)
    assert result.status == "diverged" and result.reason.startswith("base diverged at update 30: train/loss is nan")
    assert bool(weights(result, "base").isfinite().all()) and not (result.run_dir / "head").exists()
    assert nets.run(TWO, config).status == "diverged"
    json.loads((result.run_dir / "run.json").read_text(), parse_constant=lambda name: pytest.fail(name))


def test_an_error_is_kept_as_the_reason():
    with pytest.raises(RuntimeError, match="the toy broke"):
        nets.run(TWO, SMOKE.with_values({"fail_at": 5}))
    [head] = Path("runs").glob("*/run.json")
    told = json.loads(head.read_text())
    assert told["status"] == "failed" and told["reason"] == "RuntimeError: the toy broke as it was told"


def test_a_model_is_loaded_with_its_config_and_vocabulary():
    result = nets.run(TWO, SMOKE)
    loaded = nets.load(result.run_dir)
    assert loaded.experiment is TWO and loaded.config == SMOKE and loaded.vocabulary == "ab" and not loaded.model.training
    x = torch.tensor([[1.0, -2.0, 3.0], [0.5, 2.0, 0.25]])
    np.testing.assert_allclose(loaded.model(x).detach().numpy()[:, 0], x.numpy() @ regression(SMOKE), rtol=1e-4, atol=1e-6)
    assert torch.equal(nets.load(result.run_dir, "best").model.weight, loaded.model.weight)  # the distance fell to the end
    with pytest.raises(InputError, match="run: there is none in nowhere"):
        nets.load("nowhere")


def test_a_model_of_ones_own_experiment_is_loaded_with_it():
    own = dataclasses.replace(TWO, name="own.two")
    result = own.run(SMOKE, out="runs")
    with pytest.raises(InputError, match="experiment: unknown name 'own.two'"):
        nets.load(result.run_dir)
    assert torch.equal(nets.load(result.run_dir, experiment=own).model.weight.flatten(), weights(result, "head").flatten())
    with pytest.raises(InputError, match="is a run of own.two, not of toy-paper.two"):
        nets.load(result.run_dir, experiment=TWO)


# ---- stages from other runs


def test_a_stage_taken_from_another_run_gives_what_training_it_gives():
    first = nets.run(TWO, SMOKE)
    config = SMOKE.with_values({"head_lr": 0.1})
    trained = nets.run(TWO, config, out="trained")
    taken = nets.run(TWO, config, start_from=f"{first.run_dir}/base")
    assert same(taken, trained) and torch.equal(weights(taken, "head"), weights(trained, "head"))
    stages = json.loads((taken.run_dir / "run.json").read_text())["stages"]
    assert stages["base"]["taken_from"] == str(first.run_dir) and "taken_from" not in stages["head"]
    assert not list(taken.run_dir.glob(".*"))


def test_of_runs_that_differ_by_their_seed_the_one_with_this_seed_is_taken():
    first, _ = (nets.run(TWO, SMOKE.with_values({"seed": seed})) for seed in (0, 1))
    config = SMOKE.with_values({"head_lr": 0.1, "seed": 1})
    assert same(nets.run(TWO, config, start_from=f"{first.run_dir}/base"), nets.run(TWO, config, out="trained"))


REFUSED = [
    ({"lr": 0.1}, "base", "differs in what stage base depends on: lr is 0.05 there and 0.1 here"),
    ({"lr": 0.1}, "head", "differs in what stage head depends on: lr is 0.05 there and 0.1 here"),
    ({"updates": 50, "lr": 0.1}, "base", "updates is 40 there and 50 here"),
    ({"head_lr": 0.1}, "head", "head_lr is 0.02 there and 0.1 here"),
    ({"threads": 2}, "base", "threads is 1 there and 2 here"),
    ({"precision": "64-true"}, "base", "precision is 32-true there and 64-true here"),
    ({"seed": 3}, "base", "seed is 0 there and 3 here"),
    ({"head_lr": 0.1}, "basis", "from: toy-paper.two has no stage 'basis'; did you mean base?"),
]


@pytest.mark.parametrize("values, stage, message", REFUSED)
def test_a_stage_that_would_differ_is_refused_with_the_first_field_that_does(values, stage, message):
    first = nets.run(TWO, SMOKE)
    with pytest.raises(InputError) as caught:
        nets.run(TWO, SMOKE.with_values(values), start_from=f"{first.run_dir}/{stage}")
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert len(list(Path("runs").iterdir())) == 1  # nothing was begun


def test_the_hash_of_a_stage_is_of_its_fields_and_of_those_it_needs():
    base, head = (lambda c, name=name: take.stage_hash(TWO, name, c) for name in ("base", "head"))
    for name, in_base, in_head in [("lr", True, True), ("head_lr", False, True), ("threads", True, True), ("seed", False, False)]:
        changed = SMOKE.with_values({name: 2})
        assert ((base(SMOKE) != base(changed)), (head(SMOKE) != head(changed))) == (in_base, in_head)
    assert take.stage_hash(ONE, "base", SMOKE) == config_hash(SMOKE)  # no fields named: all of them


# ---- folders that are not this run's


def test_a_folder_of_another_config_is_refused():
    result = nets.run(TWO, SMOKE)
    other = SMOKE.with_values({"lr": 0.1})
    result.run_dir.rename(Path("runs", folders.folder_name(TWO, other)))
    with pytest.raises(InputError, match=r"was made with another config: lr is 0.05 there and 0.1 here"):
        nets.run(TWO, other)


@pytest.mark.parametrize("content, message", [(None, "holds other files"), ("{", "can't read"), ("{}", "is not of a run")])
def test_what_is_no_run_is_refused(content, message):
    path = Path("runs", folders.folder_name(TWO, SMOKE))
    path.mkdir(parents=True)
    (path / ("notes.txt" if content is None else "run.json")).write_text(content or "mine")
    with pytest.raises(InputError, match=message):
        nets.run(TWO, SMOKE)


def test_two_processes_never_train_in_one_folder():
    path = Path("runs", folders.folder_name(TWO, SMOKE))
    with folders.locked(path), pytest.raises(InputError, match="another process trains in"):
        nets.run(TWO, SMOKE)
    assert nets.run(TWO, SMOKE).status == "done"


def test_wrong_arguments_are_told_in_one_line():
    with pytest.raises(InputError, match="experiment: unknown name 'toy-paper.to'; did you mean toy-paper.two"):
        nets.run("toy-paper.to")
    with pytest.raises(InputError, match="config: Config is none of toy-paper.two; give a ToyConfig"):
        nets.run(TWO, nets.Config())
    assert isinstance(SMOKE, ToyConfig)


def test_a_finished_run_is_returned_without_torch(tmp_path):
    nets.run(TWO, SMOKE)
    code = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1])]!r}
import nets
from nets.core import registry
registry.MODULES = ("toy_experiment",)
print(nets.run("toy-paper.two").status, "torch" in sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["done", "False"]

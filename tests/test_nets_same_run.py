"""What a run is: its data and the run that a stage was taken from belong to it; neither argument is passed over in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import toy_experiment
from killed_run import without_seconds
from toy_experiment import TWO

import nets
from driftproof import cli
from nets.core import registry
from nets.rtrl import experiments
from theory.errors import InputError

SMOKE = TWO.presets["smoke"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "MODULES", ("toy_experiment",))
    monkeypatch.chdir(tmp_path)


def reading(monkeypatch):
    """The two-stage toy as one that learns from the file "data" of a folder."""

    def facts(config, folder):
        content = Path(folder or "usual", "data").read_text()
        return {"sha256": {"text": content}, "source": str(folder or "usual")}

    def make(stage):
        def made(config, context):
            learner = stage.make(config, context)
            context.facts["data"] = facts(config, context.data_root)
            return learner

        return replace(stage, make=made)

    experiment = replace(TWO, stages=tuple(map(make, TWO.stages)), data=facts)
    monkeypatch.setattr(toy_experiment, "EXPERIMENTS", (experiment,))
    for folder, content in (("usual", "one"), ("copy", "one"), ("other", "two")):
        Path(folder).mkdir()
        Path(folder, "data").write_text(content)
    return experiment


def test_a_finished_run_is_told_for_the_same_data_wherever_it_lies_and_refused_for_other_data(monkeypatch):
    experiment = reading(monkeypatch)
    first = nets.run(experiment, SMOKE)
    assert nets.run(experiment, SMOKE, data="copy").metrics == first.metrics
    with pytest.raises(InputError, match=r"^data: runs/\S+ has learned from usual, and other has another hash; name the folder"):
        nets.run(experiment, SMOKE, data="other")
    Path("usual/data").unlink()
    assert nets.run(experiment, SMOKE).metrics == first.metrics  # nothing is read for what is finished
    assert nets.run(experiment, SMOKE, data="other", out="elsewhere").status == "done"


def test_a_run_is_not_gone_on_with_on_other_data(monkeypatch):
    experiment = reading(monkeypatch)
    config = SMOKE.with_values({"fail_at": 25})
    with pytest.raises(RuntimeError):
        nets.run(experiment, config)
    with pytest.raises(InputError, match="data: .* has another hash"):
        nets.run(experiment, config, resume=True, data="other")
    with pytest.raises(RuntimeError):
        nets.run(experiment, config, resume=True, data="copy")
    Path("usual/data").write_text("another version of the same package")
    with pytest.raises(InputError, match="data: .* has another hash"):
        nets.run(experiment, config, resume=True)


def test_a_stage_is_not_taken_from_a_run_on_other_data(monkeypatch):
    experiment = reading(monkeypatch)
    first = nets.run(experiment, SMOKE)
    config = SMOKE.with_values({"head_lr": 0.1})
    with pytest.raises(InputError, match="data: .* has another hash"):
        nets.run(experiment, config, start_from=f"{first.run_dir}/base", data="other")
    assert len(list(Path("runs").iterdir())) == 1  # nothing was begun
    assert nets.run(experiment, config, start_from=f"{first.run_dir}/base", data="copy").status == "done"


def test_a_finished_run_is_told_again_only_if_its_stage_is_from_where_it_is_asked_to_be():
    first = nets.run(TWO, SMOKE)
    again = nets.run(TWO, SMOKE, out="again")  # the same numbers, another training
    config = SMOKE.with_values({"head_lr": 0.1})
    taken = nets.run(TWO, config, start_from=f"{first.run_dir}/base")
    before = without_seconds(taken.run_dir / "metrics.csv")
    assert nets.run(TWO, config, start_from=f"{first.run_dir}/base").metrics == taken.metrics
    assert nets.run(TWO, config).metrics == taken.metrics  # where nothing is asked, nothing is refused
    with pytest.raises(InputError, match=rf"^from: {taken.run_dir} is not from {again.run_dir}: its stage base was taken"):
        nets.run(TWO, config, start_from=f"{again.run_dir}/base")
    trained = nets.run(TWO, config, out="trained")
    with pytest.raises(InputError, match=rf"from: {trained.run_dir} is not from .*: its stage base was trained there;"):
        nets.run(TWO, config, out="trained", start_from=f"{first.run_dir}/base")
    with pytest.raises(InputError, match="run: there is none in nowhere"):
        nets.run(TWO, config, start_from="nowhere/base")
    assert without_seconds(taken.run_dir / "metrics.csv") == before


def test_a_stage_is_known_again_when_the_folders_have_moved():
    first = nets.run(TWO, SMOKE)
    config = SMOKE.with_values({"head_lr": 0.1})
    taken = nets.run(TWO, config, start_from=f"{first.run_dir}/base")
    Path("runs").rename("moved")
    source = f"moved/{first.run_dir.name}/base"
    assert nets.run(TWO, config, out="moved", start_from=source).metrics == taken.metrics


def test_the_command_refuses_in_one_line(capsys):
    for command in (["--out", "a"], ["--out", "b"], ["--out", "a", "--set", "head_lr=0.1"]):
        assert cli.main(["train", "toy-paper.two", *command]) == 0
    capsys.readouterr()
    [source] = [path.parent for path in Path("b").glob("*/run.json")]
    assert cli.main(["train", "toy-paper.two", "--out", "a", "--set", "head_lr=0.1", "--from", f"{source}/base"]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("driftproof: from: a/toy-paper.two-") and shown.err.count("\n") == 1
    heads = [json.loads(path.read_text()) for path in Path("a").glob("*/run.json")]
    assert all(len(head["sessions"]) == 1 for head in heads)  # nothing was begun anew


def test_the_text_of_a_language_model_is_part_of_the_run(tmp_path):
    copy, charlm = experiments.EXPERIMENTS[:2]
    facts = charlm.data(charlm.presets["smoke"], None)
    assert facts["name"] == "topics" and len(facts["sha256"]["text"]) == 64
    assert copy.data(copy.presets["smoke"], tmp_path) is None

"""Divergence that stays finite: a loss far above that of a predictor that knows nothing ends a stage, and nothing else does."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from nets_learners import Autograd, Settings, stage

import nets
from nets.core import checkpoint, data, launch
from nets.core.config import Config, Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent
from theory.errors import InputError

RECORDS = sorted((Path(__file__).parents[1] / "records").glob("*/*.json"))


class Growing(Autograd):
    """A loss that is what ``losses`` says, update by update, the last one for good; a guess comes to 2."""

    losses = (1.0,)

    def gradients(self):
        super().gradients()
        return self.losses[min(self.steps, len(self.losses) - 1)]

    def baseline(self):
        return {"loss": 2.0, "never measured": 1.0}


def train(folder, losses, resume=False, **values):
    config = Settings(log_every=1, checkpoint_every=4, evaluate_every=100, **values)
    kind = type("Told", (Growing,), {"losses": losses})
    return train_stage(stage(kind), config, launch.context(config, Hardware()), folder, resume=resume, watch=Silent())


def test_a_loss_that_explodes_ends_the_stage_and_the_last_good_checkpoint_is_kept(tmp_path):
    losses = (*(1.0,) * 10, 7.0, 19.0, 21.5)
    result = train(tmp_path, losses)
    assert (result.status, result.updates) == ("diverged", 13)
    assert result.reason == (
        "main diverged at update 13: train/loss is 21.5, more than diverged_above=10 times the 2 of a predictor that knows "
        "nothing; the checkpoint of update 12 is kept"
    )
    assert checkpoint.read(tmp_path / "main/last.pt")["update"] == 12
    again = train(tmp_path, losses, resume=True)
    assert (again.status, again.reason) == ("diverged", result.reason)


def test_a_loss_of_just_the_limit_is_none(tmp_path):
    assert train(tmp_path / "at", (20.0,)).status == "done"
    assert train(tmp_path / "above", (20.1,)).status == "diverged"
    assert train(tmp_path / "set", (20.1,), diverged_above=11.0).status == "done"
    assert train(tmp_path / "closer", (2.1,), diverged_above=1.0).status == "diverged"


def test_without_a_limit_only_what_is_not_finite_ends_it(tmp_path):
    assert train(tmp_path / "large", (1e30,), diverged_above=None).status == "done"
    assert train(tmp_path / "inf", (math.inf,), diverged_above=None).status == "diverged"


def test_a_number_that_is_not_finite_is_told_as_such(tmp_path):
    assert "train/loss is inf; the checkpoint" in train(tmp_path, (1.0, math.inf)).reason


def test_a_limit_below_what_guessing_comes_to_is_refused():
    with pytest.raises(InputError, match=r"diverged_above: 0.5 must be at least 1"):
        Config(diverged_above=0.5)
    assert Config().with_values({"diverged_above": "none"}).diverged_above is None


SMOKE = {name: nets.experiment(name).presets["smoke"] for name in ("ok-rtrl.copy", "ok-rtrl.charlm")}


@pytest.mark.parametrize("method", ["kf", "uoro", "tbptt"])
@pytest.mark.parametrize("name", SMOKE)
def test_a_learning_rate_of_100_is_found_out_in_finite_losses(tmp_path, name, method):
    result = nets.run(name, replace(SMOKE[name], lr=100.0, method=method), out=tmp_path)
    assert result.status == "diverged" and math.isfinite(result.metrics["train/bits"])
    assert "times the 2 of" in result.reason if name == "ok-rtrl.copy" else "times the 4.954 of" in result.reason


@pytest.mark.parametrize("values", [{"lr": 1.0, "method": "uoro"}, {"std": 3.0}])
@pytest.mark.parametrize("name", SMOKE)
def test_neither_a_bad_start_nor_a_poor_rate_is_taken_for_divergence(tmp_path, name, values):
    result = nets.run(name, replace(SMOKE[name], **values), out=tmp_path)
    assert result.status == "done"
    worst = max(result.table().query("name == 'bits' and split == 'train'").value)
    assert worst > math.log2(4 if name == "ok-rtrl.copy" else 31)  # worse than guessing for a while, and yet none


def test_no_recorded_run_came_near_the_limit():
    assert RECORDS
    worst = dict.fromkeys(SMOKE, 0.0)
    for path in RECORDS:
        found = json.loads(path.read_text())
        experiment = found["experiment"].replace("kf-rtrl", "ok-rtrl")
        for seed in found["seeds"].values():
            worst[experiment] = max(worst[experiment], *(row[3] for row in seed["curves"]["train/bits"]))
    symbols = {"ok-rtrl.copy": 4, "ok-rtrl.charlm": len(data.load_text("docs5m").vocabulary)}
    for name, bits in worst.items():
        assert 0 < bits < 0.2 * Config().diverged_above * math.log2(symbols[name])

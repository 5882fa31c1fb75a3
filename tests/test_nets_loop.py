"""The training loop: what is written when, how a stage ends, and what its checkpoints hold."""

from __future__ import annotations

import csv
import io
import os
import signal
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from killed_run import without_seconds
from nets_learners import Autograd, Dropped, Evolution, Online, Settings, stage
from rich.console import Console

from nets.core import checkpoint, launch, progress, seeding, stopping
from nets.core.config import Hardware
from nets.core.loop import train_stage
from theory.errors import InputError

torch.set_num_threads(1)


class Heard(progress.Silent):
    def __init__(self):
        self.lines, self.updates = [], []

    def update(self, *told):
        self.updates.append(told)

    def say(self, line):
        self.lines.append(line)


def train(kind, folder, watch=None, resume=False, options={}, **values):  # noqa: B006 - never changed
    stage_options = {name: options[name] for name in ("name", "best") if name in options}
    loop_options = {name: options[name] for name in ("prefix", "tensorboard") if name in options}
    config = Settings(**values)
    context = launch.context(config, Hardware())
    return train_stage(
        stage(kind, **stage_options), config, context, folder, resume=resume, watch=watch or Heard(), **loop_options
    )  # fmt: skip


def rows(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_metrics_are_written_when_they_are_due_and_at_the_end(tmp_path):
    watch = Heard()
    result = train(Autograd, tmp_path, watch, updates=23, log_every=5, evaluate_every=10, checkpoint_every=50)
    updates = {(row["split"], row["name"]): [] for row in rows(tmp_path)}
    for row in rows(tmp_path):
        updates[row["split"], row["name"]].append(int(row["update"]))
        assert (int(row["step"]), int(row["examples"])) == (int(row["update"]), 8 * int(row["update"]))
    assert updates == {
        ("train", "loss"): [5, 10, 15, 20, 23], ("valid", "size"): [10, 20, 23], ("valid", "half"): [10, 20, 23],
        ("test", "size"): [10, 20, 23],
    }  # fmt: skip
    seconds = [float(row["seconds"]) for row in rows(tmp_path)]
    assert seconds == sorted(seconds) and 0 <= seconds[0] <= seconds[-1] <= result.seconds + 1e-3
    assert (result.status, result.updates, result.steps, result.examples) == ("done", 23, 23, 184)
    assert result.metrics == {f"{row['split']}/{row['name']}": float(row["value"]) for row in rows(tmp_path)[-4:]}
    assert [told[:3] for told in watch.updates] == [(u, 23, 8 * u) for u in range(1, 24)] and not watch.lines
    assert checkpoint.read(tmp_path / "main/last.pt")["update"] == 23


def test_measured_is_the_mean_since_the_last_time(tmp_path):
    losses = []

    class Told(Autograd):
        def gradients(self):
            losses.append(float(super().gradients()))
            return losses[-1]

    train(Told, tmp_path, updates=12)
    measured = [float(row["value"]) for row in rows(tmp_path) if row["split"] == "train"]
    assert measured == pytest.approx([np.mean(losses[:5]), np.mean(losses[5:10]), np.mean(losses[10:])], rel=1e-12)


@pytest.mark.parametrize("kind", [Autograd, Online, Dropped, Evolution])
def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path, kind):
    torch.rand(7)  # what happened before in the process doesn't matter
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        train(kind, tmp_path / name, seed=seed)
        np.random.random()  # noqa: NPY002
    one, same, other = (without_seconds(tmp_path / name / "metrics.csv") for name in ("one", "same", "other"))
    assert one == same != other and len(one) == 1 + 4 + 3 * 2


def test_a_complete_stage_is_not_made_again(tmp_path):
    first = train(Autograd, tmp_path)
    before = (tmp_path / "metrics.csv").read_bytes()
    again = train(None, tmp_path, resume=True)  # nothing that could make a learner
    assert (again.status, again.updates, again.examples, again.metrics) == ("done", 20, 160, first.metrics)
    assert (tmp_path / "metrics.csv").read_bytes() == before
    longer = train(Autograd, tmp_path, resume=True, updates=30)
    assert longer.updates == 30 and longer.seconds > first.seconds
    train(Autograd, tmp_path / "whole", updates=30)
    assert without_seconds(tmp_path / "metrics.csv") == without_seconds(tmp_path / "whole/metrics.csv")


def test_a_folder_that_holds_the_stage_is_refused_unless_it_is_resumed(tmp_path):
    train(Autograd, tmp_path)
    with pytest.raises(InputError, match="it holds a checkpoint already; resume that run, or give another folder"):
        train(Autograd, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_update_end_and_keeps_a_checkpoint_of_it(tmp_path, number):
    class Stopped(Autograd):
        def gradients(self):
            if self.steps == 6:
                os.kill(os.getpid(), number)
            return super().gradients()

    before = signal.getsignal(number)
    result = train(Stopped, tmp_path)
    assert (result.status, result.updates, result.steps) == ("stopped", 7, 7)
    assert checkpoint.read(tmp_path / "main/last.pt")["update"] == 7 and signal.getsignal(number) is before


def test_a_second_interrupt_ends_at_once():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stopping.Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError
    assert signal.getsignal(signal.SIGINT) is before


class Measured(Autograd):
    """A loss that is inf once, after good parameters."""

    def gradients(self):
        return super().gradients() if self.steps != 11 else float("inf")


class Exploded(Autograd):
    """A parameter that isn't finite, while no measured number shows it."""

    def update(self):
        super().update()
        if self.steps == 11:
            next(self.model.parameters()).data[0] = -torch.inf

    def measure(self):
        return {}


class Undecomposed(Autograd):
    """A decomposition of what isn't finite, as some estimators make."""

    def gradients(self):
        torch.linalg.cholesky(torch.full((2, 2), torch.nan if self.steps == 11 else 0.0) + torch.eye(2))
        return super().gradients()


@pytest.mark.parametrize(
    ("kind", "update", "said"),
    [(Measured, 15, "train/loss is inf"), (Exploded, 15, "a parameter isn't finite"), (Undecomposed, 12, "linalg.cholesky: ")],
)
def test_what_is_not_finite_ends_the_stage_and_the_last_good_checkpoint_is_kept(tmp_path, kind, update, said):
    watch = Heard()
    result = train(kind, tmp_path, watch, evaluate_every=100)
    assert (result.status, result.updates) == ("diverged", update)
    assert watch.lines == [result.reason] and "\n" not in result.reason
    assert result.reason.startswith(f"main diverged at update {update}: {said}")
    assert result.reason.endswith("the checkpoint of update 10 is kept")
    found = checkpoint.read(tmp_path / "main/last.pt")
    assert found["update"] == 10 and all(bool(p.isfinite().all()) for p in found["model"].values())
    again = train(kind, tmp_path, resume=True, evaluate_every=100)
    assert (again.status, again.reason) == ("diverged", result.reason)


def test_another_error_is_not_taken_for_divergence(tmp_path):
    class Broken(Autograd):
        def gradients(self):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        train(Broken, tmp_path)


@pytest.mark.parametrize(("best", "chosen"), [("", min), ("valid/half", min), ("-test/size", max)])
def test_the_best_model_is_the_one_of_the_named_metric(tmp_path, best, chosen):
    class Wandering(Autograd):
        sizes = (3.0, 1.0, 2.0, 5.0, 4.0)

        def evaluate(self):
            size = self.sizes[self.steps // 4 - 1]
            return {"test": {"size": size}, "valid": {"loss": size, "half": size / 2}}

    train(Wandering, tmp_path, evaluate_every=4, options={"best": best})
    at = 4 * (1 + Wandering.sizes.index(chosen(Wandering.sizes)))
    found = checkpoint.read(tmp_path / "main/best.pt")
    assert found["update"] == at
    config = Settings()
    learner = Autograd(config, launch.context(config, Hardware()))
    for _ in range(at):
        learner.update()
    assert all(torch.equal(p, found["model"][name]) for name, p in learner.model.state_dict().items())


def test_what_no_checkpoint_can_hold_is_refused_before_the_first_update(tmp_path):
    class Odd(Autograd):
        def state_dict(self):
            return {**super().state_dict(), "means": [1.0, np.float64(2.0)]}

    watch = Heard()
    with pytest.raises(TypeError, match=r"state_dict\(\)\['learner'\]\['means'\]\[1\] is a numpy.float64"):
        train(Odd, tmp_path, watch)
    assert not watch.updates


def test_stages_share_a_table_and_a_later_one_that_is_gone_on_with_keeps_the_rows_of_earlier_ones(tmp_path):
    class Dies(Online):
        def gradients(self):
            if self.steps == 17:
                raise RuntimeError
            return super().gradients()

    for folder in ("one", "other"):
        train(Autograd, tmp_path / folder, options={"name": "base", "prefix": "base/"})
    top = {"name": "top", "prefix": "top/"}
    train(Online, tmp_path / "one", options=top)
    with pytest.raises(RuntimeError):
        train(Dies, tmp_path / "other", options=top)
    train(Online, tmp_path / "other", resume=True, options=top)
    assert without_seconds(tmp_path / "one/metrics.csv") == without_seconds(tmp_path / "other/metrics.csv")
    names = [row["name"] for row in rows(tmp_path / "one")]
    assert names == [name.replace("top/", "base/") for name in names[:10]] + [n.replace("base/", "top/") for n in names[:10]]


def test_tensorboard_gets_the_numbers_of_the_table(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    train(Autograd, tmp_path, updates=10, options={"tensorboard": True})
    train(Autograd, tmp_path, resume=True, options={"tensorboard": True})
    events = EventAccumulator(str(tmp_path / "tensorboard/main"))
    events.Reload()
    told = {(tag, event.step): event.value for tag in events.Tags()["scalars"] for event in events.Scalars(tag)}
    wanted = {(f"{row['split']}/{row['name']}", int(row["update"])): float(row["value"]) for row in rows(tmp_path)}
    assert told == pytest.approx(wanted, rel=1e-6) and len(told) == 10


def test_without_tensorboard_it_is_not_imported(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    assert train(Autograd, tmp_path / "one", updates=5).status == "done"
    with pytest.raises(InputError, match="tensorboard: not installed"):
        train(Autograd, tmp_path / "other", updates=5, options={"tensorboard": True})


@pytest.mark.parametrize(
    ("precision", "parameters", "products"),
    [
        ("32-true", torch.float32, torch.float32),
        ("64-true", torch.float64, torch.float64),
        ("bf16-mixed", torch.float32, torch.bfloat16),
    ],
)
def test_the_precision_holds_for_parameters_and_for_products(tmp_path, precision, parameters, products):
    seen = set()

    class Seeing(Autograd):
        def gradients(self):
            weight = next(self.model.parameters())
            seen.add((weight.dtype, (weight @ weight.T).dtype, self.optimiser.param_groups[0]["params"][0].dtype))
            return super().gradients()

    assert train(Seeing, tmp_path, updates=5, precision=precision).status == "done"
    assert seen == {(parameters, products, parameters)} and torch.get_default_dtype() == torch.float32
    assert checkpoint.read(tmp_path / "main/last.pt")["model"]["0.weight"].dtype == parameters


def test_hardware_and_precision_that_cannot_be_used_are_refused():
    with pytest.raises(InputError, match="precision: '16-mixed' must be one of"):
        launch.context(Settings(precision="16-mixed"), Hardware())  # it would need losses scaled, and nothing does that
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="devices: 1 CUDA devices are asked for and 0 found"):
            launch.context(Settings(), Hardware(device="cuda"))
    context = launch.context(Settings(threads=2), Hardware(device="auto"))
    assert (context.rank, context.processes, torch.get_num_threads()) == (0, 1, 2)
    assert context.device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    seeding.set_up(1)


def test_the_bar_tells_throughput_and_metrics_and_says_lines_above(monkeypatch):
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))  # not the clock of other threads
    screen = io.StringIO()
    with progress.Bar("copy [seed 0]", Console(file=screen, width=150, force_terminal=True, _environ={})) as bar:
        bar.update(1, 200, 100, {})
        bar.update(200, 200, 2100, {"train/bits": 1.25})
        bar.say("a line [of text]")
    text = screen.getvalue()
    assert all(word in text for word in ("copy [seed 0]", "200/200", "1,000 examples/s", "train/bits 1.25", "a line [of text]"))


def test_a_bar_is_for_terminals_and_what_must_be_known_is_said_without_one_too(capsys):
    quiet = progress.watch("x")
    quiet.update(1, 2, 3, {})
    quiet.say("known")
    assert isinstance(quiet, progress.Silent) and capsys.readouterr() == ("", "known\n")
    assert isinstance(progress.watch("x", show=True), progress.Bar)


def test_without_a_terminal_there_is_a_line_every_half_minute_with_the_time_left(monkeypatch, capsys):
    clock = iter([0.0, 20.0, 30.0, 59.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    lines = progress.watch("copy")
    for done in (100, 150, 200, 250):  # a resumed run: the rate is that of the updates seen, 100 in 30 s
        lines.update(done, 500, done, {"train/bits": 1.25})
    assert capsys.readouterr().err == "copy: 200 of 500 updates, about 90 s left, train/bits 1.25\n"

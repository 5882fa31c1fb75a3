"""``driftproof train`` of the online experiments, killed at random moments and resumed, ends as if it never had been.

Equal byte for byte apart from seconds: the table of metrics, and the last and the best checkpoint with all parameters.
"""

from __future__ import annotations

from pathlib import Path

from killed_run import assert_all_survive_kills

COMMAND = Path(__file__).with_name("nets_command.py")
SMALL = {"units": 6, "batch": 3, "log_every": 3, "checkpoint_every": 10}
WINDOW = {"method": "tbptt", "window": 5, "log_every": 1, "checkpoint_every": 4}
RUNS = {
    "online, lanes that start anew": ("ok-rtrl.copy", {"steps": 90}),
    "exact": ("ok-rtrl.copy", {"method": "exact", "steps": 90}),
    "another estimator": ("kf-rtrl.copy", {"method": "kf", "steps": 90}),
    "windows side by side": ("ok-rtrl.copy", {**WINDOW, "stride": 5, "steps": 240}),
    "windows that overlap": ("ok-rtrl.copy", {**WINDOW, "stride": 1, "steps": 60}),
    "a text": ("ok-rtrl.charlm", {"reset_every": 7, "steps": 90, "evaluate_every": 15}),
}


def command(experiment, values):
    changes = [part for key, value in {**SMALL, **values}.items() for part in ("--set", f"{key}={value}")]
    return lambda folder: [COMMAND, folder, experiment, "--preset", "smoke", *changes]


def test_runs_that_are_killed_and_resumed_end_as_undisturbed_ones(tmp_path):
    assert_all_survive_kills({name: command(*run) for name, run in RUNS.items()}, tmp_path, stages=["train"], kills=3, seed=0)

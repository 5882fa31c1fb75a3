"""What was trained for the training claims of KF-RTRL and OK: methods, learning rates, seeds. Data only; imports no torch.

Both experiments are those of :mod:`nets.rtrl.experiments` with their ``cpu`` presets. Every method has the same learning rates
and the same number of trials; methods are compared at equal characters, not at equal updates or seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nets.core.config import Config
from nets.core.registry import experiment
from proofs_check.trials import Trained

RATES = {"lr=10^-1.5": 10**-1.5, "lr=10^-2": 10**-2, "lr=10^-2.5": 10**-2.5, "lr=10^-3": 10**-3}
"""From the largest to the smallest: of equal means the last one is chosen."""


def _grids(base: Any, methods: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Config]]:
    found = {}
    for name, changes in methods.items():
        one = replace(base, **changes)
        found[name] = {setting: replace(one, lr=lr) for setting, lr in RATES.items()}
    return found


_METHODS: dict[str, dict[str, Any]] = {
    "OK(4)": {"method": "ok", "rank": 4},
    "KF": {"method": "kf"},
    "UORO": {"method": "uoro"},
    "SnAp-1": {"method": "snap", "order": 1},
}


def _tbptt(*windows: int) -> dict[str, dict[str, Any]]:
    return {f"TBPTT-{window}": {"method": "tbptt", "window": window} for window in windows}


_CPU: Any = experiment("ok-rtrl.charlm").presets["cpu"]
_TEXT = replace(_CPU, steps=5000, evaluate_every=2500)

COPY = Trained(
    "ok-rtrl.copy", "train/T", True, 1.0, _grids(experiment("ok-rtrl.copy").presets["cpu"], {**_METHODS, **_tbptt(5, 25)}),
    (100, 101, 102), tuple(range(8)),
)  # fmt: skip
TEXT = Trained(
    "ok-rtrl.charlm", "valid/bits", False, 0.0, _grids(_TEXT, {**_METHODS, **_tbptt(1, 10)}), (100, 101, 102),
    tuple(range(10, 20)),
    tuple(range(5)),  # they were to decide first; their differences varied three times as much as those of the other pilots
)  # fmt: skip
TRAINED = (COPY, TEXT)

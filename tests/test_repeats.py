"""A recorded smoke run is trained anew: equal to the last bit, or other numbers; undecided where bits may differ."""

from __future__ import annotations

import json

import pytest

from nets.core import registry
from nets.core.records import load_record, record_path
from proofs_check import repeats
from proofs_check.claim import Setting
from proofs_check.trials import RECORDS

EXPERIMENT = "kf-rtrl.copy"
SETTING = Setting("quick", 0, 0.0, 0.0)


@pytest.fixture
def folder(tmp_path):
    """The project's record of the smoke run, to be changed."""
    found = registry.experiment(EXPERIMENT)
    name = record_path(found, found.presets["smoke"], tmp_path)
    name.parent.mkdir()
    name.write_bytes(record_path(found, found.presets["smoke"], RECORDS).read_bytes())
    return tmp_path, name


def test_one_changed_bit_of_a_curve_is_found(folder, monkeypatch):
    path, name = folder
    content = json.loads(name.read_text())
    monkeypatch.setattr(repeats, "cpu_type", lambda: content["seeds"]["0"]["machine"]["cpu"])
    found = load_record(EXPERIMENT, registry.experiment(EXPERIMENT).presets["smoke"], path).seeds[0]
    assert repeats.differences(found, found.metrics, found.curves) == []
    curve = next(iter(content["seeds"]["0"]["curves"]))
    value = content["seeds"]["0"]["curves"][curve][1][-1]
    content["seeds"]["0"]["curves"][curve][1][-1] = value * (1 + 2**-50)
    name.write_text(json.dumps(content))
    changed = load_record(EXPERIMENT, registry.experiment(EXPERIMENT).presets["smoke"], path).seeds[0]
    assert repeats.differences(changed, found.metrics, found.curves) == [f"curve of {curve}"]


def test_on_another_processor_nothing_is_decided(folder, monkeypatch):
    monkeypatch.setattr(repeats, "cpu_type", lambda: "an abacus")
    outcome = repeats.repeated(EXPERIMENT, folder[0])(SETTING)
    assert outcome.verdict == "inconclusive" and "abacus" in outcome.reason


def test_without_a_record_or_a_seed_of_it_nothing_is_decided(folder, tmp_path):
    path, name = folder
    content = json.loads(name.read_text())
    del content["seeds"]["1"]
    name.write_text(json.dumps(content))
    assert "seed 1 isn't recorded" in repeats.repeated(EXPERIMENT, path)(SETTING).reason
    name.unlink()
    outcome = repeats.repeated(EXPERIMENT, path)(SETTING)
    assert outcome.verdict == "inconclusive" and "there is no record" in outcome.reason

"""Claims about trained networks: the best setting is computed; a missing, stale or unfair record decides nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nets.core import registry
from nets.core.config import config_hash
from nets.core.folder import plain
from nets.core.jobs import attempt
from nets.core.records import record_path
from nets.core.sources import sources_hash
from proofs_check import recorded
from proofs_check.claims.rtrl import trained
from proofs_check.claims.rtrl.grids import COPY, RATES, TEXT
from proofs_check.training import decide, picture
from proofs_check.trials import Trained, chosen
from theory.files import version_of

BEST = {"OK(4)": 12, "KF": 7, "UORO": 4, "SnAp-1": 8, "TBPTT-5": 6, "TBPTT-25": 3}
ERROR = 0.002


def write(folder, one, config, values, **changed):
    """A record with these last values."""
    experiment = registry.experiment(one.experiment)
    seed = {
        "updates": 1, "steps": 1, "examples": 1, "seconds": 1.0, "machine": {"cpu": "made up"}, "data": None,
    }  # fmt: skip
    content = {
        "format": "driftproof record", "schema": 1, "experiment": one.experiment, "config": plain(config.to_dict()),
        "config_hash": config_hash(config), "torch": version_of("torch").partition("+")[0], "threads": 1,
        "sources": sources_hash(experiment),
        "seeds": {
            str(s): {**seed, "metrics": {one.metric: v}, "curves": {one.metric: [[1, 1, 10, v / 2], [2, 2, 20, v]]}}
            for s, v in values.items()
        },
        **changed,
    }  # fmt: skip
    path = record_path(experiment, config, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def folder(tmp_path):
    """Records of the copy task, best at 10^-2 and one less elsewhere; verdict seeds for the best setting alone."""
    for method, grid in COPY.grids.items():
        for setting, config in grid.items():
            best = setting == "lr=10^-2"
            seeds = (*COPY.tuning, *COPY.verdict) if best else COPY.tuning
            write(tmp_path, COPY, config, {s: float(BEST[method] - (not best)) + (s % 2 if method == "KF" else 0) for s in seeds})
    return tmp_path


def verdict(one, folder, mutant=False):
    return decide(one.comparison, one.evidence(folder), ERROR, one.effect, mutant)


@pytest.mark.parametrize("one", [c for c in trained.COMPARED if c.trained is COPY and c.effect], ids=lambda c: c.id)
def test_clear_records_are_consistent_and_swapped_labels_refuted(one, folder):
    assert verdict(one, folder).verdict == "consistent"
    assert verdict(one, folder, mutant=True).verdict == "refuted"


def test_what_the_pilot_gave_no_reason_to_claim_is_reported_and_not_claimed(folder):
    one = next(c for c in trained.COMPARED if c.id == "kf-copy-more-updates")
    assert one.id not in {claim.id for claim in trained.claims(folder)}
    assert verdict(one, folder).verdict == "inconclusive"
    assert "TBPTT-5 6, TBPTT-25 3; ahead by 3" in trained.found_lines(one, folder)


def test_the_picture_shows_mean_least_and_largest_of_both_methods_over_characters(folder):
    one = next(c for c in trained.COMPARED if c.id == "ok-copy-ahead-of-kf")
    found = picture(one.comparison, one.evidence(folder))
    assert (found.x, found.y) == ("thousand characters", "T")
    ok, kf = found.series
    assert (ok.label, ok.x, ok.y, ok.low, ok.high) == ("OK(4)", (0.01, 0.02), (6.0, 12.0), (6.0, 12.0), (6.0, 12.0))
    assert (kf.label, kf.y[1], kf.low[1], kf.high[1]) == ("KF", 7.5, 7.0, 8.0)


def test_the_setting_is_the_best_mean_and_of_equal_ones_the_smaller_rate():
    names = list(RATES)
    assert list(RATES.values()) == sorted(RATES.values(), reverse=True)
    assert chosen({"KF": {n: {100: 3.0} for n in names}}, True) == {"KF": names[-1]}
    assert chosen({"KF": {"a": {100: 1.0}, "b": {100: float("nan")}}}, False) == {"KF": "a"}


def test_a_missing_and_a_stale_record_leave_a_claim_undecided(folder, monkeypatch):
    monkeypatch.setattr("proofs_check.registry.TRAINING_ERROR_RATES", {c.id: ERROR for c in trained.COMPARED})
    claim = next(c for c in trained.claims(folder) if c.id == "ok-copy-ahead-of-kf")
    assert claim.run("quick").verdict == "consistent"
    config = COPY.grids["KF"]["lr=10^-3"]
    write(folder, COPY, config, dict.fromkeys(COPY.tuning, 6.0), sources="other")
    assert claim.run("quick").verdict == "inconclusive" and "stale" in claim.run("quick").outcome.reason
    record_path(registry.experiment(COPY.experiment), config, folder).unlink()
    assert claim.run("quick").verdict == "inconclusive" and "no record" in claim.run("quick").outcome.reason


def test_tuning_on_a_seed_of_the_verdict_is_unfair(folder):
    shared = replace(COPY, tuning=(0, *COPY.tuning))
    for grid in COPY.grids.values():
        for config in grid.values():
            write(folder, COPY, config, {s: 5.0 for s in (*shared.tuning, *COPY.verdict)})
    one = replace(next(c for c in trained.COMPARED if c.id == "ok-copy-ahead-of-kf"), trained=shared)
    outcome = verdict(one, folder)
    assert outcome.verdict == "inconclusive" and "tuned on seed 0" in outcome.reason


def test_every_method_has_the_same_rates_and_no_tuning_seed_decides():
    for one in (COPY, TEXT):
        assert all(list(grid) == list(RATES) for grid in one.grids.values())
        assert not set(one.tuning) & set(one.verdict)
        characters = {c.steps * c.batch for grid in one.grids.values() for c in grid.values()}
        rows = {c.steps // c.log_every for grid in one.grids.values() for c in grid.values()}
        assert len(characters) == 1 and len(rows) == 1 and rows.pop() <= 40


def test_only_what_is_missing_is_asked_for_and_the_verdict_waits_for_the_tuning(folder, tmp_path):
    assert recorded.needed(COPY, "tuning", folder) == recorded.needed(COPY, "verdict", folder) == []
    write(folder, COPY, COPY.grids["KF"]["lr=10^-2"], dict.fromkeys((*COPY.tuning, 0, 1), 7.0))
    assert {c.seed for c in recorded.needed(COPY, "verdict", folder)} == set(COPY.verdict) - {0, 1}
    with pytest.raises(recorded.NoRecord):
        recorded.needed(COPY, "verdict", tmp_path / "empty")


def in_this_process(jobs, workers, watch):
    """Runs without processes of their own, each of which would import torch."""
    outcomes = [attempt(job) for job in jobs]
    for number, outcome in enumerate(outcomes):
        watch.ended(number, outcome)
    return outcomes


def test_the_command_trains_both_passes_and_then_has_nothing_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recorded, "run_all", in_this_process)
    smoke = replace(registry.experiment("ok-rtrl.copy").presets["smoke"], method="uoro", steps=20, units=4)
    one = Trained("ok-rtrl.copy", "train/T", True, 1.0, {"UORO": {"a": smoke}}, (100,), (0,))
    monkeypatch.setattr(recorded, "trained", lambda paper=None: [one])
    given = ["--records", str(tmp_path / "records"), "--out", str(tmp_path / "runs")]
    assert recorded.main(given) == 0
    assert capsys.readouterr().err.count("1 runs to train") == 2
    assert one.evidence(["UORO"], tmp_path / "records").values["UORO"].keys() == {0}
    assert recorded.main(given) == 0 and capsys.readouterr().err.count("0 runs to train") == 2

"""Records: what a run came to, in a file that is committed; it stands as long as a run today would give the same."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from pathlib import Path

import pytest
import toy_experiment
from toy_experiment import ONE, TWO

import nets
from driftproof import cli
from nets.core import plot, records, registry, sources
from nets.core.config import config_hash
from nets.core.records import Record, load_record, record, record_path
from theory.errors import InputError

SMOKE = ONE.presets["smoke"]


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "MODULES", ("toy_experiment",))
    monkeypatch.setattr(plot, "draw", lambda *_: None)
    monkeypatch.chdir(tmp_path)


def made(seed=0, **values):
    return nets.run(ONE, SMOKE.with_values({"seed": seed, **values}))


def test_a_record_holds_what_the_run_came_to():
    results = made(seed=2)
    path = record(results)
    assert path == Path(f"records/toy-paper/one-{config_hash(SMOKE)}.json")
    found = load_record(ONE, SMOKE)
    assert isinstance(found, Record) and list(found.seeds) == [2] and found.threads == 1
    seed = found.seeds[2]
    assert seed.metrics == results.metrics and (seed.updates, seed.steps, seed.examples) == (40, 40, 160)
    assert seed.data == {"sum": "width 3"} and seed.machine["cpu"]
    rows = results.table()
    for name in ("train/loss", "valid/distance"):
        mine = rows[rows["split"] + "/" + rows["name"] == name]
        assert seed.curves[name] == mine[["update", "step", "examples", "value"]].values.tolist()
    assert found.values("train/loss") == [results.metrics["train/loss"]]
    with pytest.raises(InputError, match="train/loss of seed 7 isn't recorded"):
        found.values("train/loss", [7])


def test_a_further_seed_keeps_the_others_and_the_same_one_is_replaced():
    first, second = made(seed=5), made(seed=0)
    record(first)
    before = load_record(ONE, SMOKE).seeds[5]
    path = record(second)
    found = load_record(ONE, SMOKE)
    assert list(found.seeds) == [0, 5] and found.seeds[5] == before
    content = path.read_bytes()
    assert record(second).read_bytes() == content
    assert not [file for file in path.parent.iterdir() if file != path]


def test_long_curves_are_thinned_to_their_first_their_last_and_some_between():
    results = made(log_every=1, updates=200)
    curve = records.curves(results)["train/loss"]
    updates = [row[0] for row in curve]
    assert len(curve) == records.POINTS and updates[0] == 1 and updates[-1] == 200
    gaps = [b - a for a, b in itertools.pairwise(updates)]
    assert min(gaps) >= 5 and max(gaps) <= 6


def test_a_record_of_other_sources_or_another_torch_is_stale(monkeypatch):
    path = record(made())
    content = json.loads(path.read_text())
    for name, value, message in [
        ("torch", "1.0", "stale: it was made by torch 1.0, this is"),
        ("sources", "0" * 16, "stale: the sources of toy-paper.one have changed since"),
        ("config_hash", "x", "is of another run"),
        ("schema", 99, "isn't one that this version reads"),
    ]:
        path.write_text(json.dumps({**content, name: value}))
        assert message in load_record(ONE, SMOKE)
    path.write_text("{")
    assert "can't be read" in load_record(ONE, SMOKE)
    path.unlink()
    assert load_record(ONE, SMOKE).startswith(f"there is no record {path}")
    path.write_text(json.dumps(content))
    assert isinstance(load_record(ONE, SMOKE), Record)
    monkeypatch.setattr(records, "version_of", lambda package: "not installed")
    assert isinstance(load_record(ONE, SMOKE), Record)


def test_seeds_that_have_become_stale_are_dropped_when_a_new_one_comes():
    path = record(made(seed=0))
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "sources": "0" * 16}))
    record(made(seed=1))
    assert list(load_record(ONE, SMOKE).seeds) == [1]


def test_what_must_not_be_recorded_is_refused():
    diverged = made(bad_at=3)
    with pytest.raises(InputError, match="is diverged; only what is done is recorded"):
        record(diverged)
    results = made()
    file = results.run_dir / "run.json"
    head = json.loads(file.read_text())
    for change, message in [
        ({"sources": "0" * 16}, "was begun with other sources than it was ended with"),
        ({"threads": 4}, "was begun with other threads"),
        ({"versions": {"torch": "1.0"}}, "was begun with other torch"),
        ({"machine": {"cpu": "Z80"}}, "was begun on another type of processor"),
    ]:
        file.write_text(json.dumps({**head, "sessions": [{**head["sessions"][0], **change}, head["sessions"][0]]}))
        with pytest.raises(InputError, match=message):
            record(results)
    file.write_text(json.dumps({**head, "sessions": [{**head["sessions"][0], "sources": "0" * 16}]}))
    with pytest.raises(InputError, match="was made by older sources"):
        record(results)
    assert not Path("records").exists()


# ---- the hash of the sources


@pytest.fixture
def copy(tmp_path):
    """A copy of the package, to be changed."""
    shutil.copytree(sources.ROOT / "nets", tmp_path / "nets", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


EDITS = [
    ("core/loop.py", lambda s: s + "\nEXTRA = 1\n", True),
    ("core/context.py", lambda s: s.replace("/ self.processes", "/ (self.processes + 0)"), True),
    ("core/keyed.py", lambda s: s.replace("<< 33", "<< 32"), True),
    ("core/loop.py", lambda s: "# a comment\n" + s.replace('"""The training loop', '"""The loop'), False),
    ("core/run.py", lambda s: s + "\nEXTRA = 1\n", False),  # it keeps runs and computes nothing
    ("rtrl/protocol.py", lambda s: s + "\nEXTRA = 1\n", False),  # the toy doesn't import it
]


@pytest.mark.parametrize("file, edit, changes", EDITS)
def test_the_hash_changes_with_what_the_sources_say_and_with_nothing_else(copy, file, edit, changes):
    before = sources.sources_hash(ONE, copy)
    path = copy / "nets" / file
    text = path.read_text()
    assert edit(text) != text
    path.write_text(edit(text))
    assert (sources.sources_hash(ONE, copy) != before) is changes


def test_a_paper_s_own_sources_count_with_all_that_they_import(copy):
    paper = dataclasses.replace(ONE, sources=("nets.rtrl",))
    files = {path.relative_to(copy / "nets").as_posix() for path in sources.sources(paper, copy)}
    assert files >= {"rtrl/protocol.py", "core/loop.py", "core/keyed.py", "core/checkpoint.py", "core/experiment.py"}
    assert not files & {"core/run.py", "core/records.py", "core/plot.py", "core/jobs.py"}
    before = sources.sources_hash(paper, copy)
    (copy / "nets/rtrl/new_idea.py").write_text("X = 1\n")
    assert sources.sources_hash(paper, copy) != before
    assert sources.sources_hash(ONE) != sources.sources_hash(paper)
    assert Path(toy_experiment.__file__) in sources.sources(ONE)


# ---- the command


def test_record_keeps_all_seeds_in_one_file(capsys):
    status = cli.main(["train", "toy-paper.two", "--seeds", "1", "--record", "--json"])
    assert status == 0 and cli.main(["train", "toy-paper.two", "--seeds", "0", "--record", "--json"]) == 0
    err = capsys.readouterr().err
    path = record_path(TWO, TWO.presets["smoke"])
    assert err == f"recorded in {path}\n" * 2
    found = load_record("toy-paper.two", TWO.presets["smoke"])
    assert list(found.seeds) == [0, 1] and set(found.seeds[0].curves) >= {"train/base/loss", "train/head/loss"}

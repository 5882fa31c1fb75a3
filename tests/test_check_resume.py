"""A check that is stopped at any moment goes on where it was; what is kept is taken only where it still stands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from proofs_check import check, claims, progress, state
from proofs_check.claim import Outcome
from proofs_check.state import State
from theory.errors import InputError

VICTIM = Path(__file__).parent / "check_victim.py"


@pytest.fixture
def victim(tmp_path):
    """Run the program with the planted claims: (arguments, environment) to what it said and its exit status."""

    def call(*arguments, extra="", waits=(), start=False):
        environment = {
            **os.environ, "DRIFTPROOF_CACHE": str(tmp_path / "cache"), "VICTIM_LOG": str(tmp_path / "log"),
            "VICTIM_EXTRA": extra, "VICTIM_WAITS": " ".join(waits),
        }  # fmt: skip
        command = [sys.executable, str(VICTIM), *map(str, arguments)]
        if start:
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            return subprocess.Popen(command, env=environment, text=True, start_new_session=True, **pipes)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return call


def log(tmp_path):
    """How often each claim was decided."""
    path = tmp_path / "log"
    return Counter(path.read_text().split()) if path.exists() else Counter()


def rows(text):
    """The claims of a JSON document without their seconds."""
    return [{**claim, "seconds": 0} for claim in json.loads(text)["claims"]]


def without_progress(said):
    """The lines on standard error but for those that a check writes each ten seconds."""
    return [line for line in said.splitlines() if not re.match(r"checking claims: \d+ % done", line)]


def test_a_check_that_is_killed_at_random_moments_ends_with_the_same_report(victim, tmp_path):
    told = json.loads(victim("kill", tmp_path).stdout)
    assert told["same"] and told["statuses"].count(-signal.SIGKILL) >= 3 and told["statuses"][-1] == 0
    decided = log(tmp_path)  # ten by the first check; then one a kill may be decided twice: between its end and its keeping
    assert set(decided) == {f"drawn-{i}" for i in range(10)}
    assert 20 <= decided.total() <= 20 + len(told["statuses"])
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") and path.stat().st_size == 0]


def test_the_command_of_a_refuted_claim_refutes_it_alone_and_workers_make_no_difference(victim, tmp_path):
    several = victim("check", "--workers", "2", "--json", extra="too-low suicide broken")
    assert several.returncode == 1, several.stderr
    found = {claim["claim"]: claim for claim in json.loads(several.stdout)["claims"]}
    assert list(found) == ["too-low", "suicide", "broken", *(f"drawn-{i}" for i in range(10))]
    verdicts = {name: claim["verdict"] for name, claim in found.items()}
    assert [verdicts.pop(name) for name in ("too-low", "suicide", "broken")] == ["refuted", "failed", "failed"]
    assert set(verdicts.values()) == {"consistent"} and log(tmp_path).total() == 11

    alone = victim(*found["too-low"]["command"].split()[1:], "--json", extra="too-low")
    assert alone.returncode == 1
    assert rows(alone.stdout) == [{**found["too-low"], "seconds": 0}]
    one = victim("check", "--workers", "1", extra="too-low")
    assert one.returncode == 1 and "again: driftproof check --claim too-low --preset quick" in one.stdout
    cells = [line.split("\t") for line in one.stdout.splitlines() if line.startswith("drift-revisited\t")]
    assert [(row[1], row[8], row[9]) for row in cells] == [
        (name, claim["verdict"], str(claim["seed"])) for name, claim in found.items() if name not in ("suicide", "broken")
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_says_one_line_keeps_what_is_decided_and_leaves_nobody_behind(victim, tmp_path, workers):
    process = victim("check", "--workers", workers, waits=[f"drawn-{i}" for i in range(4, 10)], start=True)
    kept = tmp_path / "cache" / "check.json"
    _until(lambda: kept.exists() and json.loads(kept.read_text())["decided"])
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130 and out == ""
    assert without_progress(err) == ["driftproof: stopped by Ctrl-C; what is decided is kept, the same command goes on"]
    _until(lambda: not _group(process.pid))
    before = len(json.loads(kept.read_text())["decided"])
    assert 1 <= before <= 4
    first = log(tmp_path).total()
    again = victim("check", "--workers", 1, "--json")
    assert again.returncode == 0 and f"checking claims: {before} of 10 claims are taken from" in again.stderr
    assert log(tmp_path).total() == first + 10 - before
    assert json.loads(kept.read_text())["decided"] == {}  # it came to its end
    whole = victim("check", "--workers", 1, "--json")
    assert without_progress(whole.stderr) == [] and rows(whole.stdout) == rows(again.stdout)


def test_processes_end_with_a_parent_that_is_killed(victim, tmp_path):
    process = victim("check", "--workers", 2, waits=[f"drawn-{i}" for i in range(10)], start=True)
    _until(lambda: len(_children(process.pid)) == 3)  # two, and one of multiprocessing's
    children = _children(process.pid)
    process.kill()
    process.communicate(timeout=300)
    _until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def _until(holds, seconds=300):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def _group(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def _children(parent):
    path = Path(f"/proc/{parent}/task/{parent}/children")
    if not path.exists():
        pytest.skip("no /proc that lists children")
    return path.read_text().split()


def test_the_bar_says_how_long_it_takes_and_what_is_at_work(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    clock = iter((100.0, 110.0, 110.0))
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))  # not the clock of other threads
    with progress.Bar("checking claims") as bar:
        bar(1.0, 4.0, "onemax-mean, onemax-law")
    assert capsys.readouterr().err == "checking claims: 25 % done, about 30 s left; onemax-mean, onemax-law\n"


# ---- what is taken


IDS = ["rls-formulas", "needle-formula"]


@pytest.fixture
def decided(monkeypatch):
    """The paper has two cheap claims; what was decided is listed here."""
    import proofs_check.claims as every

    found = []
    chosen = [next(claim for claim in claims() if claim.id == name) for name in IDS]

    def noting(claim):
        def decide(setting):
            found.append(claim.id)
            return claim.decide(setting)

        return replace(claim, decide=decide)

    class Module:
        CLAIMS = tuple(map(noting, chosen))

    monkeypatch.setattr(every, "PAPERS_WITH_CLAIMS", (Module,))
    return found


def test_a_named_store_is_kept_and_taken_from_until_told_otherwise(decided, tmp_path):
    store = tmp_path / "kept.json"
    first = check(store=store)
    assert decided == IDS
    second = check(store=store)
    assert decided == IDS and second.to_dict() == first.to_dict()
    check(store=store, fresh=True)
    assert decided == 2 * IDS
    check(store=store, preset="full")
    assert decided == 3 * IDS


def test_a_finished_check_starts_anew_and_one_claim_alone_keeps_nothing(decided, tmp_path, monkeypatch):
    monkeypatch.setattr("proofs_check.checking._own_file", lambda: tmp_path / "check.json")
    for _ in range(2):
        check(resume=True)
    assert decided == 2 * IDS
    before = (tmp_path / "check.json").read_bytes()
    check(claim=IDS[0], resume=True)
    check()
    assert (tmp_path / "check.json").read_bytes() == before and len(decided) == 7


@pytest.mark.parametrize(
    "change", [{"preset": "full"}, {"seed": 2}, {"error": 2e-4}, {"effect": 0.2}, {"mutant": True}, "claim", "sources"]
)
def test_nothing_stale_is_taken(tmp_path, monkeypatch, change):
    claim = claims()[0]
    setting, outcome = claim.setting("quick"), Outcome("proved", "because", power=1.0)
    State(tmp_path / "x").keep(claim.id, setting, outcome, 1.0)
    assert State(tmp_path / "x").take(claim.id, setting) == (outcome, 1.0)
    name = claim.id
    if change == "claim":
        name = "another"
    elif change == "sources":
        monkeypatch.setattr(state, "digest", lambda places: "another")
    else:
        setting = replace(setting, **change)
    again = State(tmp_path / "x")
    assert again.take(name, setting) is None
    assert again.seconds(claim.id, "quick") == 1.0  # good for the time left, whatever has changed


def test_the_digest_is_that_of_the_sources(tmp_path, monkeypatch):
    (tmp_path / "theory").mkdir()
    (tmp_path / "sim").mkdir()
    file = tmp_path / "theory" / "a.py"
    file.write_text("1")
    monkeypatch.setattr(state, "__file__", str(tmp_path / "proofs_check" / "state.py"))
    uncached = state.digest.__wrapped__
    first = uncached(("theory", "sim"))
    assert uncached(("theory", "sim")) == first
    file.write_text("2")
    second = uncached(("theory", "sim"))
    file.rename(tmp_path / "sim" / "a.py")
    third = uncached(("theory", "sim"))
    (tmp_path / "sim" / "lemmas.toml").write_text("a = 1")
    assert len({first, second, third, uncached(("theory", "sim"))}) == 4


def test_a_claim_that_broke_off_is_not_kept(tmp_path):
    setting = claims()[0].setting("quick")
    State(tmp_path / "x").keep("a", setting, Outcome("failed", "no memory"), 1.0)
    assert State(tmp_path / "x").take("a", setting) is None


@pytest.mark.parametrize("content", ["", "my notes", "[1]", '{"a": 1}', '{"format": "another"}'])
def test_a_file_of_somebody_elses_is_refused_and_left_alone(tmp_path, content):
    file = tmp_path / "thesis.tex"
    file.write_text(content)
    with pytest.raises(InputError, match="store: .* holds no decided claims; name a new file"):
        check(claim="rls-formulas", store=file)
    assert file.read_text() == content
    assert State(file, own=False).take("a", claims()[0].setting("quick")) is None  # in the cache folder it is only damaged


def test_a_folder_that_is_not_there_is_named_in_one_line(tmp_path):
    with pytest.raises(InputError, match="store: can't write .*x.json: No such file or directory; name a file in a folder"):
        check(claim="rls-formulas", store=tmp_path / "no" / "x.json")
    State(tmp_path / "no" / "x.json", own=False).keep("a", claims()[0].setting("quick"), Outcome("proved", ""), 1.0)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True])
def test_workers_are_counted_from_one(workers):
    with pytest.raises(InputError, match="workers: .* must be a positive integer"):
        check(claim="rls-formulas", workers=workers)

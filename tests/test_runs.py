"""Runs: the table, the figures, and the file."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from sim.runs import Runs
from sim.runs_file import SCHEMA, check_writable
from theory import RLS, InputError, LeadingOnes, OneMax, OnePlusOneEA
from theory.files import write_whole

EA = OnePlusOneEA("c/n").on(OneMax())


def runs(censored=False, observed=False, values=None, **changes):
    times = np.array([3, 5, 4, 100, 9], dtype=np.int64)
    watched = {
        "targets": np.array([7.0, 8.5]),
        "hits": np.array([[0, 2], [1, -1], [2, 4], [-1, -1], [3, 9]]),
        "at": np.array([0, 50]),
        "potentials": {"k": np.array([[4, 0], [4, 0], [5, 0], [5, np.nan], [3, 0.5]]), "log": np.zeros((5, 2))},
    }
    fields = {
        "process": EA, "values": values or {"n": 10, "c": Fraction(1, 2)}, "seed": 2**63 - 1, "start": "uniform",
        "engine": "event", "budget": 100, "evaluations": times, "hit": times < 100 if censored else np.ones(5, bool),
        "seconds": 0.25, "observed": watched if observed else {},
    }  # fmt: skip
    return Runs(**{**fields, **changes})


def test_the_table_has_the_columns_of_the_contract():
    frame = runs(censored=True).to_pandas()
    names = "algorithm problem engine start seed replicate evaluations generations hit budget n c".split()
    assert list(frame.columns) == names
    assert str(frame["evaluations"].dtype) == "int64" and frame["seed"].iloc[0] == 2**63 - 1
    row = frame.iloc[3]
    assert (row["algorithm"], row["problem"], row["start"]) == ("OnePlusOneEA(rate=c/n)", "OneMax()", "uniform")
    assert (row["replicate"], row["evaluations"], row["generations"], row["hit"], row["budget"]) == (3, 100, 100, False, 100)
    assert (row["n"], row["c"]) == (10, 0.5)


def test_observed_columns_follow_with_what_was_not_reached_missing():
    frame = runs(observed=True).to_pandas()
    assert list(frame.columns)[12:] == ["evaluations_to_7", "evaluations_to_8.5", "k_at_0", "k_at_50", "log_at_0", "log_at_50"]
    assert frame["evaluations_to_8.5"].isna().tolist() == [False, True, False, True, False]
    assert frame["evaluations_to_8.5"].dropna().tolist() == [2, 4, 9]
    assert np.isnan(frame["k_at_50"].iloc[3]) and frame["k_at_50"].iloc[4] == 0.5


def test_the_summary_of_complete_runs():
    figures = runs().summary()
    assert figures["mean"] == 24.2 and figures["median"] == 5 and figures["censored"] == 0
    assert figures["std"] == pytest.approx(np.std([3, 5, 4, 100, 9], ddof=1))
    assert figures["ci95"][0] < 24.2 < figures["ci95"][1]
    assert figures["ert"] == figures["mean"] == figures["restricted_mean"]
    assert figures["ert_ci95"] == pytest.approx(figures["ci95"])
    json.dumps(figures)


def test_censored_runs_are_never_averaged():
    figures = runs(censored=True).summary()
    assert figures["mean"] is figures["std"] is figures["ci95"] is None
    assert figures["censored"] == 1 and figures["median"] == 5.0
    assert figures["ert"] == 121 / 4 and figures["restricted_mean"] == 24.2
    json.dumps(figures)


def test_without_any_hit_only_lower_limits_are_left():
    figures = runs(evaluations=np.full(5, 100), hit=np.zeros(5, bool)).summary()
    assert figures["median"] is figures["ert"] is None and figures["restricted_mean"] == 100
    assert figures["ert_ci95"][0] > 80 and figures["ert_ci95"][1] is None


def test_one_run_has_a_mean_and_no_limits():
    figures = runs(evaluations=np.array([7]), hit=np.array([True])).summary()
    assert figures["mean"] == 7 and figures["std"] is None and figures["ci95"] is None


@pytest.mark.parametrize("observed", [False, True])
def test_a_file_gives_back_the_runs(tmp_path, observed):
    one = runs(censored=True, observed=observed)
    one.save(tmp_path / "runs.parquet")
    two = Runs.load(tmp_path / "runs.parquet")
    assert two.process == str(one.process) and repr(two) == repr(one)
    for name in ("values", "seed", "start", "engine", "budget", "seconds"):
        assert getattr(two, name) == getattr(one, name)
    assert two.to_pandas().equals(one.to_pandas())
    assert two.summary() == one.summary()
    assert two.observed.keys() == one.observed.keys()
    if observed:
        assert (two.observed["hits"] == one.observed["hits"]).all() and two.observed["hits"].dtype == np.int64
    two.save(tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "runs.parquet").read_bytes()


@pytest.mark.parametrize("c", [0.1, 1, Fraction(1, 3), 2.5])
def test_a_file_keeps_values_exactly(tmp_path, c):
    runs(values={"n": 10, "c": c}, start=3).save(tmp_path / "a")
    loaded = Runs.load(tmp_path / "a")
    assert loaded.values == {"n": 10, "c": c} and type(loaded.values["c"]) is type(c)
    assert loaded.start == 3


def test_seconds_and_the_machine_stay_out_of_the_table(tmp_path):
    runs(seconds=1.0).save(tmp_path / "a")
    runs(seconds=2.0).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text())["seconds"] == 1.0
    (tmp_path / "a.json").unlink()
    assert Runs.load(tmp_path / "a").seconds is None


def test_nothing_is_left_behind_by_a_write_that_fails(tmp_path, monkeypatch):
    runs().save(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    calls = []

    def full(handle):
        calls.append(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("theory.files.os.fsync", full)
    with pytest.raises(InputError, match="out: .*a can't be written: No space left"):
        runs(seed=1).save(tmp_path / "a")
    assert calls and (tmp_path / "a").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "a.json"]


def test_a_path_that_cannot_be_written_is_refused_before_a_run(tmp_path):
    with pytest.raises(InputError, match="out: .*nowhere/a.parquet can't be written: there is no folder"):
        check_writable(tmp_path / "nowhere" / "a.parquet")
    with pytest.raises(InputError, match="is a folder; name a file"):
        check_writable(tmp_path)
    with pytest.raises(InputError, match="out: /dev/null can't be written: it is a device, not a file"):
        check_writable("/dev/null")
    with pytest.raises(OSError, match="it is a device"):
        write_whole(Path("/dev/null"), b"")
    with pytest.raises(InputError, match="out: /proc/a can't be written"):
        check_writable("/proc/a")
    assert check_writable(tmp_path / "a.parquet") == tmp_path / "a.parquet"
    assert not list(tmp_path.iterdir())


def test_files_of_others_are_refused(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(InputError, match="path: .*a is not a file"):
        Runs.load(path)
    path.write_text("seed,evaluations\n1,2\n")
    with pytest.raises(InputError, match="damaged or is not a Parquet file"):
        Runs.load(path)
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), path)
    with pytest.raises(InputError, match="was not written by Runs.save"):
        Runs.load(path)


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "a"
    runs().save(path)
    content = path.read_bytes()
    for size in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(InputError, match="path: "):
            Runs.load(path)


def test_a_file_of_a_later_schema_or_without_a_column_is_refused(tmp_path):
    path = tmp_path / "a"
    runs().save(path)
    table = pyarrow.parquet.read_table(path)
    data = json.loads(table.schema.metadata[b"driftproof"])
    pyarrow.parquet.write_table(table.drop_columns(["hit"]), path)
    with pytest.raises(InputError, match="lacks .*hit"):
        Runs.load(path)
    later = {b"driftproof": json.dumps({**data, "schema": 99}).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(later), path)
    with pytest.raises(InputError, match=f"has schema 99; this version reads {SCHEMA}"):
        Runs.load(path)


def test_runs_show_themselves_in_a_line():
    assert repr(runs(censored=True)) == (
        "Runs(OnePlusOneEA(rate=c/n) on OneMax(), n=10, c=1/2, 5 replicates, event, 1 censored at 100)"
    )
    assert "mean 24.2 [" in repr(runs())
    page = runs(process=RLS().on(LeadingOnes()))._repr_html_()
    assert page.startswith("<table>") and "RLS(flips=1) on LeadingOnes()" in page and "24.2" in page

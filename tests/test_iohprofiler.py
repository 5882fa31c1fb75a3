"""IOHprofiler's folders that we write: what they say to a plain parser, to IOHanalyzer, and to our own reader."""

from __future__ import annotations

import json

import numpy as np
import pytest
from iohprofiler_data import plain, record_with_ioh

from sim import from_iohprofiler, simulate
from sim.runs import Runs
from sim.statistics import ert
from theory import RLS, Chain, DynamicBinVal, InputError, Jump, LeadingOnes, Linear, OneMax, OnePlusOneEA
from theory.algorithms.mu_plus_one import MuPlusOneEA

EA = OnePlusOneEA("c/n").on(OneMax())
N = 20


@pytest.fixture(scope="module")
def runs():
    """Some of them are cut off."""
    return simulate(EA, n=N, c=1, replicates=40, seed=5, budget=120, observe={"targets": range(N + 1)}, threads=1)


def expected_runtime_of(blocks, target):
    """ERT as IOHanalyzer computes it: evaluations up to the target or to the last row, over the number of successes."""
    spent, successes = 0.0, 0
    for rows in blocks:
        reached = [evaluations for evaluations, value in rows if value >= target]
        spent += reached[0] if reached else rows[-1][0]
        successes += bool(reached)
    return spent / successes


def test_what_is_written_gives_the_same_ert_to_a_plain_parser(tmp_path, runs):
    runs.export_iohprofiler(tmp_path / "out")
    blocks = plain(tmp_path / "out" / "data_f1_OneMax" / f"IOHprofiler_f1_DIM{N}.dat")
    assert 0 < runs.censored < len(runs) == len(blocks)
    for target in (13, 18, N):
        hits = runs.observed["hits"][:, target]
        times = np.where(hits >= 0, hits, runs.evaluations)
        # the initial evaluation is one more in every run, also in those that were cut off
        assert expected_runtime_of(blocks, target) == pytest.approx(ert(times + 1, hits >= 0), rel=1e-12)


def aligned(blocks):
    """As IOHanalyzer aligns runs: evaluations without a record have the smallest value that the run recorded."""
    times = sorted({t for rows in blocks for t, _ in rows})
    table = np.array([[dict(rows).get(t, min(v for _, v in rows)) for t in times] for rows in blocks])
    return [[*zip(times, row)] for row in table.tolist()]


def test_the_first_row_is_what_ioh_analyzer_needs(tmp_path, runs):
    """Without it a run whose first record is the optimum would have found it in the first evaluation of all."""
    bare = simulate(EA, n=8, c=1, replicates=6, seed=2, threads=1)
    bare.export_iohprofiler(tmp_path / "bare")
    runs.export_iohprofiler(tmp_path / "out")
    for folder, ends, targets in (("bare", bare.evaluations, [8]), ("out", runs.evaluations, [13, 18, N])):
        blocks = plain(next((tmp_path / folder).rglob("*.dat")))
        for target in targets:
            hits = [next((t for t, v in rows if v >= target), None) for rows in blocks]
            assert hits == [next((t for t, v in rows if v >= target), None) for rows in aligned(blocks)]
        assert [rows[-1][0] for rows in blocks] == (ends + 1).tolist()
    spoilt = aligned([rows[1:] for rows in plain(next((tmp_path / "bare").rglob("*.dat")))])
    assert [next(t for t, v in rows if v >= 8) for rows in spoilt] == [bare.evaluations.min() + 1] * 6  # a planted bug


def test_reading_back_gives_the_same_runs(tmp_path, runs):
    runs.export_iohprofiler(tmp_path / "out")
    (read,) = from_iohprofiler(tmp_path / "out")
    assert read.process == str(EA) and read.values == runs.values
    for name in ("seed", "start", "engine", "budget"):
        assert getattr(read, name) == getattr(runs, name)
    for name in ("evaluations", "hit", "generations"):
        assert (getattr(read, name) == getattr(runs, name)).all()
    assert (read.observed["hits"] == runs.observed["hits"]).all()
    assert read.to_pandas().equals(runs.to_pandas())


def test_the_first_row_is_evaluation_one_and_the_last_row_the_last_evaluation(tmp_path, runs):
    runs.export_iohprofiler(tmp_path / "out")
    for i, rows in enumerate(plain(tmp_path / "out" / "data_f1_OneMax" / f"IOHprofiler_f1_DIM{N}.dat")):
        evaluations, values = zip(*rows)
        assert evaluations[0] == 1 and evaluations[-1] == runs.evaluations[i] + 1
        assert list(evaluations) == sorted(set(evaluations)) and list(values) == sorted(values)
        assert (values[-1] == N) == runs.hit[i]


def test_our_index_has_the_fields_of_the_real_logger(tmp_path, runs):
    runs.export_iohprofiler(tmp_path / "ours")
    record_with_ioh(tmp_path, "theirs", 1, N, budget=50, repeats=1)
    ours, theirs = (json.loads((tmp_path / name / "IOHprofiler_f1_OneMax.json").read_text()) for name in ("ours", "theirs"))
    assert set(theirs) <= set(ours) and ours["attributes"] == theirs["attributes"]
    (scenario,), (real,) = ours["scenarios"], theirs["scenarios"]
    assert scenario.keys() == real.keys() and scenario["path"] == real["path"]
    assert scenario["runs"][0].keys() == real["runs"][0].keys()
    assert scenario["runs"][0]["best"].keys() == real["runs"][0]["best"].keys()
    assert ours["algorithm"].keys() == theirs["algorithm"].keys() and ours["suite"] == "PBO"
    assert tuple(map(int, ours["version"].split("."))) >= (0, 3, 3)


def test_without_targets_only_the_ends_are_written(tmp_path):
    runs = simulate(EA, n=8, c=1, replicates=6, seed=2, budget=25, threads=1)
    runs.export_iohprofiler(tmp_path / "out")
    for rows, t, hit in zip(plain(next(tmp_path.rglob("*.dat"))), runs.evaluations, runs.hit):
        assert rows == [(1, 0), (t + 1, 8 if hit else 0)]
    (read,) = from_iohprofiler(tmp_path)
    assert (read.evaluations == runs.evaluations).all() and (read.hit == runs.hit).all() and read.observed == {}


def test_a_run_that_starts_at_the_optimum_has_one_row(tmp_path):
    runs = simulate(EA, n=5, c=1, replicates=2, seed=2, start=0)
    runs.export_iohprofiler(tmp_path / "out")
    assert plain(next(tmp_path.rglob("*.dat"))) == [[(1, 5)], [(1, 5)]]
    (read,) = from_iohprofiler(tmp_path)
    assert read.evaluations.tolist() == [0, 0] and read.hit.all() and read.start == 0


def test_the_names_that_ioh_analyzer_shows(tmp_path):
    cases = {
        "linear": (
            OnePlusOneEA("c/n").on(Linear(range(1, 5))),
            {"c": 1},
            {},
            (3, "Linear", "PBO", "OnePlusOneEA(rate=c/n), c=1"),
        ),
        "jump": (RLS(flips=2).on(Jump(gap=2)), {}, {"start": 2}, (None, "Jump(gap=2)", "driftproof", "RLS(flips=2), start=2")),
        "leading": (RLS().on(LeadingOnes()), {}, {}, (2, "LeadingOnes", "PBO", "RLS(flips=1)")),
    }
    for name, (process, values, options, wanted) in cases.items():
        simulate(process, n=4, replicates=2, seed=1, budget=100, **options, **values).export_iohprofiler(tmp_path / name)
        document = json.loads(next((tmp_path / name).glob("*.json")).read_text())
        identity = document["function_id"]
        assert (document["function_name"], document["suite"], document["algorithm"]["name"]) == wanted[1:]
        assert identity == wanted[0] or (wanted[0] is None and 100_000 <= identity < 1_000_000)
    assert len(from_iohprofiler(tmp_path)) == 3


class Population(RLS):
    """Stands for an algorithm with three starting points."""

    def uncounted(self, values):
        return 3


class Sampler(RLS):
    """Stands for an algorithm without a starting point."""

    def uncounted(self, values):
        return 0


@pytest.mark.parametrize(
    ("algorithm", "hits", "rows"),
    [
        (Population, [[0, 0], [0, 8]], [[(1, 0), (3, 4)], [(1, 0), (3, 2), (11, 4)]]),
        (RLS, [[0, 0], [0, 8]], [[(1, 4)], [(1, 2), (9, 4)]]),
        (Sampler, [[1, 1], [2, 8]], [[(1, 4)], [(1, 0), (2, 2), (8, 4)]]),
    ],
)
def test_all_evaluations_of_the_start_are_counted(tmp_path, algorithm, hits, rows):
    observed = {"targets": np.array([2.0, 4.0]), "hits": np.array(hits), "at": np.zeros(0, int), "potentials": {}}
    times = np.array(hits)[:, 1]
    runs = Runs(algorithm().on(OneMax()), {"n": 4}, 1, "uniform", "sparse", 100, times, np.ones(2, bool), 0.1, observed)
    runs.export_iohprofiler(tmp_path / "out")
    assert plain(next(tmp_path.rglob("*.dat"))) == rows
    (read,) = from_iohprofiler(tmp_path)
    assert (read.observed["hits"] == hits).all() and (read.evaluations == times).all()


def test_a_population_is_a_start_of_as_many_evaluations(tmp_path):
    process = MuPlusOneEA("n/2", "c/n").on(OneMax())
    runs = simulate(process, n=6, c=1, replicates=30, seed=1, budget=10**5, observe={"targets": range(7)}, threads=1)
    runs.export_iohprofiler(tmp_path / "out")
    blocks = plain(next(tmp_path.rglob("*.dat")))
    assert [rows[-1] for rows in blocks] == [(t + 3, 6) for t in runs.evaluations]
    assert all(rows[0] == (1, 0) and rows[1][0] == 3 for rows in blocks)
    (read,) = from_iohprofiler(tmp_path)
    assert (read.observed["hits"] == runs.observed["hits"]).all() and (read.evaluations == runs.evaluations).all()


def test_generations_go_along_where_they_are_not_the_evaluations(tmp_path):
    times = np.array([8, 12])
    runs = Runs(EA, {"n": 4, "c": 1}, 1, "uniform", "sparse", 100, times, np.ones(2, bool), 0.1, generations=times // 4)
    runs.export_iohprofiler(tmp_path / "out")
    assert json.loads(next(tmp_path.rglob("*.json")).read_text())["run_attributes"] == ["generations"]
    (read,) = from_iohprofiler(tmp_path)
    assert read.generations.tolist() == [2, 3] and read.evaluations.tolist() == [8, 12]


def test_runs_from_a_file_are_exported_too(tmp_path, runs):
    runs.save(tmp_path / "a")
    Runs.load(tmp_path / "a").export_iohprofiler(tmp_path / "b")
    runs.export_iohprofiler(tmp_path / "c")
    name = f"data_f1_OneMax/IOHprofiler_f1_DIM{N}.dat"
    assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "c" / name).read_bytes()


def test_what_cannot_be_written_is_refused_in_one_line(tmp_path, runs):
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "a").touch()
    with pytest.raises(InputError, match="folder: .*used must be new or empty"):
        runs.export_iohprofiler(tmp_path / "used")
    with pytest.raises(InputError, match="there is no folder .*nowhere"):
        runs.export_iohprofiler(tmp_path / "nowhere" / "out")
    with pytest.raises(InputError, match="can't be written"):
        runs.export_iohprofiler("/proc/out")
    fields = {"values": {"n": 4}, "seed": 1, "start": "uniform", "engine": "lumped", "budget": 9, "seconds": 0.1}
    times = {"evaluations": np.array([3]), "hit": np.array([True])}
    for process, what in (
        (RLS().on(DynamicBinVal()), "process: points have no fitness of their own"),
        ("Chain", "process: Chain is a chain"),
        ("OnePlusOneEA(rate=c/n) on Custom(mine)", "can't be made from its text"),
    ):
        with pytest.raises(InputError, match=what):
            Runs(process=process, **fields, **times).export_iohprofiler(tmp_path / "out")
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))
    assert Chain  # chains are refused by their type as by their text


def test_the_round_trip_would_notice_a_count_that_is_off_by_one(tmp_path, runs):
    """A planted bug: rows with T in place of T + 1 give another ERT to the plain parser."""
    runs.export_iohprofiler(tmp_path / "out")
    path = next(tmp_path.rglob("*.dat"))
    hits = runs.observed["hits"][:, 18]
    right = ert(np.where(hits >= 0, hits, runs.evaluations) + 1, hits >= 0)
    blocks = [[(max(t - 1, 1), v) for t, v in rows] for rows in plain(path)]
    assert expected_runtime_of(blocks, 18) != pytest.approx(right, rel=1e-12)

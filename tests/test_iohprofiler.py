"""IOHprofiler's folders: what we write is read back by a plain parser, what ``ioh`` writes is read as its run counted."""

from __future__ import annotations

import json
import random
import shutil

import ioh
import numpy as np
import pytest

from sim import from_iohprofiler, simulate
from sim.pbo import LARGEST
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


def plain(path):
    """Rows of each run in a .dat file, read without our reader."""
    blocks = []
    for line in path.read_text().splitlines():
        if line.startswith("evaluations"):
            blocks.append([])
        else:
            blocks[-1].append(tuple(float(word) for word in line.split()))
    return blocks


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


def record_with_ioh(root, name, function, n, budget, repeats, instance=1, seed=1, **logger):
    """Let ioh record a (1+1) EA; returns for each run T, whether it hit, and the first T of each value, as the run itself saw."""
    rng = random.Random(seed)
    problem = ioh.get_problem(function, instance, n, ioh.ProblemClass.PBO)
    writer = ioh.logger.Analyzer(root=root, folder_name=name, algorithm_name="my EA", **logger)
    problem.attach_logger(writer)
    records = []
    for _ in range(repeats):
        x = [rng.randrange(2) for _ in range(n)]
        v, offspring, first = problem(x), 0, {}
        first[problem.state.current.y] = 0
        best = v
        while offspring < budget and not problem.state.optimum_found:
            y = [bit ^ (rng.random() < 1 / n) for bit in x]
            offspring, w = offspring + 1, problem(y)
            if w > best:
                best, first[w] = w, offspring
            if w >= v:
                x, v = y, w
        assert problem.state.evaluations == offspring + 1  # ioh counts the initial evaluation
        records.append((offspring, problem.state.optimum_found, first))
        problem.reset()
    writer.close()
    return records


@pytest.mark.parametrize(("function", "n", "budget"), [(1, 12, 45), (2, 8, 45), (3, 10, 35)])
def test_what_ioh_writes_is_read_as_the_run_counted(tmp_path, function, n, budget):
    records = record_with_ioh(tmp_path, "data", function, n, budget, repeats=12)
    (read,) = from_iohprofiler(tmp_path / "data")
    assert 0 < read.censored < 12
    assert read.evaluations.tolist() == [t for t, _, _ in records]
    assert read.hit.tolist() == [bool(found) for _, found, _ in records]
    assert (read.values, read.budget, read.seed) == ({"n": n}, budget, None)
    targets = read.observed["targets"].tolist()
    assert set(targets) == {value for *_, first in records for value in first}
    for hits, (*_, first) in zip(read.observed["hits"], records):
        for hit, target in zip(hits, targets):
            assert hit == min((t for value, t in first.items() if value >= target), default=-1)


def test_a_logger_that_records_everything_is_read_alike(tmp_path):
    """Its values fall as well: they are those of the evaluated points, not the best so far."""
    usual = record_with_ioh(tmp_path, "improvements", 1, 12, 90, 8)
    logger = {"triggers": [ioh.logger.trigger.ALWAYS], "additional_properties": [ioh.logger.property.RAWYBEST]}
    always = record_with_ioh(tmp_path, "all", 1, 12, 90, 8, store_positions=True, **logger)
    assert usual == always
    (one,), (two,) = from_iohprofiler(tmp_path / "improvements"), from_iohprofiler(tmp_path / "all")
    assert any(np.diff([v for _, v, *_ in rows]).min() < 0 for rows in plain(next((tmp_path / "all").rglob("*.dat"))))
    assert (one.evaluations == two.evaluations).all() and (one.observed["hits"] == two.observed["hits"]).all()


def test_instances_share_the_values_of_the_function_and_can_be_chosen(tmp_path):
    """Instance 51 permutes the bits and rescales the values; recorded are the values before that."""
    problem = ioh.get_problem(1, 51, 6, ioh.ProblemClass.PBO)
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data", algorithm_name="two points")
    problem.attach_logger(writer)
    problem([0] * 6), problem([1] * 6)
    other = ioh.get_problem(1, 1, 6, ioh.ProblemClass.PBO)
    other.attach_logger(writer)
    other([1] * 6)
    writer.close()
    (read,) = from_iohprofiler(tmp_path / "data")
    assert read.evaluations.tolist() == [1, 0] and read.observed["targets"].tolist() == [0, 6]
    (read,) = from_iohprofiler(tmp_path / "data", instances=[1])
    assert read.evaluations.tolist() == [0]
    with pytest.raises(InputError, match=r"instances: there are no runs on instances \[2\]"):
        from_iohprofiler(tmp_path / "data", instances=[2])


def test_each_function_and_dimension_is_a_runs_of_its_own_with_the_folders_inside(tmp_path):
    record_with_ioh(tmp_path, "a", 1, 8, 30, 3)
    record_with_ioh(tmp_path, "b", 1, 9, 30, 4)
    record_with_ioh(tmp_path, "c", 2, 8, 30, 5)
    read = from_iohprofiler(tmp_path)
    assert {(r.process, r.values["n"], len(r)) for r in read} == {
        ("my EA on OneMax", 8, 3), ("my EA on OneMax", 9, 4), ("my EA on LeadingOnes", 8, 5),
    }  # fmt: skip


def test_one_logger_on_several_functions_is_read_whole(tmp_path):
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    for function, n in ((1, 5), (2, 5), (1, 6), (1, 5)):
        problem = ioh.get_problem(function, 1, n, ioh.ProblemClass.PBO)
        problem.attach_logger(writer)
        problem([0] * n), problem([1] * n)
        problem.detach_logger()
    writer.close()
    assert sorted((r.process, r.values["n"], len(r)) for r in from_iohprofiler(tmp_path)) == [
        ("algorithm_name on LeadingOnes", 5, 1), ("algorithm_name on OneMax", 5, 2), ("algorithm_name on OneMax", 6, 1),
    ]  # fmt: skip


def test_a_function_whose_index_the_logger_left_out_is_noticed(tmp_path):
    """As happens in ioh 0.4.2 where a problem is forgotten before the logger is taken off it."""
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    for function in (1, 2):
        problem = ioh.get_problem(function, 1, 5, ioh.ProblemClass.PBO)
        problem.attach_logger(writer)
        problem([0] * 5)
    writer.close()
    (tmp_path / "data" / "IOHprofiler_f2_LeadingOnes.json").unlink(missing_ok=True)
    with pytest.raises(InputError, match="data_f2_LeadingOnes/.* is named in no .json or .info file: .*taken off each problem"):
        from_iohprofiler(tmp_path)


@pytest.mark.parametrize("n", [8, 9, 10, 25])
def test_the_largest_values_are_those_that_ioh_says(n):
    seen = set()
    for identity in range(1, 20):
        problem = ioh.get_problem(identity, 1, n, ioh.ProblemClass.PBO)
        name = problem.meta_data.name
        if name in LARGEST:
            assert LARGEST[name](n) == problem.optimum.y
            seen.add(name)
    assert seen == set(LARGEST)


def test_an_unknown_optimum_is_asked_for(tmp_path):
    record_with_ioh(tmp_path, "data", 18, 8, 30, 3)
    with pytest.raises(InputError, match="optimum: the largest value of LABS isn't known"):
        from_iohprofiler(tmp_path)
    (read,) = from_iohprofiler(tmp_path, optimum=-1)
    assert read.hit.all() and (read.evaluations == 0).all()
    (read,) = from_iohprofiler(tmp_path, optimum=lambda name, n: {"LABS": 100 * n}[name])
    assert not read.hit.any() and read.budget == 30


FIRST = """suite = "PBO", funcId = 1, funcName = "OneMax", DIM = 4, maximization = "T", algId = "RLS, mine", algInfo = ""{more}
%
data_f1_OneMax/IOHprofiler_f1_DIM4.dat, 1:{one}|4{rate}, 1:9|3{rate}
"""
COLUMNS = '"function evaluation" "current f(x)" "best-so-far f(x)" "current af(x)+b" "best af(x)+b"{name}\n'


def first_version(folder, one=5, parameters=False, two_columns=False):
    """A folder of the first version, laid out as its description says."""
    head = COLUMNS.format(name=' "rate"' if parameters else "")
    lines = []
    for rows in (((1, 2, 2), (3, 3, 3), (5, 4, 4)), ((1, 3, 3), (9, 1, 3))):
        lines.append('"function evaluation" "best-so-far f(x)"\n' if two_columns else head)
        for t, v, best in rows:
            if two_columns:
                lines.append(f"{t}  +{best:.5e}\n")
            else:
                lines.append(f"{t} {v} {best} {2 * v + 1} {2 * best + 1}{' None' if parameters else ''}\n")
    data = folder / "data_f1_OneMax"
    data.mkdir(parents=True)
    (data / "IOHprofiler_f1_DIM4.dat").write_text("".join(lines))
    more, rate = (', dynamicAttribute = "rate"', ";0.5") if parameters else ("", "")
    (folder / "IOHprofiler_f1_OneMax.info").write_text(FIRST.format(one=one, more=more, rate=rate))


@pytest.mark.parametrize("form", [{}, {"parameters": True}, {"two_columns": True}])
def test_the_first_version_is_read(tmp_path, form):
    first_version(tmp_path / "data", **form)
    (read,) = from_iohprofiler(tmp_path / "data")
    assert read.process == "RLS, mine on OneMax" and read.values == {"n": 4} and read.budget == 8
    assert read.evaluations.tolist() == [4, 8] and read.hit.tolist() == [True, False]
    assert read.observed["targets"].tolist() == [2, 3, 4] and read.observed["hits"].tolist() == [[0, 2, 4], [0, 0, -1]]


def test_the_first_version_may_tell_the_last_evaluation_in_its_index_only(tmp_path):
    first_version(tmp_path, one=50)
    (read,) = from_iohprofiler(tmp_path, optimum=5)
    assert read.evaluations.tolist() == [49, 8] and not read.hit.any() and read.budget is None


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


def test_runs_of_others_can_be_saved(tmp_path):
    record_with_ioh(tmp_path, "data", 1, 8, 30, 3)
    (read,) = from_iohprofiler(tmp_path)
    read.save(tmp_path / "a.parquet")
    loaded = Runs.load(tmp_path / "a.parquet")
    assert loaded.seed is None and (loaded.evaluations == read.evaluations).all()
    assert loaded.to_pandas()["seed"].tolist() == [-1] * 3 and loaded.summary()["replicates"] == 3


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


def spoil(path, change):
    path.write_text(change(path.read_text()))


BAD = {
    "the index is cut": ("json", lambda text: text[: len(text) // 2], "IOHprofiler_f1_OneMax.json is truncated or damaged"),
    "the data are cut in a row": ("dat", lambda text: text[: text.rindex(" ")], "has 1 of 2 columns; the file is truncated"),
    "the data are cut between rows": (
        "dat", lambda text: text[: text.rstrip().rindex("\n") + 1], "is truncated or mixed up: run 3 should end with",
    ),
    "a run is missing": ("dat", lambda text: text[: text.rindex("evaluations")], "has 2 runs, but .*OneMax.json names 3"),
    "a run too many": ("dat", lambda text: text + "evaluations raw_y\n1 2.0\n", "names 3: was the logger closed"),
    "a column is missing": ("dat", lambda text: text.replace("raw_y", "rawy"), "has no column raw_y; did you mean rawy"),
    "no header": ("dat", lambda text: "1 2\n" + text, "must begin with a line of column names"),
    "not a number": ("dat", lambda text: text.replace("\n1 ", "\n1 x", 1), "line 2: 'x.*' is not a fitness"),
    "evaluations fall": ("dat", lambda text: text.replace("\n1 ", "\n99 ", 1), "evaluations must grow from 1 in the run at"),
    "another index": ("json", lambda text: "{}", "is not an index of IOHprofiler: it lacks 'maximization'"),
    "a list": ("json", lambda text: "[]", "is not an index of IOHprofiler"),
    "minimised": ("json", lambda text: text.replace('"maximization": true', '"maximization": false'), "minimises OneMax"),
    "values of another function": (
        "json", lambda text: text.replace('"y": ', '"y": 1'), "is truncated or mixed up: run 1 should end with",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_damaged_folders_are_refused_in_one_line(tmp_path, case):
    record_with_ioh(tmp_path, "data", 1, 10, 30, 3)
    which, change, what = BAD[case]
    spoil(next(tmp_path.rglob(f"*.{which}")), change)
    with pytest.raises(InputError, match=what) as caught:
        from_iohprofiler(tmp_path)
    assert "\n" not in str(caught.value)


def test_data_without_an_index_or_an_index_without_data_is_refused(tmp_path):
    record_with_ioh(tmp_path, "data", 1, 10, 30, 3)
    record_with_ioh(tmp_path, "more", 2, 10, 30, 3)
    index, data = next((tmp_path / "more").glob("*.json")), next((tmp_path / "more").rglob("*.dat"))
    index.rename(tmp_path / "kept")
    with pytest.raises(InputError, match="IOHprofiler_f2_DIM10.dat is named in no .json or .info file: was the logger closed"):
        from_iohprofiler(tmp_path)
    (tmp_path / "kept").rename(index)
    shutil.copy(index, index.with_name("IOHprofiler_again.json"))
    with pytest.raises(InputError, match="IOHprofiler_f2_DIM10.dat is named twice"):
        from_iohprofiler(tmp_path)
    index.with_name("IOHprofiler_again.json").unlink()
    data.unlink()
    with pytest.raises(InputError, match=r"IOHprofiler_f2_DIM10.dat, which IOHprofiler_f2_LeadingOnes.json names, is missing"):
        from_iohprofiler(tmp_path)


def test_a_logger_that_was_not_closed_is_noticed(tmp_path):
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    problem = ioh.get_problem(1, 1, 5, ioh.ProblemClass.PBO)
    problem.attach_logger(writer)
    problem([0] * 5)
    problem.reset()
    problem([1] * 5)
    with pytest.raises(InputError, match="has 2 runs, but IOHprofiler_f1_OneMax.json names 1: was the logger closed"):
        from_iohprofiler(tmp_path)
    writer.close()
    assert len(from_iohprofiler(tmp_path)[0]) == 2


def test_folders_that_are_no_data_are_refused(tmp_path, runs):
    with pytest.raises(InputError, match="folder: .*nowhere is not a folder"):
        from_iohprofiler(tmp_path / "nowhere")
    with pytest.raises(InputError, match="has no IOHprofiler_.*name the folder of a logger"):
        from_iohprofiler(tmp_path)
    runs.export_iohprofiler(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    with pytest.raises(InputError, match="hold the same runs"):
        from_iohprofiler(tmp_path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text.replace("DIM = ", "dim = "), "lacks DIM"),
        (lambda text: text.replace("1:9|3", "1:9"), "'1:9' must be instance:evaluations|best value"),
        (lambda text: text.replace("1:9|3", "1:9|4"), "run 2 should end with 9 evaluations and the value 4"),
        (lambda text: text.split("%")[0], "is truncated: it has 1 lines"),
        (lambda text: text.replace('"T"', '"F"'), "minimises f1"),
    ],
)
def test_damaged_indices_of_the_first_version_are_refused(tmp_path, change, what):
    first_version(tmp_path / "data")
    spoil(tmp_path / "data" / "IOHprofiler_f1_OneMax.info", change)
    with pytest.raises(InputError, match=what.replace("|", r"\|")):
        from_iohprofiler(tmp_path)


def test_the_round_trip_would_notice_a_count_that_is_off_by_one(tmp_path, runs):
    """A planted bug: rows with T in place of T + 1 give another ERT to the plain parser."""
    runs.export_iohprofiler(tmp_path / "out")
    path = next(tmp_path.rglob("*.dat"))
    hits = runs.observed["hits"][:, 18]
    right = ert(np.where(hits >= 0, hits, runs.evaluations) + 1, hits >= 0)
    blocks = [[(max(t - 1, 1), v) for t, v in rows] for rows in plain(path)]
    assert expected_runtime_of(blocks, 18) != pytest.approx(right, rel=1e-12)
